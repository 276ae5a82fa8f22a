package correlate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/processor/reference"
	"detour/route"
)

// originOf returns the origin of the i-th of n prefixes of m networks.
func originOf(i, m int) route.ASN { return route.ASN(40001 + i%m) }

// victims gives each of n prefixes of m networks a route at every peer, through
// the ASes that the texts name, and returns them.
func (w *world) victims(n, m int, through ...string) []route.Prefix {
	w.Helper()
	list := nets(0, n)
	for i, p := range list {
		for j, peer := range w.order {
			w.table(fmt.Sprintf("%d %s %d", peer, through[j%len(through)], originOf(i, m)), p)
		}
	}
	return list
}

// leaks lets a path, its origin left open, carry the i-th of prefixes of m
// networks.
func (w *world) leaks(text string, m int, prefixes []route.Prefix) {
	w.Helper()
	for i, p := range prefixes {
		w.says(fmt.Sprintf("%s %d", text, originOf(i, m)), p)
	}
}

func mature() Config { return Config{Maturity: MatureYes} }

// relations reads relationships, one "provider>customer" or "peer-peer" each.
func relations(t testing.TB, links ...string) *reference.Relationships {
	var text strings.Builder
	for _, l := range links {
		if up, down, ok := strings.Cut(l, ">"); ok {
			fmt.Fprintf(&text, "%s|%s|-1\n", up, down)
		} else {
			a, b, _ := strings.Cut(l, "-")
			fmt.Fprintf(&text, "%s|%s|0\n", a, b)
		}
	}
	r, err := reference.ReadRelationships(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// verizon is the Internet of 2019-06-24 in small: 396531 buys from 701 and from
// 33154, so that routes go from those to it. base networks more are reached
// through it.
func verizon(t testing.TB, cfg Config, n, m, base int) (*world, []route.Prefix) {
	w := newWorld(t, cfg, 2914, 1299, 174)
	list := w.victims(n, m, "3356")
	w.table("2914 701 396531", nets(5000, 1)...)
	w.table("1299 3356 33154 396531", nets(5000, 1)...)
	for i, p := range nets(5100, base) {
		w.table(fmt.Sprintf("2914 701 396531 %d", 30001+i), p)
	}
	w.begin()
	return w, list
}

const leakPath = "701 396531 33154 3356"

func flipWorld(t testing.TB, n, m, base int) *world {
	w, list := verizon(t, mature(), n, m, base)
	w.leaks("2914 "+leakPath, m, list)
	return w
}

// shapeWorld lets 9121, which passes on the routes of base networks, pass those
// of three next hops to 6762; all other ASes were on the way before.
func shapeWorld(t testing.TB, cfg Config, n, m, base int) *world {
	w := newWorld(t, cfg, 2914, 1299, 174)
	list := w.victims(n, m, "6762 3320", "3257", "2828")
	for i, p := range nets(5100, base) {
		w.table(fmt.Sprintf("2914 6762 9121 %d", 30001+i), p)
	}
	w.begin()
	for i, p := range list {
		w.says(fmt.Sprintf("2914 6762 9121 %d %d", []int{3257, 3320, 2828}[i%3], originOf(i, m)), p)
	}
	return w
}

func scaleWorld(t testing.TB, n, m, base int) *world { return shapeWorld(t, mature(), n, m, base) }

func valleyWorld(t testing.TB, n, m, base int) *world {
	cfg := mature()
	cfg.Outside.Relationships = relations(t, "6762>9121", "3257>9121", "3320>9121", "2828-9121")
	return shapeWorld(t, cfg, n, m, base)
}

// neverWorld lets 9121, which was never on the way to anybody, pass on the
// routes of one next hop.
func neverWorld(t testing.TB, n, m, base int) *world {
	w := newWorld(t, mature(), 2914, 1299, 174)
	list := w.victims(n, m, "6762 3320", "3257", "2828")
	for i, p := range nets(5100, base) {
		w.table(fmt.Sprintf("2914 6762 9121 %d", 30001+i), p)
	}
	w.begin()
	w.leaks("2914 6762 9121 3257", m, list)
	return w
}

// edgeWorld is verizon with a full-feed peer behind 396531: all pairs of that
// are known, only what 701 hears from it is new.
func edgeWorld(t testing.TB, n, m, base int) *world {
	w := newWorld(t, mature(), 2914, 1299, 27)
	list := w.victims(n, m, "3356", "701", "396531 33154 3356")
	w.table("2914 701 396531", nets(5000, 1)...)
	w.table("1299 3356 33154 396531", nets(5000, 1)...)
	for i, p := range nets(5100, base) {
		w.table(fmt.Sprintf("2914 701 396531 %d", 30001+i), p)
	}
	w.begin()
	w.leaks("2914 "+leakPath, m, list)
	return w
}

// groupWorld lets each of three peers take one third of a leak.
func groupWorld(t testing.TB, cfg Config, n, m, base int) *world {
	w, list := verizon(t, cfg, n, m, base)
	for i, p := range list {
		w.says(fmt.Sprintf("%d %s %d", w.order[i%3], leakPath, originOf(i, m)), p)
	}
	return w
}

// size is of how many prefixes of how many networks a leak is, and on the way
// to how many networks the leaker was before.
type size struct{ prefixes, origins, base int }

func TestRulesOpenAtTheirThresholds(t *testing.T) {
	for name, tc := range map[string]struct {
		play  func(t testing.TB, n, m, base int) *world
		as    route.ASN
		opens []size
		quiet []size
	}{
		"flip": {flipWorld, 396531, []size{{10, 5, 0}, {10, 5, 9}}, []size{{9, 5, 0}, {9, 9, 0}, {10, 4, 0}, {10, 5, 10}}},
		"valley": {
			valleyWorld, 9121,
			[]size{{10, 5, 0}, {10, 5, 9}},
			[]size{{9, 5, 0}, {9, 9, 0}, {12, 4, 0}, {10, 5, 10}},
		},
		"scale": {
			scaleWorld, 9121,
			[]size{{60, 30, 0}, {60, 30, 6}},
			[]size{{59, 30, 0}, {59, 59, 0}, {60, 29, 0}, {60, 30, 7}},
		},
		"never-seen": {neverWorld, 9121, []size{{120, 60, 0}}, []size{{119, 60, 0}, {120, 59, 0}, {120, 60, 1}}},
		"edge": {
			edgeWorld, 396531, []size{{10, 5, 0}, {10, 5, 3}}, // the leaker's own routes lead over the edge, too
			[]size{{9, 5, 0}, {9, 9, 0}, {10, 4, 0}, {10, 5, 4}},
		},
		"group": {
			func(t testing.TB, n, m, base int) *world { return groupWorld(t, mature(), n, m, base) }, 396531,
			[]size{{20, 1, 0}, {20, 4, 0}, {20, 1, 1}, {20, 4, 7}},
			[]size{{19, 1, 0}, {19, 4, 0}, {20, 1, 2}, {20, 4, 8}},
		},
		"group in a valley": {
			func(t testing.TB, n, m, base int) *world {
				cfg := mature()
				cfg.Outside.Relationships = relations(t, "701>396531", "33154>396531")
				return groupWorld(t, cfg, n, m, base)
			}, 396531,
			[]size{{20, 1, 0}, {20, 4, 0}, {20, 1, 50}, {20, 4, 50}},
			[]size{{19, 1, 0}, {19, 4, 0}},
		},
	} {
		for _, s := range tc.opens {
			t.Run(fmt.Sprint(name, " opens at ", s), func(t *testing.T) {
				w := tc.play(t, s.prefixes, s.origins, s.base)
				last := w.at - w.pace
				w.wait(1)
				if len(w.alerts) != 1+s.prefixes {
					t.Fatalf("%d alerts: %v", len(w.alerts), w.told())
				}
				a := w.alerts[0]
				rule, _, _ := strings.Cut(name, " ")
				want := fmt.Sprintf("leak AS%d firing by %s: %d of %d", tc.as, rule, s.prefixes, s.origins)
				if line(&a) != want {
					t.Errorf("told %q, want %q", line(&a), want)
				}
				if a.Opened != last || a.FirstEvidence != start {
					t.Errorf("opened at %d, first evidence %d; want %d, %d", a.Opened, a.FirstEvidence, last, start)
				}
			})
		}
		for _, s := range tc.quiet {
			t.Run(fmt.Sprint(name, " is quiet at ", s), func(t *testing.T) {
				w := tc.play(t, s.prefixes, s.origins, s.base)
				w.wait(route.Hour)
				if got := w.told(); len(got) != 0 {
					t.Errorf("told %v", got)
				}
				if s := w.c.Stats(); s.FreshFacts == 0 {
					t.Errorf("nothing was judged: %+v", s)
				}
			})
		}
	}
}

func TestLeakIncidentSaysAll(t *testing.T) {
	w, list := verizon(t, mature(), 10, 5, 1)
	w.leaks("2914 "+leakPath, 5, list)
	w.wait(1)
	opened := start + 9*w.pace
	want := alert.Alert{
		Version: alert.Version, Revision: 1, Scope: alert.ScopeIncident, Kind: alert.KindLeak,
		ID:       alert.NewID(alert.ScopeIncident, alert.KindLeak, "AS396531", opened),
		LeakType: alert.LeakUnknown, Severity: alert.SeverityWarning, Status: alert.StatusFiring,
		Suspect: 396531, Segment: &alert.Segment{ExportedTo: 701, Leaker: 396531, LearnedFrom: 33154},
		Opened: opened, Updated: opened, FirstEvidence: start,
		Counts: alert.Counts{Prefixes: 10, Origins: 5, Peers: 1, PeersTotal: 3, Sessions: 1, Updates: 10},
		Rule:   "flip", Confidence: 9,
		Evidence: []alert.Evidence{
			{Tag: "contrast", Weight: 2, Detail: "the same peers had routes to 5 origins without AS396531 before"},
			{Tag: "direction-flip", Weight: 3, Detail: "10 of 10 facts go against every direction seen before"},
			{Tag: "path-inflation", Weight: 1, Detail: "10 of 10 facts"},
			{Tag: "one-peer", Weight: -1, Detail: "one peer alone showed it when it opened"},
		},
		Coverage: alert.Coverage{State: alert.CoverageComplete},
		Carried:  &alert.Carried{Prefixes: 10, Peers: 1, ASNs: asns(2914)},
		Summary: "AS396531 leaks 10 prefixes of 5 networks that it learned from AS33154 to AS701, " +
			"seen by 1 of 3 peers.",
	}
	want.Confidence = 2 + 2 + 3 + 1 - 1
	for i := range 5 {
		want.TopOrigins = append(want.TopOrigins, alert.Origin{ASN: originOf(i, 5), Prefixes: 2})
	}
	want.Samples = []alert.Sample{{
		Prefix: list[0], Peer: alert.Peer{Collector: "rrc00", Address: w.sessions[2914].Addr, ASN: 2914},
		Before: alert.Path{2914, 3356, 40001}, After: alert.Path{2914, 701, 396531, 33154, 3356, 40001},
	}}
	if diff := cmp.Diff(asJSON(t, want), asJSON(t, w.alerts[0])); diff != "" {
		t.Errorf("incident (-want +got):\n%s", diff)
	}
	for i, a := range w.alerts[1:] {
		if a.Scope != alert.ScopePrefix || a.Incident != want.ID || a.Prefix != list[i] ||
			a.ExpectedOrigin != originOf(i, 5) || a.Suspect != 396531 || a.Status != alert.StatusFiring {
			t.Errorf("prefix alert %d: %+v", i, a)
		}
	}
}
