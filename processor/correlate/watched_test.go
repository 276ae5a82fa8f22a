package correlate

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// watchedWorld has one watched prefix of AS40001.
func watchedWorld(t testing.TB, cfg Config, peers int) (*world, route.Prefix) {
	cfg.Outside.Watch = watchFile(t, "20.0.0.0/24")
	w := newWorld(t, cfg, manyPeers(peers)...)
	list := w.victims(1, 1, "3356")
	w.table("101 3356 396531", nets(5000, 1)...)
	w.table("101 33154 396531", nets(5000, 1)...)
	return w.begin(), list[0]
}

const (
	longer  = "3356 9002 6453 40001" // two ASes longer than any path before
	flipped = "396531 33154 40001"   // one longer, and against the known direction
)

// TestDefaultQuorumGoesByTheNumberOfPeers holds that two of fewer than ten peers
// are enough, else three, on the deciding update itself.
func TestDefaultQuorumGoesByTheNumberOfPeers(t *testing.T) {
	for peers, quorum := range map[int]int{2: 2, 9: 2, 10: 3, 12: 3} {
		w, p := watchedWorld(t, mature(), peers)
		w.claims(longer, quorum-1, p)
		w.wait(1)
		if got := w.told(); got != nil {
			t.Errorf("%d of %d peers: told %v", quorum-1, peers, got)
		}
		at := w.at
		w.says(fmt.Sprintf("%d %s", w.order[quorum-1], longer), p)
		w.wait(1)
		if len(w.alerts) != 1 || w.alerts[0].Opened != at || w.alerts[0].Rule != rulePrefix {
			t.Errorf("%d of %d peers: told %v", quorum, peers, w.told())
		}
	}
}

func TestDefaultSettleKeepsAnAlertForAMinute(t *testing.T) {
	w, p := watchedWorld(t, mature(), 3)
	w.claims(longer, 3, p)
	w.wait(10 * route.Minute)
	w.told()
	w.claims("3356 40001", 3, p)
	last := w.at - w.pace
	w.wait(last + route.Minute - w.at)
	if got := w.told(); got != nil {
		t.Errorf("told within the minute: %v", got)
	}
	w.wait(1)
	if len(w.alerts) != 1 || w.alerts[0].Closed != last+route.Minute || w.alerts[0].CloseReason != alert.CloseWithdrawn {
		t.Errorf("told %v", w.told())
	}
}

func TestWatchedPrefixNeedsMoreThanANewcomer(t *testing.T) {
	for name, tc := range map[string]struct {
		path  string
		flags wire.RecordFlags
		opens bool
	}{
		"longer":                       {longer, 0, true},
		"longer, in maintenance":       {longer, wire.RecordMaintenance, false},
		"longer, blackholed":           {longer, wire.RecordRTBH, true},
		"longer, in a transfer":        {longer, wire.RecordLearning, false},
		"a newcomer in place of 3356":  {"9002 40001", 0, false},
		"against the known direction":  {flipped, 0, true},
		"with the known direction":     {"33154 396531 40001", 0, false},
		"longer through who was there": {"3356 40001 40001 40001 40001", 0, true}, // path inflation
		"longer, over a gap":           {"3356 _ _ 40001", 0, true},               // path inflation
	} {
		t.Run(name, func(t *testing.T) {
			w, p := watchedWorld(t, mature(), 5)
			for _, peer := range w.order {
				w.announce(tc.flags, fmt.Sprintf("%d %s", peer, tc.path), p)
			}
			w.wait(1)
			if got := w.told(); (len(got) > 0) != tc.opens {
				t.Errorf("told %v", got)
			}
		})
	}
}

// TestWatchedPrefixOfALeakIsToldByTheIncident holds that there is no second
// alert beside that of the incident.
func TestWatchedPrefixOfALeakIsToldByTheIncident(t *testing.T) {
	cfg := mature()
	cfg.Outside.Watch = watchFile(t, "20.0.12.0/24")
	w := newWorld(t, cfg, manyPeers(12)...)
	list := w.victims(13, 13, "3356")
	w.table("101 701 396531", nets(5000, 1)...)
	w.table("101 3356 33154 396531", nets(5000, 1)...)
	w.begin()
	w.leaks("101 "+leakPath, 13, list[:12])
	w.wait(1)
	w.told()
	for _, peer := range w.order {
		w.says(fmt.Sprintf("%d %s %d", peer, leakPath, originOf(12, 13)), list[12])
	}
	w.wait(1)
	want := []string{"20.0.12.0/24: leak AS396531 firing, AS40013"}
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
