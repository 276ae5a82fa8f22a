package eval

import (
	"cmp"
	"slices"

	"detour/alert"
	"detour/internal/scenario"
	"detour/processor"
	"detour/route"
)

// Told is one alert over its life.
type Told struct {
	First, Last *alert.Alert // its first and latest message
	Messages    int
	Reopened    int
	// Of the case's bad updates, those up to the opening: distinct prefixes and
	// updates, and the moment of the last one, which decided.
	BadPrefixes, BadUpdates int
	Decided                 route.Time
}

// Incident reports whether it speaks of an event, not of one watched prefix.
func (t *Told) Incident() bool { return t.First.Scope == alert.ScopeIncident }

// Outcome is what was said in one run.
type Outcome struct {
	Case     *scenario.Case
	FirstBad route.Time
	Told     []*Told // by first message
	Before   int     // incidents that opened before the case began
	// Counters at the end; after priming; before the first bad update and
	// behind the last.
	Line, Primed, Quiet, Bad processor.LineStats
}

// badElement is what a tally keeps of a bad element.
type badElement struct {
	At     route.Time
	Prefix route.Prefix
}

// tally gathers the messages of a run.
type tally struct {
	begin    route.Time
	elements []badElement
	byID     map[string]*Told
	all      []*Told
}

func newTally(begin route.Time) tally { return tally{begin: begin, byID: map[string]*Told{}} }

func (t *tally) bad(elements []scenario.Element) {
	for _, e := range elements {
		if e.Bad {
			t.elements = append(t.elements, badElement{e.At, e.Prefix})
		}
	}
}

// take notes a message and reports whether it opens an incident of the case.
func (t *tally) take(a *alert.Alert) bool {
	told := t.byID[a.ID]
	if told == nil {
		told = &Told{First: a}
		t.byID[a.ID] = told
		t.all = append(t.all, told)
	} else if told.Last.Status == alert.StatusResolved && a.Status == alert.StatusFiring {
		told.Reopened++
	}
	told.Last = a
	told.Messages++
	return told.Messages == 1 && told.Incident() && a.Opened >= t.begin
}

func (t *tally) outcome(c *scenario.Case) *Outcome {
	o := &Outcome{Case: c}
	if len(t.elements) > 0 {
		o.FirstBad = t.elements[0].At
	}
	for _, told := range t.all {
		if told.First.Opened < t.begin {
			if told.Incident() {
				o.Before++
			}
			continue
		}
		o.Told = append(o.Told, told)
	}
	t.measure(o.Told)
	return o
}

// measure counts what had been bad when each alert opened. There can be as many
// alerts as prefixes, so it looks at everything once.
func (t *tally) measure(list []*Told) {
	order := slices.Clone(list)
	slices.SortStableFunc(order, func(a, b *Told) int { return cmp.Compare(a.First.Opened, b.First.Opened) })
	prefixes := map[route.Prefix]struct{}{}
	n := 0
	for _, told := range order {
		for ; n < len(t.elements) && t.elements[n].At <= told.First.Opened; n++ {
			prefixes[t.elements[n].Prefix] = struct{}{}
		}
		told.BadUpdates, told.BadPrefixes = n, len(prefixes)
		if n > 0 {
			told.Decided = t.elements[n-1].At
		}
	}
}
