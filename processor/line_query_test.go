package processor

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
)

// asked is what a Line tells of one prefix.
type asked struct {
	Changes []string
	View    string
	Known   bool
	Alerts  int
}

func (a *asked) trace(l *Line, p route.Prefix) {
	l.Trace(p, func(c *RouteChange) { a.Changes = append(a.Changes, fmt.Sprintf("%+v", *c)) })
}

func (a *asked) ask(l *Line, p route.Prefix) {
	v, ok := l.Query(p)
	if a.Known = ok; ok {
		a.View = fmt.Sprintf("%+v", *v.View)
		for _, r := range v.Routes {
			a.View += fmt.Sprintf("\n%s %v %v %t", r.Session.Addr, r.Path, r.New, r.Up)
		}
	}
}

// byAdding feeds a log by Add.
func byAdding(t *testing.T, shards int, p route.Prefix, updates []route.Update, until route.Time) (a asked) {
	cfg := LineConfig{Shards: shards, Correlate: correlate.Config{Maturity: correlate.MatureYes}}
	l, err := NewLine(cfg, func(*alert.Alert) { a.Alerts++ })
	if err != nil {
		t.Fatal(err)
	}
	a.trace(l, p)
	if until != 0 {
		l.Until(until)
	}
	for i := range updates {
		var s *route.Session
		if updates[i].Peer != route.AllPeers {
			s = &sessions[updates[i].Peer]
		}
		if err := l.Add(t.Context(), &updates[i], s); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.ask(l, p)
	return a
}

// TestALineReadsALogAsItTakesUpdates holds Frame and EndShard against Add and
// End: same changes, same state, same number of alerts.
func TestALineReadsALogAsItTakesUpdates(t *testing.T) {
	changes := 0
	rapid.Check(t, func(rt *rapid.T) {
		updates := drawUpdates(rt)
		shards := rapid.SampledFrom([]int{1, 4}).Draw(rt, "shards")
		p := route.MustPrefix(rapid.SampledFrom(testPrefixes).Draw(rt, "prefix"))
		want := byAdding(t, shards, p, updates, 0)

		var got asked
		cfg := LineConfig{
			Shards: shards, RangeFrames: rapid.IntRange(1, 4).Draw(rt, "frames a range"),
			Correlate: correlate.Config{Maturity: correlate.MatureYes},
		}
		l, err := NewLine(cfg, func(*alert.Alert) { got.Alerts++ })
		if err != nil {
			rt.Fatal(err)
		}
		got.trace(l, p)
		cut := rapid.Bool()
		for n, log := range split("replay", updates, shards, func() bool { return cut.Draw(rt, "cut") }) {
			first := rapid.Uint64Range(1, 100).Draw(rt, "first sequence")
			for i, data := range log.frames {
				if err := l.Frame(t.Context(), n, first+uint64(i), 0, 0, data); err != nil {
					rt.Fatal(err)
				}
			}
			if err := l.EndShard(n); err != nil {
				rt.Fatal(err)
			}
		}
		got.ask(l, p)
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("(-added +read):\n%s", d)
		}
		changes += len(got.Changes)
		if s := l.Stats(); s.Correlate.Pending != 0 {
			rt.Fatalf("%d records were not judged", s.Correlate.Pending)
		}
	})
	if changes == 0 {
		t.Error("no log changed the prefix: nothing was compared")
	}
}

// TestUntilIsAShorterLog holds that what comes later changes nothing.
func TestUntilIsAShorterLog(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		updates := drawUpdates(rt)
		at := updates[rapid.IntRange(0, len(updates)-1).Draw(rt, "until")].Engine
		shorter := slices.Clone(updates)
		shorter = slices.DeleteFunc(shorter, func(u route.Update) bool { return u.Engine > at })
		p := route.MustPrefix(rapid.SampledFrom(testPrefixes).Draw(rt, "prefix"))
		if d := cmp.Diff(byAdding(t, 1, p, shorter, 0), byAdding(t, 1, p, updates, at)); d != "" {
			rt.Fatalf("(-shorter +until):\n%s", d)
		}
	})
}

// TestTheLastChangeIsTheState holds that the changes that are traced lead to the
// routes that Query shows.
func TestTheLastChangeIsTheState(t *testing.T) {
	routes := 0
	rapid.Check(t, func(rt *rapid.T) {
		updates := drawUpdates(rt)
		p := route.MustPrefix(rapid.SampledFrom(testPrefixes).Draw(rt, "prefix"))
		l, err := NewLine(LineConfig{}, func(*alert.Alert) {})
		if err != nil {
			rt.Fatal(err)
		}
		now := map[route.Peer][]route.ASN{}
		l.Trace(p, func(c *RouteChange) {
			if c.Kind == ChangeExtra {
				return
			}
			delete(now, c.Peer)
			if c.After != nil {
				now[c.Peer] = c.After
			}
		})
		for i := range updates {
			var s *route.Session
			if updates[i].Peer != route.AllPeers {
				s = &sessions[updates[i].Peer]
			}
			if err := l.Add(t.Context(), &updates[i], s); err != nil {
				rt.Fatal(err)
			}
		}
		if err := l.End(t.Context()); err != nil {
			rt.Fatal(err)
		}
		want := map[route.Peer][]route.ASN{}
		if v, ok := l.Query(p); ok {
			for _, r := range v.Routes {
				if r.Up {
					want[r.Session.Peer] = r.Path
				}
			}
		}
		routes += len(want)
		if d := cmp.Diff(fmt.Sprint(want), fmt.Sprint(now)); d != "" {
			rt.Fatalf("routes (-state +changes):\n%s", d)
		}
	})
	if routes == 0 {
		t.Error("no log left a route: nothing was compared")
	}
}
