package named

import (
	"slices"
	"strings"
	"testing"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

func worlds(t testing.TB) map[bool]*World {
	t.Helper()
	out := map[bool]*World{}
	for _, v6 := range []bool{false, true} {
		w, err := NewWorld(v6)
		if err != nil {
			t.Fatal(err)
		}
		out[v6] = w
	}
	return out
}

// TestEvents makes every scenario and holds it against what it states.
func TestEvents(t *testing.T) {
	all, ws, facts := All(), worlds(t), facts()
	for i := range all {
		s := &all[i]
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			w := ws[s.IPv6]
			e, err := s.Make(w)
			if err != nil {
				t.Fatal(err)
			}
			hasItsSize(t, s, e)
			givesWhatViewsState(t, w, s, e)
			hasPathsOfItsPeers(t, w, s, e)
			endsAsItBegan(t, w, s, e)
			facts[s.Name].check(t, e)
		})
	}
}

type size struct{ prefixes, origins, peers, seconds int } // peers at least

// sizes are what every scenario comes to in its world.
func sizes() map[string]size {
	return map[string]size{
		"2015-06-12 Telekom Malaysia": {15_000, 1500, 15, 7020}, "2017-08-25 Google": {1600, 68, 40, 672},
		"2019-06-06 SafeHost": {7000, 900, 30, 7500}, "2020-04-22 Open X": {437, 63, 30, 1260},
		"2026-01-22 Cloudflare Miami": {600, 200, 30, 1500}, "2018-11-12 MainOne": {232, 2, 9, 4440},
		"2024-06-27 1.1.1.1": {2, 2, 9, 4620}, "2026-01-02 CANTV": {8, 1, 10, 720},
		"2015-11-06 Bharti": {3000, 470, 30, 1800}, "2020-04-01 Rostelecom": {1200, 60, 40, 3600},
		"2021-04-16 Vodafone Idea": {4000, 700, 30, 4500}, "2008-02-24 YouTube": {1, 1, 40, 7380},
		"2018-04-24 Route 53": {5, 1, 14, 7200}, "2022-02-03 KLAYswap": {2, 2, 40, 5400},
		"2022-03-28 Twitter": {1, 1, 4, 2700}, "2021-10-04 Facebook": {4, 1, 40, 18_660},
		"2021-10-04 Facebook, had all of it gone": {26, 1, 40, 2400}, "2025-07-14 1.1.1.1": {3, 1, 40, 1680},
		"2024-01-03 Orange España": {87, 1, 10, 5700}, "2021-02-19 never-seen prefixes": {200_000, 0, 3, 1500},
		"2020-07-17 Cloudflare backbone": {0, 0, 0, 3600},
	}
}

func hasItsSize(t *testing.T, s *Scenario, e *Event) {
	t.Helper()
	w, ok := sizes()[s.Name]
	if !ok {
		t.Fatal("its size is not stated here")
	}
	if e.Prefixes != w.prefixes || w.origins > 0 && e.Origins != w.origins || e.Peers < w.peers {
		t.Errorf("%d prefixes of %d origins at %d peers, want %+v", e.Prefixes, e.Origins, e.Peers, w)
	}
	last := int((e.End - route.TimeOf(s.begins)) / route.Second)
	if e.Start != route.TimeOf(s.begins) || last < w.seconds || last > w.seconds+700 {
		t.Errorf("from %v for %d s, want %v, %d s", e.Start, last, s.begins, w.seconds)
	}
}

// givesWhatViewsState holds that what a view gives is there.
func givesWhatViewsState(t *testing.T, w *World, s *Scenario, e *Event) {
	t.Helper()
	for i := range s.Views {
		v := &s.Views[i]
		if v.Watch && len(e.Watch) == 0 || v.VRPs && (len(e.VRPs) == 0 || e.VRPs[0].From != 0) {
			t.Errorf("%v: %d watched, %d sets of VRPs", v.Inputs, len(e.Watch), len(e.VRPs))
		}
	}
	for _, x := range e.Watch {
		known := slices.ContainsFunc(w.Table.Prefixes(x.Origin), func(p route.Prefix) bool {
			return x.Prefix.Contains(p) || p.Contains(x.Prefix)
		})
		if !known {
			t.Errorf("%v of AS%v is watched, and not in the table", x.Prefix, x.Origin)
		}
	}
}

// hasPathsOfItsPeers holds that every path begins with its peer, has no loop,
// and goes over links of the graph but where somebody acts.
func hasPathsOfItsPeers(t *testing.T, w *World, s *Scenario, e *Event) {
	t.Helper()
	last, made := route.Time(0), 0
	for i := range e.Elements {
		x := &e.Elements[i]
		if x.At < last || x.At < e.Start || x.At > e.End {
			t.Fatalf("%v after %v", x.At, last)
		}
		last = x.At
		if x.Path == nil {
			continue
		}
		hops := slices.Compact(slices.Clone(x.Path))
		if hops[0] != w.Table.PeerASNs()[x.Peer] {
			t.Fatalf("%v at AS%v", x.Path, w.Table.PeerASNs()[x.Peer])
		}
		if sorted := slices.Sorted(slices.Values(hops)); len(slices.Compact(sorted)) != len(hops) {
			t.Fatalf("loop: %v", x.Path)
		}
		for k := 1; k < len(hops); k++ {
			if _, ok := w.Table.Graph().Relation(hops[k-1], hops[k]); !ok {
				made++
				break
			}
		}
	}
	if made > 0 && !slices.Contains([]string{
		"2022-02-03 KLAYswap", "2021-02-19 never-seen prefixes", "2018-04-24 Route 53", "2015-11-06 Bharti",
		"2020-04-01 Rostelecom", "2024-06-27 1.1.1.1",
	}, s.Name) {
		t.Errorf("%d paths over links that do not exist", made)
	}
}

// endsAsItBegan holds what every peer has at the end against the table. Of 2008
// the victim's answer stays.
func endsAsItBegan(t *testing.T, w *World, s *Scenario, e *Event) {
	t.Helper()
	if s.Class == Flood || strings.HasSuffix(s.Name, "YouTube") {
		return
	}
	type seat struct {
		p    route.Prefix
		peer uint32
	}
	end := map[seat][]route.ASN{}
	for i := range e.Elements {
		end[seat{e.Elements[i].Prefix, e.Elements[i].Peer}] = e.Elements[i].Path
	}
	atoms := map[route.Prefix]topo.Atom{}
	for i := range uint32(w.Table.NumAtoms()) {
		a := w.Table.AtomAt(i)
		for _, p := range a.Prefixes {
			atoms[p] = a
		}
	}
	primed := map[seat][]route.ASN{}
	for _, x := range e.Prime {
		primed[seat{x.Prefix, x.Peer}] = x.Path
	}
	paths := map[uint32][][]route.ASN{}
	view := w.Table.NewView()
	for k, path := range end {
		want := primed[k]
		if a, ok := atoms[k.p]; ok {
			if paths[a.Index] == nil {
				for peer := range w.Table.PeerASNs() {
					x, _ := view.AppendPath(nil, peer, a)
					paths[a.Index] = append(paths[a.Index], x)
				}
			}
			want = paths[a.Index][k.peer]
		}
		if !slices.Equal(path, want) {
			t.Fatalf("%v at peer %d: %v, had %v", k.p, k.peer, path, want)
		}
	}
}

func TestAScenarioIsTheSameEachTime(t *testing.T) {
	ws := worlds(t)
	same := func(a, b scenario.Element) bool {
		return a.At == b.At && a.Peer == b.Peer && a.Prefix == b.Prefix && slices.Equal(a.Path, b.Path) && a.Bad == b.Bad
	}
	for _, s := range []Scenario{mainOne(), openX(), orange(), vodafoneIdea()} {
		a, err := s.Make(ws[false])
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Make(ws[false])
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(a.Elements, b.Elements, same) || !slices.Equal(a.Watch, b.Watch) {
			t.Errorf("%s: two tellings differ", s.Name)
		}
		if _, err := s.Make(ws[true]); err == nil {
			t.Errorf("%s: told over the other family", s.Name)
		}
	}
}
