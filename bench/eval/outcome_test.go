package eval

import (
	"testing"

	"detour/alert"
	"detour/internal/scenario"
	"detour/route"
)

func TestAnAlertIsMeasuredByWhatWasBadWhenItOpened(t *testing.T) {
	tally := newTally(10)
	p, q := route.MustPrefix("192.0.2.0/24"), route.MustPrefix("198.51.100.0/24")
	tally.bad([]scenario.Element{
		{At: 20, Prefix: p, Bad: true}, {At: 30, Prefix: p, Bad: true}, {At: 35, Prefix: q}, {At: 40, Prefix: q, Bad: true},
	})
	for i, opened := range []route.Time{50, 30, 15, 5} {
		a := &alert.Alert{ID: string(rune('a' + i)), Scope: alert.ScopeIncident, Opened: opened}
		tally.take(a)
	}
	o := tally.outcome(&scenario.Case{})
	if o.FirstBad != 20 || o.Before != 1 || len(o.Told) != 3 {
		t.Fatalf("%+v", o)
	}
	for i, want := range []Told{
		{BadPrefixes: 2, BadUpdates: 3, Decided: 40}, {BadPrefixes: 1, BadUpdates: 2, Decided: 30}, {},
	} {
		got := o.Told[i]
		if got.BadPrefixes != want.BadPrefixes || got.BadUpdates != want.BadUpdates || got.Decided != want.Decided {
			t.Errorf("opened at %d: %d prefixes, %d updates, decided at %d; want %+v", got.First.Opened, got.BadPrefixes,
				got.BadUpdates, got.Decided, want)
		}
	}
}
