package correlate

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
)

// trendWorld has a watched prefix whose routes of long ago went through some
// other ASes, too, so that none of those is new to it. Its peers have a route of
// three hops, the longest that was held.
func trendWorld(t testing.TB, peers int) (*world, route.Prefix) {
	cfg := mature()
	cfg.Outside.Watch = watchFile(t, "20.0.0.0/24")
	w := newWorld(t, cfg, manyPeers(peers)...)
	p := nets(0, 1)[0]
	w.table("101 1239 7018 40001", p)
	for _, peer := range w.order {
		w.table(fmt.Sprintf("%d 3356 7018 40001", peer), p)
	}
	k := w.prefixes[p]
	k.onPath, k.longest = append(k.onPath, 6453, 6461), 4
	return w.begin(), p
}

func TestTrendsOfAWatchedPrefix(t *testing.T) {
	for name, tc := range map[string]struct {
		path  string
		peers int // of twelve
		pace  route.Time
		want  []string
	}{
		"longer at three peers": {
			"3356 6453 6461 7018 40001", 3, 1000, []string{"20.0.0.0/24: path-inflation of AS40001 firing, AS40001"},
		},
		"longer at two peers": {"3356 6453 6461 7018 40001", 2, 1000, nil},
		"longer with a newcomer, which has a rule of its own": {
			"3356 6453 64000 7018 40001", 3, 1000,
			[]string{"20.0.0.0/24: unexpected-transit AS64000 firing, AS40001"},
		},
		"shorter at three peers": {
			"40001", 3, 1000,
			[]string{"20.0.0.0/24: path-shortening of AS40001 firing, AS40001"},
		},
		"shorter at two peers":              {"40001", 2, 1000, nil},
		"shorter within more than a minute": {"40001", 3, 40 * route.Second, nil},
		"moved at half of the peers": {
			"1239 7018 40001", 6, 1000, []string{"20.0.0.0/24: unexpected-transit AS1239 firing, AS40001"},
		},
		"moved at less than half of the peers": {"1239 7018 40001", 5, 1000, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, p := trendWorld(t, 12)
			w.pace = tc.pace
			w.claims(tc.path, tc.peers, p)
			w.wait(1)
			if diff := cmp.Diff(tc.want, w.told()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrendHasALife(t *testing.T) {
	w, p := trendWorld(t, 12)
	w.claims("40001", 3, p)
	opened := w.at - w.pace
	w.claims("40001", 4, p)
	w.wait(10 * route.Minute)
	if len(w.alerts) != 1 || w.alerts[0].Opened != opened || w.alerts[0].Rule != "watched-shortening" {
		t.Fatalf("told %v", w.told())
	}
	first := w.alerts[0]
	counts := alert.Counts{Prefixes: 1, Origins: 1, Peers: 3, PeersTotal: 12, Sessions: 3, Updates: 3}
	if diff := cmp.Diff(counts, first.Counts); diff != "" || len(first.Samples) != 3 {
		t.Errorf("%d samples, counts (-want +got):\n%s", len(first.Samples), diff)
	}
	w.told()
	w.claims("3356 7018 40001", 12, p)
	w.wait(1)
	if len(w.alerts) != 1 || w.alerts[0].ID != first.ID || w.alerts[0].CloseReason != alert.CloseWithdrawn ||
		w.alerts[0].Revision != 2 {
		t.Errorf("told %v", w.told())
	}
	w.told()
	w.claims("40001", 3, p)
	w.wait(1)
	if got := w.told(); got != nil {
		t.Errorf("again within half an hour: %v", got)
	}
	w.claims("3356 7018 40001", 12, p)
	w.wait(30 * route.Minute)
	w.claims("40001", 3, p)
	w.wait(1)
	if len(w.alerts) != 1 || w.alerts[0].ID == first.ID {
		t.Errorf("again after half an hour: %v", w.told())
	}
	if n := w.c.Stats().Open; n != 1 {
		t.Errorf("%d alerts fire", n)
	}
}

// TestTrendShowsTheRoutesThatMakeIt holds that samples are of those routes alone,
// as they were before and are now.
func TestTrendShowsTheRoutesThatMakeIt(t *testing.T) {
	w, p := trendWorld(t, 12)
	w.says("105 3356 40001", p) // shorter by one
	w.claims("40001", 3, p)
	w.wait(1)
	if len(w.alerts) != 1 || len(w.alerts[0].Samples) != 3 {
		t.Fatalf("told %v", w.told())
	}
	for _, s := range w.alerts[0].Samples {
		if len(s.Before) != 4 || len(s.After) != 2 {
			t.Errorf("sample %v to %v", s.Before, s.After)
		}
	}
}

func TestTrendBecomesNormal(t *testing.T) {
	cfg := mature()
	cfg.Hold = time20
	cfg.Outside.Watch = watchFile(t, "20.0.0.0/24")
	w := newWorld(t, cfg, manyPeers(12)...)
	p := nets(0, 1)[0]
	for _, peer := range w.order {
		w.table(fmt.Sprintf("%d 3356 7018 40001", peer), p)
	}
	w.begin()
	w.claims("40001", 3, p)
	opened := w.at - w.pace
	w.wait(opened + time20 - w.at)
	if len(w.alerts) != 1 {
		t.Fatalf("told %v", w.told())
	}
	w.wait(1)
	a := w.alerts[len(w.alerts)-1]
	if len(w.alerts) != 2 || a.CloseReason != alert.CloseNormal || a.Closed != opened+time20 {
		t.Errorf("told %v", w.told())
	}
	want := "20.0.0.0/24 of AS40001: that peers have suddenly shorter paths has lasted for 20m0s and counts as normal " +
		"from now on."
	if a.Summary != want {
		t.Errorf("summary %q", a.Summary)
	}
	if n := w.c.Stats().Open; n != 0 {
		t.Errorf("%d alerts fire", n)
	}
}

// TestTrendOfAHijackedPrefixIsNotTold lets peers take shorter paths to a prefix
// while others have the route of another network.
func TestTrendOfAHijackedPrefixIsNotTold(t *testing.T) {
	w, p := trendWorld(t, 12)
	w.claims("15412 18101", 3, p)
	w.wait(5 * route.Minute)
	for _, peer := range w.order[6:9] {
		w.says(fmt.Sprintf("%d 40001", peer), p)
	}
	w.wait(1)
	want := []string{
		"hijack AS18101 firing by watched-origin: 1 of 1", "20.0.0.0/24: hijack AS18101 firing, AS40001",
	}
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("shorter at three others: told (-want +got):\n%s", diff)
	}
}

// TestSilentSessionsLeaveTheDenominators lets one of twelve full feeds say
// nothing for more than half an hour, while the others speak.
func TestSilentSessionsLeaveTheDenominators(t *testing.T) {
	w, _ := trendWorld(t, 12)
	for _, peer := range w.order {
		w.holds(peer, route.IPv4, 10_000)
	}
	w.holds(112, route.IPv4, 9_999) // may be silent: it has few routes
	for range 40 {
		for _, peer := range w.order[:10] {
			w.holds(peer, route.IPv4, 10_000)
		}
		w.wait(route.Minute)
	}
	voters := func() (n int) { return len(w.c.sessions.voters[0]) }
	if voters() != 11 {
		t.Errorf("%d of 12 vote", voters())
	}
	if _, votes := w.c.sessions.voters[0][111]; votes {
		t.Error("the silent one votes")
	}
	w.holds(111, route.IPv4, 10_001)
	w.wait(1)
	if voters() != 12 {
		t.Errorf("%d of 12 vote after it has spoken", voters())
	}
}
