package correlate

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// lossWorld has one watched prefix of AS40001 that all of the peers hold, and
// some that nobody watches.
func lossWorld(t testing.TB, peers int) (*world, route.Prefix) {
	cfg := mature()
	cfg.Outside.Watch = watchFile(t, "20.0.0.0/24")
	w := newWorld(t, cfg, manyPeers(peers)...)
	list := w.victims(20, 10, "3356")
	return w.begin(), list[0]
}

func (w *world) withdraws(p route.Prefix, peers ...route.ASN) {
	w.Helper()
	for _, peer := range peers {
		w.withdraw(peer, p)
	}
}

const (
	lost     = "visibility-loss of AS40001 firing by visibility: 1 of 1"
	restored = "visibility-loss of AS40001 resolved restored by visibility: 1 of 1"
)

func TestLossOfAWatchedPrefix(t *testing.T) {
	for name, tc := range map[string]struct {
		peers int
		play  func(w *world, p route.Prefix)
		opens bool
	}{
		"half of twelve peers": {12, func(w *world, p route.Prefix) { w.withdraws(p, w.order[:6]...) }, true},
		"half of ten peers":    {10, func(w *world, p route.Prefix) { w.withdraws(p, w.order[:5]...) }, true},
		"49 of 99 peers":       {99, func(w *world, p route.Prefix) { w.withdraws(p, w.order[:49]...) }, false},
		"five of twelve peers": {12, func(w *world, p route.Prefix) { w.withdraws(p, w.order[:5]...) }, false},
		"all of nine peers":    {9, func(w *world, p route.Prefix) { w.withdraws(p, w.order...) }, false},
		"all, but they are back in 130 s": {12, func(w *world, p route.Prefix) {
			w.withdraws(p, w.order...)
			w.at = start + 6*w.pace + 130*route.Second - 10*w.pace
			w.claims("3356 40001", 7, p)
		}, false},
		"all, but one peer is back too late": {12, func(w *world, p route.Prefix) {
			w.withdraws(p, w.order...)
			w.at += 130 * route.Second
			w.claims("3356 40001", 7, p)
		}, true},
		"sessions that end": {12, func(w *world, _ route.Prefix) {
			for _, peer := range w.order {
				w.event(w.sessions[peer], route.KindPeerDown)
			}
		}, false},
		"sessions that begin anew": {12, func(w *world, _ route.Prefix) {
			for _, peer := range w.order {
				w.event(w.sessions[peer], route.KindPeerUp)
			}
		}, false},
		"withdrawn, then the session ends": {12, func(w *world, p route.Prefix) {
			w.withdraws(p, w.order[:6]...)
			for _, peer := range w.order[:6] {
				w.event(w.sessions[peer], route.KindPeerDown)
			}
		}, false},
		"half of what sessions that ended leave": {12, func(w *world, p route.Prefix) {
			for _, peer := range w.order[:3] { // nine are left
				w.event(w.sessions[peer], route.KindPeerDown)
			}
			w.withdraws(p, w.order[3:]...)
		}, false},
		"slowly": {12, func(w *world, p route.Prefix) {
			w.pace = 10 * route.Minute
			w.withdraws(p, w.order[:6]...)
			w.pace = 1
		}, true},
		"of peers without a full feed": {12, func(w *world, p route.Prefix) {
			for _, peer := range w.order[:6] {
				w.sessions[peer].Feed4 = route.FeedPartial
			}
			w.withdraws(p, w.order[:6]...)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, p := lossWorld(t, tc.peers)
			tc.play(w, p)
			w.wait(130 * route.Second)
			got := w.told()
			if !tc.opens {
				if len(got) != 0 {
					t.Errorf("told %v", got)
				}
				return
			}
			want := []string{lost, "20.0.0.0/24: visibility-loss of AS40001 firing, AS40001"}
			if diff := cmp.Diff(want, got[:min(len(got), 2)]); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLossSaysAll(t *testing.T) {
	w, p := lossWorld(t, 12)
	w.withdraws(p, w.order[:7]...)
	low := start + 5*w.pace // with the sixth
	w.wait(low + 130*route.Second - w.at)
	if got := w.told(); got != nil {
		t.Errorf("told before 130 s are over: %v", got)
	}
	w.wait(1)
	if len(w.alerts) != 2 {
		t.Fatalf("told %v", w.told())
	}
	a, each := w.alerts[0], w.alerts[1]
	if a.Opened != low+130*route.Second || a.FirstEvidence != low || a.Suspect != 0 || a.ExpectedOrigin != 40001 ||
		a.Severity != alert.SeverityCritical || a.Incident != "" || a.Segment != nil {
		t.Errorf("incident %+v", a)
	}
	counts := alert.Counts{Prefixes: 1, Origins: 1, Peers: 7, PeersTotal: 12, Sessions: 7, Updates: 7}
	if diff := cmp.Diff(counts, a.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if want := "1 prefix of AS40001 was withdrawn by 7 of 12 peers."; a.Summary != want {
		t.Errorf("summary %q", a.Summary)
	}
	if each.Prefix != p || each.Incident != a.ID || each.ExpectedOrigin != 40001 || each.Counts.Peers != 7 {
		t.Errorf("prefix alert %+v", each)
	}
	if len(a.Samples) == 0 || a.Samples[0].Before == nil || a.Samples[0].After != nil {
		t.Errorf("samples %+v", a.Samples)
	}
}

func TestLossEndsWhenTheRoutesAreBack(t *testing.T) {
	w, p := lossWorld(t, 12)
	w.withdraws(p, w.order...)
	w.wait(10 * route.Minute)
	ids := w.ids()
	expectTold(w, "lost", lost)
	w.claims("3356 40001", 11, p) // one of twelve is more than 5 %
	w.wait(10 * route.Minute)
	expectTold(w, "eleven are back")
	w.claims("3356 40001", 12, p)
	last := w.at - w.pace
	w.wait(last + route.Minute - w.at)
	expectTold(w, "within a minute")
	w.wait(1)
	if got := w.ids(); len(got) != 1 || got[0] != ids[0] {
		t.Errorf("ids %v, then %v", ids, got)
	}
	for _, a := range w.alerts {
		if a.CloseReason != alert.CloseRestored {
			t.Errorf("%s", line(&a))
		}
	}
	expectTold(w, "a minute later", restored)
	if s := w.c.Stats(); s.Routes != 0 || s.Open != 0 || s.Incidents != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

func TestRouteMustBeHeldForAnHourToBeLost(t *testing.T) {
	for held, opens := range map[route.Time]bool{59 * route.Minute: false, 61 * route.Minute: true} {
		w, p := lossWorld(t, 12)
		w.withdraws(p, w.order...)
		w.wait(100 * route.Second)
		w.at = start + 3*route.Minute // they come back after their absence has become one
		w.claims("3356 40001", 12, p)
		w.wait(held)
		w.told()
		w.withdraws(p, w.order...)
		w.wait(10 * route.Minute)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("held for %d min: %v", held/route.Minute, got)
		}
	}
}

func TestShortAbsenceDoesNotBeginAnew(t *testing.T) {
	w, p := lossWorld(t, 12)
	w.withdraws(p, w.order...)
	w.wait(100 * route.Second)
	w.claims("3356 40001", 12, p)
	w.wait(10 * route.Minute)
	expectTold(w, "an absence of 100 s")
	w.withdraws(p, w.order...)
	w.wait(10 * route.Minute)
	expectTold(w, "held for ten minutes since", lost)
}

func TestLossesOfOneOriginAreOneIncident(t *testing.T) {
	cfg := mature()
	cfg.Outside.Watch = watchFile(t, "AS40001", "AS40002")
	w := newWorld(t, cfg, manyPeers(12)...)
	list := w.victims(6, 2, "3356")
	w.begin()
	for _, p := range list {
		w.withdraws(p, w.order...)
		w.wait(20 * route.Second)
	}
	w.wait(10 * route.Minute)
	ids := map[string]int{}
	for _, a := range w.alerts {
		if a.Scope == alert.ScopeIncident {
			ids[fmt.Sprint(a.ExpectedOrigin, " ", a.ID)] = int(a.Counts.Prefixes)
		}
	}
	if len(ids) != 2 {
		t.Errorf("incidents %v", ids)
	}
	for id, n := range ids {
		if n != 3 {
			t.Errorf("%s: %d prefixes", id, n)
		}
	}
}

// TestExplorationOfALostPrefixOpensNothing lets peers take long paths while the
// others lose the prefix.
func TestExplorationOfALostPrefixOpensNothing(t *testing.T) {
	for lost, opens := range map[int]bool{5: true, 6: false} {
		w, p := lossWorld(t, 12)
		w.withdraws(p, w.order[:lost]...)
		for _, peer := range w.order[6:10] {
			w.says(fmt.Sprintf("%d 3356 9002 6453 40001", peer), p)
		}
		w.wait(route.Minute)
		told := w.told()
		if (len(told) > 0) != opens {
			t.Errorf("%d peers lost it: told %v", lost, told)
		}
	}
}

// visibility tells that so many sessions hold a prefix of an origin, of those
// that held it.
func (w *world) visibility(p route.Prefix, origin route.ASN, held, of uint64) {
	w.Helper()
	r := wire.Record{Kind: wire.RecordVisibility, Prefix: p, Routes: held, Raised: of, Origins: []route.ASN{origin}}
	w.update(w.sessions[w.order[0]], frame{entry{Record: r}})
}

// announced tells how many prefixes an origin has, and that all sessions hold
// what there is.
func (w *world) announced(origin route.ASN, n int64) {
	w.Helper()
	w.update(nil, frame{
		entry{Record: wire.Record{Kind: wire.RecordOrigin, Origin: origin, Delta: n}},
		censusOf(nil, uint64(n), uint64(n)),
	})
}

func TestLossOfMostPrefixesOfAnOrigin(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg   Config
		has   int64  // prefixes that the origin announces
		holes uint64 // prefixes that hardly anybody holds
		loses int
		held  uint64 // of 12 that remain for each
		opens bool
	}{
		"three of five":                   {mature(), 5, 0, 3, 6, true},
		"three of six":                    {mature(), 6, 0, 3, 6, false},
		"both of two":                     {mature(), 2, 0, 2, 0, false},
		"all of ten":                      {mature(), 10, 0, 10, 0, true},
		"more than half hold them":        {mature(), 5, 0, 5, 7, false},
		"the engine does not know enough": {Config{}, 5, 0, 5, 0, false},
		"by the user's word, with holes":  {mature(), 10, 2, 10, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.cfg, 2914, 1299, 174)
			w.victims(1, 1, "3356")
			w.begin()
			w.announced(40001, tc.has)
			w.update(nil, frame{censusOf(nil, uint64(tc.has)+tc.holes, uint64(tc.has))})
			list := nets(0, tc.loses)
			for _, p := range list {
				w.visibility(p, 40001, tc.held, 12)
			}
			low := w.at - w.pace
			if tc.opens && tc.loses > 5 {
				low = start + 2*w.pace + 5*w.pace // with the sixth
			}
			w.wait(low + 130*route.Second - w.at)
			if got := w.told(); got != nil {
				t.Errorf("told before 130 s are over: %v", got)
			}
			w.wait(1)
			if !tc.opens {
				expectTold(w, "not lost")
				return
			}
			if len(w.alerts) != 1+tc.loses {
				t.Fatalf("told %v", w.told())
			}
			a := w.alerts[0]
			want := fmt.Sprintf("visibility-loss of AS40001 firing by visibility: %d of 1", tc.loses)
			if got := line(&a); got != want || a.Counts.Peers != uint32(12-tc.held) || a.Counts.PeersTotal != 12 {
				t.Errorf("told %q, want %q; counts %+v", got, want, a.Counts)
			}
			w.alerts = nil
			for _, p := range list {
				w.visibility(p, 40001, 12, 12)
			}
			w.wait(2 * route.Minute)
			expectTold(w, "back", fmt.Sprintf("visibility-loss of AS40001 resolved restored by visibility: %d of 1", tc.loses))
		})
	}
}

func TestLossThatIsOverInTimeOpensNothing(t *testing.T) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	w.victims(1, 1, "3356")
	w.begin()
	w.announced(40001, 3)
	for _, p := range nets(0, 3) {
		w.visibility(p, 40001, 0, 12)
	}
	w.wait(2 * route.Minute)
	w.visibility(nets(0, 1)[0], 40001, 12, 12)
	w.wait(route.Hour)
	expectTold(w, "one of three is back")
	w.visibility(nets(0, 1)[0], 40001, 0, 12)
	w.wait(3 * route.Minute)
	expectTold(w, "lost again", "visibility-loss of AS40001 firing by visibility: 3 of 1")
}

func TestFurtherPrefixesJoinALoss(t *testing.T) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	w.victims(1, 1, "3356")
	w.begin()
	w.announced(40001, 5)
	for _, p := range nets(0, 3) {
		w.visibility(p, 40001, 0, 12)
	}
	w.wait(3 * route.Minute)
	w.told()
	for _, p := range nets(3, 3) {
		w.visibility(p, 40001, 0, 12)
	}
	w.wait(route.Minute)
	var prefixes []route.Prefix
	for _, a := range w.alerts {
		if a.Scope == alert.ScopePrefix {
			prefixes = append(prefixes, a.Prefix)
		}
	}
	if diff := cmp.Diff(nets(3, 3), prefixes); diff != "" {
		t.Errorf("prefixes told (-want +got):\n%s", diff)
	}
	if n := w.c.Stats().Routes; n != 6 {
		t.Errorf("%d prefixes are lost: %v", n, w.incidents())
	}
}

// TestOriginThatFollowsALossIsConsequential lets another network announce what
// was lost.
func TestOriginThatFollowsALossIsConsequential(t *testing.T) {
	w, list := victimWorld(t, mature(), 3, 6, 1)
	w.begin()
	w.announced(40001, 6)
	for _, p := range list {
		w.visibility(p, 40001, 0, 12)
	}
	w.wait(3 * route.Minute)
	expectTold(w, "lost", "visibility-loss of AS40001 firing by visibility: 6 of 1")
	w.claims("15412 18101", 3, list...)
	w.wait(time20)
	expectTold(w, "announced by another")
	for _, p := range list {
		w.visibility(p, 40001, 12, 12)
	}
	w.wait(2 * route.Minute)
	var tags []string
	for _, a := range w.alerts {
		if a.Scope == alert.ScopeIncident {
			for _, e := range a.Evidence {
				tags = append(tags, e.Tag+": "+e.Detail)
			}
		}
	}
	want := []string{
		"lost-by-peers: up to 12 of 12 sessions lost a prefix",
		"consequential: AS18101 announces what was lost, after the loss",
	}
	if diff := cmp.Diff(want, tags); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}
