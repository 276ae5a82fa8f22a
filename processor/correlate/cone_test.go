package correlate

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// coneWorld knows so many origins, and a network, 9498, with a peer behind it
// which takes the routes to the first of them from it. 6453 takes those to the
// first cone from it, too.
func coneWorld(origins, taken, cone int) *knowledge {
	cfg := Config{}.withDefaults()
	k := newKnowledge(&cfg, &Refused{})
	x, peer, provider, up := k.id(9498), k.id(24560), k.id(6453), k.id(3356)
	for o := range origins {
		old := k.id(route.ASN(100_000 + o))
		k.node(up, old, 0, old, 0, ever)
		if o < taken {
			k.node(peer, x, up, old, 0, ever)
			k.node(x, up, old, old, 0, ever)
		}
		if o < cone {
			k.node(provider, x, up, old, 0, ever)
		}
	}
	return k
}

func TestWhatAPeerBehindSeesIsNotBehind(t *testing.T) {
	for name, tc := range map[string]struct {
		origins, taken, cone int
		ask                  route.ASN
		behind               bool
	}{
		"seen by the peer behind it alone":    {2000, 2000, 10, 101_000, false},
		"seen by another, too":                {2000, 2000, 10, 100_009, true},
		"of a table too small to say":         {999, 999, 10, 100_900, true},
		"of less than half of the table":      {2000, 999, 10, 100_900, true},
		"of half of the table":                {2000, 1000, 10, 100_900, false},
		"seen by others who take half of all": {2000, 2000, 1000, 100_500, false},
		"seen by others who take less of all": {2000, 2000, 999, 100_500, true},
		"never seen":                          {2000, 2000, 10, 200_000, false},
	} {
		t.Run(name, func(t *testing.T) {
			k := coneWorld(tc.origins, tc.taken, tc.cone)
			if got := k.behind(k.id(9498), k.id(tc.ask)); got != tc.behind {
				t.Errorf("behind: %v", got)
			}
		})
	}
}

// TestWhoTellsOthersAsMuchIsNoLeakerByEdge plays the leak that only edges show,
// by a network that tells another neighbour of some origins every day.
func TestWhoTellsOthersAsMuchIsNoLeakerByEdge(t *testing.T) {
	for name, tc := range map[string]struct {
		told  int // origins that the neighbour takes from it
		file  []string
		opens bool
	}{
		"nothing":                             {0, nil, true},
		"less than now":                       {8, nil, true},
		"twice as much as now":                {25, nil, false},
		"a table":                             {40, nil, true},
		"as much, but the file tells of them": {25, []string{"701>396531", "33154>396531"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := mature()
			if tc.file != nil {
				cfg.Outside.Relationships = relations(t, tc.file...)
			}
			w := newWorld(t, cfg, 2914, 1299, 27)
			all := w.victims(300, 300, "3356", "701", "396531 33154 3356")
			w.table("2914 701 396531", nets(5000, 1)...)
			w.table("1299 3356 33154 396531", nets(5000, 1)...)
			for i, p := range all[:tc.told] {
				w.table(fmt.Sprintf("1299 5511 396531 9009 %d", originOf(i, 300)), p)
			}
			w.begin()
			w.leaks("2914 "+leakPath, 300, all[100:112])
			w.wait(1)
			if got := w.incidents(); (len(got) > 0) != tc.opens {
				t.Errorf("told %v", got)
			}
		})
	}
}

// TestNeighbourThatBeginsToTakeTheTableIsNoLeakByEdge lets most origins of what
// looks like a leak by edge be new to the peers.
func TestNeighbourThatBeginsToTakeTheTableIsNoLeakByEdge(t *testing.T) {
	for fresh, opens := range map[int]bool{100: true, 110: false} {
		w := newWorld(t, mature(), 2914, 1299, 27)
		list := w.victims(12, 12, "3356", "701", "396531 33154 3356")
		w.table("2914 701 396531", nets(5000, 1)...)
		w.table("1299 3356 33154 396531", nets(5000, 1)...)
		for i, p := range nets(100, fresh) {
			w.table(fmt.Sprintf("27 396531 33154 3356 %d", 50_001+i), p)
		}
		w.begin()
		for i, p := range nets(100, fresh) {
			w.says(fmt.Sprintf("2914 %s %d", leakPath, 50_001+i), p)
		}
		w.leaks("2914 "+leakPath, 12, list)
		w.wait(1)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("%d origins without contrast: told %v", fresh, got)
		}
	}
}

// TestWhoIsOnAPeersWayToEverythingMayHijack lets a network announce what it is on
// the way to for one peer behind it, as to all else.
func TestWhoIsOnAPeersWayToEverythingMayHijack(t *testing.T) {
	w := newWorld(t, mature(), manyPeers(4)...)
	list := nets(0, manyOrigins+100)
	for i, p := range list {
		for _, peer := range w.order[:3] {
			w.table(fmt.Sprintf("%d 3356 %d", peer, originOf(i, len(list))), p)
		}
		w.table(fmt.Sprintf("%d 18101 3356 %d", w.order[3], originOf(i, len(list))), p)
	}
	w.begin()
	w.claims("15412 18101", 3, list[:5]...)
	w.wait(1)
	expectTold(w, "five prefixes", "hijack AS18101 firing by origin-prefixes: 5 of 5")
}

// TestBlackholeOfAWatchedPrefixByAStrangerIsAHijack lets another network
// announce a /32 of a watched prefix; nobody is told where nobody watches.
func TestBlackholeOfAWatchedPrefixByAStrangerIsAHijack(t *testing.T) {
	for watch, want := range map[string][]string{
		"20.0.0.0/24": {"subprefix-hijack AS18101 firing by watched-origin: 1 of 1"},
		"20.0.9.0/24": nil,
	} {
		cfg := mature()
		cfg.Outside.Watch = watchFile(t, watch+" AS40001")
		w, list := victimWorld(t, cfg, 12, 1, 1)
		w.begin()
		host := list[0]
		host.Bits = 32
		for _, peer := range w.order[:3] {
			w.announce(wire.RecordRTBH, fmt.Sprintf("%d 15412 18101", peer), host)
		}
		w.wait(1)
		expectTold(w, watch, want...)
	}
}

// TestWhoIsInAValleyIsTheSuspect lets three ASes come to a watched prefix at
// once; the file has both neighbours of one of them above it.
func TestWhoIsInAValleyIsTheSuspect(t *testing.T) {
	for suspect, file := range map[string][]string{
		"1031":   {"9>8"}, // says nothing: the nearest
		"262504": {"1031>262504", "267613-262504"},
		"267613": {"262504>267613", "3356>267613"},
	} {
		cfg := mature()
		cfg.Outside.Relationships = relations(t, file...)
		w, p := watchedWorld(t, cfg, 12)
		w.claims("1031 262504 267613 3356 40001", 3, p)
		w.wait(1)
		if len(w.alerts) != 1 || w.alerts[0].Suspect.String() != suspect {
			t.Errorf("AS%s: told %v", suspect, w.told())
		}
	}
}

// TestWhoAnnouncedALostPrefixBeforeItCountedIsConsequential lets another network
// announce what is lost before the loss has lasted long enough.
func TestWhoAnnouncedALostPrefixBeforeItCountedIsConsequential(t *testing.T) {
	w, p := lossWorld(t, 20)
	w.withdraws(p, w.order...)
	w.wait(route.Minute)
	w.claims("15412 18101", 3, p)
	w.wait(2 * route.Minute)
	var tags []string
	for _, a := range w.alerts {
		for _, e := range a.Evidence {
			if e.Tag == "consequential" && a.Scope == alert.ScopeIncident {
				tags = append(tags, a.ExpectedOrigin.String()+": "+e.Detail)
			}
		}
	}
	want := []string{"40001: AS18101 announces what was lost, after the loss"}
	if diff := cmp.Diff(want, tags); diff != "" {
		t.Errorf("told %v (-want +got):\n%s", w.told(), diff)
	}
}
