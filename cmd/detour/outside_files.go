package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
)

// loadVRPs reads the files of --vrps, ordered by the time from which they hold.
func loadVRPs(values []string) ([]correlate.VRPs, error) {
	var list []correlate.VRPs
	var errs []error
	for _, value := range values {
		from, path, err := splitVRPs(value)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if i := slices.IndexFunc(list, func(v correlate.VRPs) bool { return v.From == from }); i >= 0 {
			errs = append(errs, usagef("--vrps %s: another file holds from the same time on: "+
				"write TIME=FILE, such as 2024-01-03T10:00:00Z=%s", value, path))
			continue
		}
		set, err := reference.OpenVRPs(path)
		if err != nil {
			errs = append(errs, inFlag("vrps", err))
			continue
		}
		list = append(list, correlate.VRPs{From: from, Set: set})
	}
	slices.SortFunc(list, func(a, b correlate.VRPs) int { return int(min(max(a.From-b.From, -1), 1)) })
	return list, errors.Join(errs...)
}

// splitVRPs parts [TIME=]FILE. What stands before the first "=" is a time if it
// looks like one, so that a file may have "=" in its name.
func splitVRPs(value string) (from route.Time, path string, err error) {
	before, after, found := strings.Cut(value, "=")
	if !found || len(before) < len("2006-01-02") || strings.Trim(before[:4], "0123456789") != "" || before[4] != '-' {
		return 0, value, nil
	}
	t, err := time.Parse(time.RFC3339, before)
	if err != nil {
		return 0, "", usagef("--vrps %s: %q is no time: write it as 2024-01-03T10:00:00Z (RFC 3339)", value, before)
	}
	if route.TimeOf(t) <= 0 {
		return 0, "", usagef("--vrps %s: the time must be after 1970; without one the file holds from the start", value)
	}
	if after == "" {
		return 0, "", usagef("--vrps %s: no file after the time", value)
	}
	return route.TimeOf(t), after, nil
}

var listKinds = [...]reference.ListKind{reference.Beacons, reference.Scrubbers, reference.Tier1s}

func listNames() []string {
	var names []string
	for _, k := range listKinds {
		names = append(names, k.String())
	}
	return names
}

// loadLists returns the shipped lists with those of --list in their places.
func loadLists(values []string) (*reference.Lists, error) {
	lists := reference.DefaultLists()
	var errs []error
	for _, value := range values {
		name, path, found := strings.Cut(value, "=")
		i := slices.Index(listNames(), strings.TrimSuffix(name, "s")+"s")
		if !found || i < 0 || path == "" {
			errs = append(errs, usagef("--list %s: write KIND=FILE with KIND one of %s", value,
				strings.Join(listNames(), ", ")))
			continue
		}
		list, err := reference.OpenList(listKinds[i], path)
		if err != nil {
			errs = append(errs, inFlag("list", err))
			continue
		}
		lists = lists.With(list)
	}
	return lists, errors.Join(errs...)
}
