package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"detour/alert"
	"detour/bench/chaos/traffic"
	"detour/route"
)

// outcome is what was told in one run.
type outcome struct {
	messages  int
	incidents tally
	prefixes  tally
	status    map[string]string // by the key of an incident or prefix alert: how each of its alerts ended
	coverage  map[string]int    // messages by what they say of coverage
	leaks     []*alert.Alert    // last word on each leak

	doubled []string // ids and revisions that came twice
	skipped []string // ids of which a revision is missing
	unheard int      // messages that are stored and never reached the recorder

	delays  []delay // of the labelled events that were told, by when they were due
	missing []int   // labelled events that were not
}

// tally counts alerts by what they are about.
type tally map[string]int

// delay is how long after it was due an event was told.
type delay struct {
	event int
	took  time.Duration
}

// judge makes an outcome of all messages; begin is when the traffic began.
func judge(list []message, t *traffic.Traffic, begin time.Time) *outcome {
	o := &outcome{
		messages: len(list), incidents: tally{}, prefixes: tally{}, status: map[string]string{}, coverage: map[string]int{},
	}
	last := map[string]*alert.Alert{}
	var order []string
	for i := range list {
		a := list[i].alert
		if list[i].arrived.IsZero() {
			o.unheard++
		}
		o.coverage[coverageOf(a)]++
		before := last[a.ID]
		switch {
		case before == nil && a.Revision != 1, before != nil && a.Revision > before.Revision+1:
			o.skipped = append(o.skipped, fmt.Sprintf("%s before revision %d", a.ID, a.Revision))
		case before != nil && a.Revision <= before.Revision:
			o.doubled = append(o.doubled, fmt.Sprintf("%s revision %d", a.ID, a.Revision))
		}
		if before == nil {
			order = append(order, a.ID)
		}
		last[a.ID] = a
	}
	for _, id := range order {
		o.add(last[id])
	}
	o.events(list, t, begin)
	return o
}

func (o *outcome) add(a *alert.Alert) {
	key, counts := keyOf(a), o.prefixes
	if a.Scope == alert.ScopeIncident {
		counts = o.incidents
		if a.Kind == alert.KindLeak {
			o.leaks = append(o.leaks, a)
		}
	}
	counts[key]++
	o.status[key] = strings.TrimSpace(o.status[key] + " " + string(a.Status))
}

// keyOf is what an alert is about: of an incident kind, suspect and segment, of a
// prefix alert kind and prefix.
func keyOf(a *alert.Alert) string {
	if a.Scope != alert.ScopeIncident {
		return fmt.Sprintf("%s %v", a.Kind, a.Prefix)
	}
	key := fmt.Sprintf("%s AS%v", a.Kind, a.Suspect)
	if a.Segment != nil {
		key += fmt.Sprintf(" (%v %v %v)", a.Segment.ExportedTo, a.Segment.Leaker, a.Segment.LearnedFrom)
	}
	return key
}

func coverageOf(a *alert.Alert) string {
	return strings.TrimSpace(string(a.Coverage.State) + " " + strings.Join(a.Coverage.Reasons, "; "))
}

// events finds when each labelled event was told.
func (o *outcome) events(list []message, t *traffic.Traffic, begin time.Time) {
	first := map[route.ASN]time.Time{}
	for i := range list {
		a, at := list[i].alert, list[i].arrived
		if a.Scope == alert.ScopeIncident && !at.IsZero() && (first[a.Suspect].IsZero() || at.Before(first[a.Suspect])) {
			first[a.Suspect] = at
		}
	}
	for i, e := range t.Events {
		at, ok := first[e.Hijacker]
		if !ok {
			o.missing = append(o.missing, i)
			continue
		}
		o.delays = append(o.delays, delay{i, at.Sub(begin.Add(e.Due))})
	}
}

// silence returns the longest time in which nothing came of the events that were
// due from a time on and before another, beyond the time between two of them.
func (o *outcome) silence(t *traffic.Traffic, from, until time.Duration) (longest time.Duration) {
	var came []time.Duration // after the start
	for _, d := range o.delays {
		if due := t.Events[d.event].Due; due >= from && due < until {
			came = append(came, due+d.took)
		}
	}
	slices.Sort(came)
	for i := 1; i < len(came); i++ {
		longest = max(longest, came[i]-came[i-1]-t.Shape.Every)
	}
	return longest
}

// pause returns the longest delay of an event that was due from a time on and
// before another, and the usual one of all.
func (o *outcome) pause(t *traffic.Traffic, from, until time.Duration) (longest, usual time.Duration) {
	var all []time.Duration
	for _, d := range o.delays {
		all = append(all, d.took)
		if due := t.Events[d.event].Due; due >= from && due < until {
			longest = max(longest, d.took)
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return longest, all[len(all)/2]
}

// lost returns what another outcome holds more often than this one.
func (t tally) lost(reference tally) (list []string) {
	for _, key := range slices.Sorted(maps.Keys(reference)) {
		for range reference[key] - t[key] {
			list = append(list, key)
		}
	}
	return list
}

// reference returns what an undisturbed run must hold and this one does not.
func (o *outcome) reference(t *traffic.Traffic) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if n := len(o.missing); n > 0 {
		say("%d of %d labelled events were not told, first %d", n, len(t.Events), o.missing[0])
	}
	if !o.toldOfLeak() {
		say("the leak of AS%v was not told", traffic.Segment().Leaker)
	}
	if len(o.doubled) > 0 || len(o.skipped) > 0 || o.unheard > 0 {
		say("%d alerts twice, %d revisions skipped, %d unheard", len(o.doubled), len(o.skipped), o.unheard)
	}
	return problems
}

// toldOfLeak reports whether the leak was told with its leaker and segment.
func (o *outcome) toldOfLeak() bool {
	return slices.ContainsFunc(o.leaks, func(a *alert.Alert) bool {
		return a.Segment != nil && *a.Segment == traffic.Segment()
	})
}
