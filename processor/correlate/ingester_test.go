package correlate

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// TestLostUpdatesAreNoLoss: what was withdrawn before updates were lost may have
// been announced again.
func TestLostUpdatesAreNoLoss(t *testing.T) {
	for name, kind := range map[string]route.Kind{"gap": route.KindGap, "silence": route.KindSilent} {
		w, p := lossWorld(t, 12)
		w.withdraws(p, w.order[:8]...)
		w.event(nil, kind)
		w.wait(130 * route.Second)
		if got := w.told(); len(got) != 0 {
			t.Errorf("%s: told %v", name, got)
		}
	}
}

// TestAnOpenLossEndsByWhatIsKnown: a gap changes nothing about it, sessions that
// end are no restoration.
func TestAnOpenLossEndsByWhatIsKnown(t *testing.T) {
	expired := strings.Replace(restored, "restored", "expired", 1)
	for name, tc := range map[string]struct {
		play func(w *world, p route.Prefix)
		want []string
	}{
		"gap":     {func(w *world, _ route.Prefix) { w.event(nil, route.KindGap) }, nil},
		"silence": {func(w *world, _ route.Prefix) { w.event(nil, route.KindSilent) }, nil},
		"gap, then all are back": {func(w *world, p route.Prefix) {
			w.event(nil, route.KindGap)
			w.claims("3356 40001", 8, p)
		}, []string{"20.0.0.0/24: visibility-loss of AS40001 resolved restored, AS40001", restored}},
		"sessions end": {func(w *world, _ route.Prefix) {
			for _, peer := range w.order[:8] {
				w.event(w.sessions[peer], route.KindPeerDown)
			}
		}, []string{"20.0.0.0/24: visibility-loss of AS40001 resolved expired, AS40001", expired}},
	} {
		w, p := lossWorld(t, 12)
		w.withdraws(p, w.order[:8]...)
		w.wait(131 * route.Second)
		if got := w.told(); len(got) != 2 {
			t.Fatalf("%s: told %v", name, got)
		}
		tc.play(w, p)
		w.wait(5 * route.Minute)
		if diff := cmp.Diff(tc.want, w.told()); diff != "" {
			t.Errorf("%s: told (-want +got):\n%s", name, diff)
		}
	}
}

// twoIngesters is a world that two ingesters see, each half of the peers.
func twoIngesters(t testing.TB) *world {
	w := newWorld(t, mature(), manyPeers(12)...)
	for i, peer := range w.order {
		w.ingester = []string{"amsterdam", "tokyo"}[i/6]
		w.table(peer.String()+" 3356 40001", nets(0, 10)...)
	}
	for _, w.ingester = range []string{"tokyo", "amsterdam"} {
		w.event(nil, route.KindEndOfRIB)
	}
	w.at = start
	w.flush()
	return w
}

// TestASilentIngesterIsNamed: its peers are in no denominator, alerts say so, and
// what it tells at first when it is back is learned.
func TestASilentIngesterIsNamed(t *testing.T) {
	w := twoIngesters(t)
	said := func(want ingesterState) {
		t.Helper()
		cov := w.c.Coverage()
		got := ingesterState{state: cov.State, reasons: cov.Reasons, voters: len(w.c.sessions.voters[0])}
		for _, in := range cov.Ingesters {
			if in.Name == "tokyo" {
				got.unseen, got.silent = in.Unseen, in.Silent
			}
		}
		for _, col := range cov.Collectors {
			got.live, got.quiet, got.learning = col.Live, col.Silent, col.Learning
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(ingesterState{})); diff != "" {
			t.Errorf("coverage (-want +got):\n%s", diff)
		}
	}
	said(ingesterState{state: alert.CoverageComplete, voters: 12, live: 12})
	w.ingester = "tokyo"
	w.event(nil, route.KindSilent)
	w.ingester = "amsterdam"
	w.wait(route.Minute)
	const reason = "ingester tokyo is silent since 1970-01-01 00:09:30: 6 of 12 peers are not seen"
	said(ingesterState{
		state: alert.CoverageDegraded, reasons: []string{reason}, voters: 6, live: 6, quiet: 6, unseen: 6, silent: true,
	})
	w.event(w.sessions[w.order[11]], route.KindPeerUp) // amsterdam reads one of them, too
	w.wait(route.Minute)
	if got := w.c.Coverage().Reasons; len(got) != 1 || !strings.HasSuffix(got[0], ": 5 of 12 peers are not seen") {
		t.Errorf("with a peer that is read twice: %q", got)
	}
	w.ingester = "tokyo"
	w.event(nil, route.KindHeard)
	w.flush()
	said(ingesterState{state: alert.CoverageComplete, voters: 12, live: 13, learning: 7})
	w.ingester = "amsterdam"
	w.event(nil, route.KindSilent)
	w.wait(25 * route.Hour)
	w.event(w.sessions[w.order[11]], route.KindPeerUp)
	w.flush()
	if got := w.c.Coverage(); got.State != alert.CoverageComplete {
		t.Errorf("an ingester that is gone for good is still missed: %+v", got.Coverage)
	}
}

type ingesterState struct {
	state                                 alert.CoverageState
	reasons                               []string
	voters, live, quiet, learning, unseen int
	silent                                bool
}

// TestOneLossOfUpdatesIsOneGap: each shard tells of its part.
func TestOneLossOfUpdatesIsOneGap(t *testing.T) {
	w := twoIngesters(t)
	for range 4 {
		w.event(nil, route.KindGap)
	}
	w.wait(2 * route.Minute)
	w.event(nil, route.KindGap)
	w.ingester = "tokyo"
	w.event(nil, route.KindGap)
	w.flush()
	if got := w.c.Stats().Gaps; got != 3 {
		t.Errorf("%d gaps, want 3", got)
	}
	var gaps []uint64
	for _, in := range w.c.Coverage().Ingesters {
		gaps = append(gaps, in.Gaps)
	}
	if !slices.Equal(gaps, []uint64{2, 1}) {
		t.Errorf("gaps of amsterdam and tokyo %v", gaps)
	}
}

// TestEvidenceThatIsLostIsPassedAndMarked: without being told so, a correlator
// waits for it.
func TestEvidenceThatIsLostIsPassedAndMarked(t *testing.T) {
	s, _ := newScene(t, Config{Maturity: MatureYes}, 10)
	at := func(from uint64) error {
		h := wire.RangeHeader{Shards: 1, From: from, Engine: route.Time(from) * route.Second}
		return s.c.Range(encode(t, h, []frame{{}}), s.collect)
	}
	next := s.next
	if err := at(next + 5); !errors.Is(err, ErrFuture) {
		t.Fatalf("a range beyond the mark: %v", err)
	}
	s.c.Lost()
	if err := at(next + 5); err != nil {
		t.Fatal(err)
	}
	if err := at(next + 7); !errors.Is(err, ErrFuture) {
		t.Errorf("the next range beyond the mark: %v", err)
	}
	if err := at(next); err != nil { // comes late: it is known to be over
		t.Error(err)
	}
	if got := s.c.Marks()[0].To; got != next+6 || s.c.Stats().Lost != 5 {
		t.Errorf("mark %d and %d lost, want %d and 5", got, s.c.Stats().Lost, next+6)
	}
	if cov := s.c.Coverage(); cov.State != alert.CoverageDegraded {
		t.Errorf("coverage %+v", cov)
	}
}
