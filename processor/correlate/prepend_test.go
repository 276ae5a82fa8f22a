package correlate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// prepends tells that a peer's path to a prefix has other prepends.
func (w *world) prepends(peer route.ASN, p route.Prefix, was, now uint64) {
	w.Helper()
	tail := w.prefixes[p].routes[peer].path[1:]
	r := wire.Record{
		Kind: wire.RecordChange, Flags: wire.RecordWatched | wire.RecordPrepended, Prefix: p, Routes: was, Raised: now,
	}
	w.update(w.sessions[peer], frame{entry{Record: r, prev: tail, next: tail}})
}

func TestPrependsThatChangeAtThreePeersAreInformation(t *testing.T) {
	const more = "20.0.0.0/24: path-inflation of AS40001 resolved became-normal, AS40001"
	for name, tc := range map[string]struct {
		play func(w *world, p route.Prefix)
		want []string
	}{
		"at two peers": {func(w *world, p route.Prefix) {
			w.prepends(101, p, 3, 6)
			w.prepends(102, p, 3, 6)
			w.prepends(102, p, 6, 7)
		}, nil},
		"at three peers": {func(w *world, p route.Prefix) {
			for _, peer := range w.order[:3] {
				w.prepends(peer, p, 3, 6)
			}
		}, []string{more}},
		"at three peers, in both directions": {func(w *world, p route.Prefix) {
			w.prepends(101, p, 3, 6)
			w.prepends(102, p, 6, 3)
			w.prepends(103, p, 3, 6)
		}, nil},
		"at three peers within more than a minute": {func(w *world, p route.Prefix) {
			for _, peer := range w.order[:3] {
				w.prepends(peer, p, 3, 6)
				w.wait(40 * route.Second)
			}
		}, nil},
		"fewer at three peers": {func(w *world, p route.Prefix) {
			for _, peer := range w.order[:3] {
				w.prepends(peer, p, 6, 3)
			}
		}, []string{"20.0.0.0/24: path-shortening of AS40001 resolved became-normal, AS40001"}},
		"at all peers, and back, within half an hour": {func(w *world, p route.Prefix) {
			for range 3 {
				for _, peer := range w.order {
					w.prepends(peer, p, 3, 6)
				}
				w.wait(9 * route.Minute)
			}
		}, []string{more}},
		"of a prefix that is hijacked": {func(w *world, p route.Prefix) {
			w.claims("15412 18101", 3, p)
			w.wait(time20)
			w.told()
			for _, peer := range w.order[4:8] {
				w.prepends(peer, p, 3, 6)
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, p := trendWorld(t, 12)
			tc.play(w, p)
			w.wait(1)
			if diff := cmp.Diff(tc.want, w.told()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsToldOfPrepends(t *testing.T) {
	w, p := trendWorld(t, 12)
	for _, peer := range w.order[:3] {
		w.prepends(peer, p, 4, 7)
	}
	w.wait(1)
	if len(w.alerts) != 1 {
		t.Fatalf("told %v", w.told())
	}
	a := &w.alerts[0]
	want := "20.0.0.0/24 of AS40001 is reached over the same networks with more prepends by 3 of 12 peers: " +
		"raw length 4 before, 7 now."
	if a.Summary != want || a.Severity != alert.SeverityInfo || a.Rule != "prepend-change" || a.Closed != a.Opened {
		t.Errorf("told %+v", a)
	}
	if err := a.Validate(); err != nil {
		t.Error(err)
	}
	if n := w.c.Stats().Open; n != 0 {
		t.Errorf("%d alerts fire", n)
	}
}
