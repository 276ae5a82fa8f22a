package correlate

import (
	"fmt"
	"testing"

	"detour/route"
)

// ids returns the ids of the incidents that were told of, in order.
func (w *world) ids() []string {
	w.Helper()
	var ids []string
	for _, a := range w.alerts {
		if a.Prefix.Family == 0 && (len(ids) == 0 || ids[len(ids)-1] != a.ID) {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// TestLeakStaysNewWhileItIsOpen lets a leak reach further peers and prefixes
// long after everything about it has become old by age alone.
func TestLeakStaysNewWhileItIsOpen(t *testing.T) {
	for _, after := range []route.Time{route.Minute, 20 * route.Minute, 5 * route.Hour} {
		w, list := verizon(t, mature(), 40, 20, 0)
		w.leaks("2914 "+leakPath, 20, list)
		w.wait(after)
		if n := w.c.Stats().Routes; n != 40 {
			t.Fatalf("%d routes", n)
		}
		w.leaks("1299 "+leakPath, 20, list)
		w.wait(route.Second)
		if n := w.c.Stats().Routes; n != 80 || len(w.ids()) != 1 {
			t.Errorf("%d min later: %d routes, incidents %v", after/route.Minute, n, w.incidents())
		}
	}
}

// TestPairsOfAnOpenLeakReachFurtherPrefixes lets a leaked origin's other
// prefixes follow after the age at which its pair would be old.
func TestPairsOfAnOpenLeakReachFurtherPrefixes(t *testing.T) {
	w, list := verizon(t, mature(), 60, 10, 0)
	w.leaks("2914 "+leakPath, 10, list[:30])
	w.wait(time20)
	w.leaks("2914 "+leakPath, 10, list[30:])
	w.wait(route.Second)
	if s := w.c.Stats(); s.Routes != 60 || len(w.ids()) != 1 {
		t.Errorf("%+v", s)
	}
}

const time20 = 20 * route.Minute

// TestLeakIsForgottenWhenItCloses plays a second wave: it opens again, under
// its id within half an hour and under a new one after.
func TestLeakIsForgottenWhenItCloses(t *testing.T) {
	for name, tc := range map[string]struct {
		pause route.Time
		n     int // prefixes of the second wave
		same  bool
		rule  string
	}{
		"two minutes later":            {2 * route.Minute, 40, true, "again"},
		"two minutes later, small":     {2 * route.Minute, 5, true, "again"},
		"29 minutes later":             {29 * route.Minute, 40, true, "again"},
		"32 minutes later":             {32 * route.Minute, 40, false, "flip"},
		"a day later":                  {24 * route.Hour, 40, false, "flip"},
		"32 minutes later, small":      {32 * route.Minute, 5, false, ""},
		"two minutes later, too small": {2 * route.Minute, 4, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := verizon(t, mature(), 40, 20, 0)
			w.leaks("2914 "+leakPath, 20, list)
			w.wait(time20)
			w.leaks("2914 3356", 20, list)
			w.wait(route.Minute) // it closes
			first := w.ids()
			closed := w.incidents()
			w.wait(tc.pause)
			w.leaks("2914 "+leakPath, 20, list[:tc.n])
			w.wait(route.Second)
			second := w.ids()
			if tc.rule == "" {
				if len(second) != 0 {
					t.Errorf("told %v", w.incidents())
				}
				return
			}
			if len(first) != 1 || len(second) != 1 || (first[0] == second[0]) != tc.same {
				t.Fatalf("ids %v, then %v; %v, then %v", first, second, closed, w.incidents())
			}
			for i, a := range w.alerts {
				if a.Prefix.Family == 0 && (a.Rule != tc.rule || i == 0 && (a.Revision > 1) != tc.same) {
					t.Errorf("revision %d by %s", a.Revision, a.Rule)
				}
			}
			if s := w.c.Stats(); s.Incidents != 1 || s.Routes != tc.n {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestSecondWaveComesFromOrGoesToTheSameNeighbour holds that a few prefixes of
// which another neighbour knows are no second wave.
func TestSecondWaveComesFromOrGoesToTheSameNeighbour(t *testing.T) {
	for path, opens := range map[string]bool{
		"701 396531 33154 3356":  true,
		"701 396531 7018 3356":   true,
		"1239 396531 33154 3356": true,
		"1239 396531 7018 3356":  false,
	} {
		w, list := verizon(t, mature(), 40, 20, 0)
		w.leaks("2914 "+leakPath, 20, list)
		w.wait(time20)
		w.leaks("2914 3356", 20, list)
		w.wait(2 * route.Minute)
		w.told()
		w.leaks("2914 "+path, 20, list[:5])
		w.wait(1)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestSecondWaveNeedsTwoOrigins(t *testing.T) {
	for origins, opens := range map[int]bool{1: false, 2: true} {
		w, list := verizon(t, mature(), 40, 8, 0)
		w.leaks("2914 "+leakPath, 8, list)
		w.wait(time20)
		w.leaks("2914 3356", 8, list)
		w.wait(2 * route.Minute)
		w.told()
		for i := range 5 {
			at := i*8 + i%origins
			w.says(fmt.Sprintf("2914 %s %d", leakPath, originOf(at, 8)), list[at])
		}
		w.wait(1)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("five prefixes of %d networks: %v", origins, got)
		}
	}
}

// TestLeakThatLastsBecomesNormal holds that nothing is forgotten, and nothing
// told again, of a leak that was open for as long as Config.Hold.
func TestLeakThatLastsBecomesNormal(t *testing.T) {
	w, list := verizon(t, mature(), 40, 20, 0)
	w.leaks("2914 "+leakPath, 20, list)
	w.wait(6*route.Hour - route.Second)
	if s := w.c.Stats(); s.Incidents != 1 {
		t.Fatalf("closed early: %v", w.incidents())
	}
	w.wait(route.Second)
	if s := w.c.Stats(); s.Incidents != 0 || s.Routes != 0 {
		t.Errorf("%+v", s)
	}
	w.told()
	w.leaks("2914 3356", 20, list)
	w.wait(route.Hour)
	w.leaks("2914 "+leakPath, 20, list)
	w.leaks("1299 "+leakPath, 20, list)
	w.wait(route.Hour)
	expectTold(w, "after it has become normal")
}

// TestWhatAClosedLeakTaughtIsGone compares what is known after a leak with what
// was known before.
func TestWhatAClosedLeakTaughtIsGone(t *testing.T) {
	w, list := verizon(t, mature(), 40, 20, 3)
	before := knownUnits(w.c)
	w.leaks("2914 "+leakPath, 20, list)
	w.wait(time20)
	during := knownUnits(w.c)
	w.leaks("2914 3356", 20, list)
	w.wait(2 * route.Hour)
	after := knownUnits(w.c)
	if during == before || after != before {
		t.Errorf("known before %v, during %v, after %v", before, during, after)
	}
}

// TestForgottenUnitsComeBackByChangesOnly lets another shard report after a leak
// what it has not reported yet, and then a route change.
func TestForgottenUnitsComeBackByChangesOnly(t *testing.T) {
	w, list := verizon(t, mature(), 40, 20, 0)
	before := knownUnits(w.c)
	w.leaks("2914 "+leakPath, 20, list)
	w.wait(time20)
	w.leaks("2914 3356", 20, list)
	w.wait(route.Hour)
	path := pathOf(t, "701 396531 33154 3356 40001")
	for i := range path {
		w.update(w.sessions[2914], frame{entry{Record: nodeOf(path[i:])}})
	}
	w.wait(1)
	if after := knownUnits(w.c); after != before {
		t.Errorf("first reports: known before %+v, after %+v", before, after)
	}
	w.says("2914 701 396531 33154 3356 40001", list[0])
	w.wait(1)
	want := before // of 701, 396531 and 33154
	want.pairs, want.triples, want.transits = before.pairs+3, before.triples+3, before.transits+1
	want.edges, want.thirds = before.edges+2, before.thirds+3
	if after := knownUnits(w.c); after != want {
		t.Errorf("a change: known before %+v, after %+v, want %+v", before, after, want)
	}
	w.wait(time20)
	id := func(asn route.ASN) asID { return w.c.known.as.find(asn) }
	w.says("2914 64999 65000", nets(9700, 1)...)
	w.wait(1)
	if !w.c.known.edgeOld(id(396531), id(33154)) || !w.c.known.pairOld(id(396531), id(40001)) {
		t.Error("a way that a single change showed does not get old")
	}
}

// unitCounts are how many things are known.
type unitCounts struct{ pairs, edges, triples, thirds, transits int }

func knownUnits(c *Correlator) unitCounts {
	k := c.known
	u := unitCounts{pairs: k.npairs, transits: k.transits}
	count := func(n *int, s stamp) {
		if s.seen() {
			*n++
		}
	}
	for _, e := range k.edges[1:] {
		count(&u.edges, e.since)
	}
	k.triples.Each(func(_ uint64, s *stamp) { count(&u.triples, *s) })
	k.thirds.Each(func(_ uint64, s *stamp) { count(&u.thirds, *s) })
	return u
}

// TestWhatOthersTaughtBeforeALeakStays holds that an incident forgets only what
// was first seen since its evidence began.
func TestWhatOthersTaughtBeforeALeakStays(t *testing.T) {
	w, list := verizon(t, mature(), 40, 20, 0)
	w.says("1299 701 396531 33154 64496", nets(9500, 1)...) // no contrast: the prefix is new
	w.wait(5 * route.Minute)
	w.leaks("2914 "+leakPath, 20, list)
	w.wait(time20)
	w.leaks("2914 3356", 20, list)
	w.wait(2 * route.Hour)
	id := func(asn route.ASN) asID { return w.c.known.as.find(asn) }
	if !w.c.known.pairOld(id(396531), id(64496)) {
		t.Error("a pair from before is forgotten")
	}
	if w.c.known.pairSince(id(396531), id(40001)) != never {
		t.Error("a pair of the leak is known")
	}
}

// TestRoutesChangeHandsBetweenLeaks lets another leaker take over half of the
// routes of the first.
func TestRoutesChangeHandsBetweenLeaks(t *testing.T) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	list := w.victims(40, 20, "3356", "701")
	for i, x := range []string{"301 300", "311 310"} {
		w.table("1299 7018 "+x, nets(5000+i, 1)...)
	}
	w.begin()
	w.leaks("2914 701 300 301", 20, list)
	w.wait(route.Second)
	w.leaks("2914 701 310 311", 20, list[:20])
	w.wait(route.Second)
	want := []string{"300: 20 of 40", "310: 20 of 20"}
	for i, as := range []route.ASN{300, 310} {
		p := w.c.incidents.find(leakKey(w.c.known.as.find(as)))
		if p == nil || !p.open {
			t.Fatalf("no incident of AS%d: %v", as, w.incidents())
		}
		if got := fmt.Sprintf("%d: %d of %d", as, p.routes, len(p.list)); got != want[i] {
			t.Errorf("%s, want %s", got, want[i])
		}
	}
}
