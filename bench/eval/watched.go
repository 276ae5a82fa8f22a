package eval

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"

	"detour/ingest/replay"
	"detour/processor/reference"
	"detour/route"
)

// watchedPart counts alerts of watched prefixes on quiet days: every prefix of a
// recording is watched, and the rate is scaled to what a user would watch.
func watchedPart() part {
	return part{name: "watched", title: "Alerts of watched prefixes on quiet days", run: (*suite).watched}
}

// A user watches so many prefixes of so many that there are.
const (
	userPrefixes = 500
	allPrefixes  = 1.2e6
)

func (s *suite) watched(ctx context.Context) (*Part, error) {
	var runs []quietRun
	for _, rec := range quietRecordings() {
		if !s.has(rec.file) || rec.table != "" && !s.has(rec.table) || rec.file == tableTransfer {
			continue
		}
		if s.Short && len(runs) == 3 {
			break
		}
		runs = append(runs, quietRun{rec, variant{"primed, mature yes", true, true}, 0})
	}
	if len(runs) == 0 {
		return nil, leftOut("corpus absent")
	}
	figures, err := each(ctx, len(runs), func(ctx context.Context, i int) (*quietFigures, error) {
		watch, err := s.watchAll(ctx, runs[i].recordingSpec)
		if err != nil {
			return nil, err
		}
		return s.quietRun(ctx, runs[i], watch)
	})
	if err != nil {
		return nil, err
	}
	p := &Part{Notes: []string{fmt.Sprintf("Primed, mature, every prefix of the recording watched; per day: for %d of "+
		"%.1f M prefixes. 30 minutes pass before the same prefix is told of again.", userPrefixes, allPrefixes/1e6)}}
	total, hours := 0, 0.0
	for i, f := range figures {
		span := float64(f.span) / float64(route.Hour)
		if f.announced == 0 || span == 0 {
			continue
		}
		kinds := map[string]int{}
		for _, t := range f.others {
			kinds[string(t.First.Kind)]++
		}
		total += len(f.others)
		hours += span
		p.Rows = append(p.Rows, watchedRow(path.Base(runs[i].file), len(f.others), span, counts(kinds)))
	}
	p.Rows = append(p.Rows, watchedRow("all", total, hours, ""))
	return p, nil
}

func watchedRow(key string, alerts int, hours float64, kinds string) Row {
	perDay := float64(alerts) * userPrefixes / allPrefixes * 24 / hours
	return Row{Key: key, Values: []Value{
		{Name: "hours", V: hours},
		{Name: "alerts", V: float64(alerts), Better: Less},
		{Name: "a day for 500", V: perDay, Better: Less},
		{Name: "kinds", Text: kinds},
	}}
}

// watchAll watches every prefix of a recording.
func (s *suite) watchAll(ctx context.Context, rec recordingSpec) (*reference.Watch, error) {
	bg, err := Load(ctx, "watched", replay.Config{Files: []string{s.file(rec.file)}})
	if err != nil {
		return nil, err
	}
	known := map[route.Prefix]struct{}{}
	for i := range bg.Updates {
		if p := bg.Updates[i].Prefix; p.Family != 0 {
			known[p] = struct{}{}
		}
	}
	var list []Watched
	for _, p := range slices.SortedFunc(maps.Keys(known), func(a, b route.Prefix) int {
		if a.Less(b) {
			return -1
		}
		return 1
	}) {
		list = append(list, Watched{Prefix: p})
	}
	return WatchOf(list)
}
