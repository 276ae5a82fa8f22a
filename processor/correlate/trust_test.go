package correlate

import (
	"fmt"
	"strings"
	"testing"

	"detour/processor/reference"
	"detour/route"
	"detour/wire"
)

// distrusted returns the ASNs of the peers that coverage names so.
func (w *world) distrusted() (list []route.ASN) {
	for _, p := range w.c.Coverage().Peers {
		if p.State == StateDistrusted {
			list = append(list, p.Peer.ASN)
		}
	}
	return list
}

// lies lets a peer show origins that nobody else shows, one for each prefix if each.
func (w *world) lies(peer route.ASN, through string, each bool, prefixes []route.Prefix) {
	w.Helper()
	for i, p := range prefixes {
		origin := 18101
		if each {
			origin += i
		}
		w.says(fmt.Sprintf("%d %s %d", peer, through, origin), p)
	}
}

const many = aloneLeast + 20

// TestALyingPeerIsDistrusted: it opens nothing, is named, has no voice, and is
// trusted again when it has taken its lies back.
func TestALyingPeerIsDistrusted(t *testing.T) {
	for name, lie := range map[string]func(w *world, list []route.Prefix){
		"itself as the origin":      func(w *world, list []route.Prefix) { w.says("101", list...) },
		"one origin":                func(w *world, list []route.Prefix) { w.lies(101, "15412", false, list) },
		"another origin for each":   func(w *world, list []route.Prefix) { w.lies(101, "15412", true, list) },
		"next to the usual transit": func(w *world, list []route.Prefix) { w.lies(101, "3356", true, list) },
		"and another peer's few lies": func(w *world, list []route.Prefix) {
			w.says("101", list...)
			w.says("102", list[:4]...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := victimWorld(t, mature(), 12, many, 40)
			w.begin()
			lie(w, list)
			last := w.at - w.pace
			w.wait(last + aloneWait - route.Second - w.at)
			if got := w.distrusted(); got != nil {
				t.Errorf("before others had time to agree: %v", got)
			}
			w.wait(2 * route.Second)
			if got := fmt.Sprint(w.distrusted()); got != "[101]" {
				t.Fatalf("distrusted: %v", got)
			}
			if _, votes := w.c.sessions.voters[0][101]; votes {
				t.Error("it votes")
			}
			w.claims("15412 18101", 3, nets(5001, 9)...) // itself and two others: too few, though nobody knew these
			w.wait(route.Hour)
			w.leaks("101 3356", 40, list[:many/2])
			w.wait(2 * route.Hour)
			if got := fmt.Sprint(w.distrusted()); got != "[101]" {
				t.Errorf("with half of it left: distrusted %v", got)
			}
			w.leaks("101 3356", 40, list)
			w.wait(2 * route.Hour)
			if got := w.distrusted(); got != nil {
				t.Errorf("in the end: distrusted %v", got)
			}
			if _, votes := w.c.sessions.voters[0][101]; !votes {
				t.Error("it does not vote in the end")
			}
			if got := w.told(); got != nil {
				t.Errorf("told %v", got)
			}
		})
	}
}

// TestADistrustedPeerIsNoneOfThree: a hijack that two others see stays too small.
func TestADistrustedPeerIsNoneOfThree(t *testing.T) {
	w, list := victimWorld(t, mature(), 12, many+10, 40)
	w.begin()
	w.says("101", list[:many]...)
	w.wait(2 * aloneWait)
	w.claims("15412 18101", 3, list[many:]...)
	w.wait(route.Minute)
	if got := w.told(); got != nil {
		t.Errorf("told %v", got)
	}
	w.claims("15412 18101", 4, list[many:]...)
	w.wait(route.Minute)
	if got := w.incidents(); len(got) == 0 || !strings.HasPrefix(got[0], "hijack AS18101 firing") {
		t.Errorf("told %v", got)
	}
}

// TestTheFirstToSeeAHijackIsTrusted: others follow, and the incident opens.
func TestTheFirstToSeeAHijackIsTrusted(t *testing.T) {
	w, list := victimWorld(t, mature(), 12, many, 40)
	w.begin()
	w.claims("15412 18101", 1, list...)
	w.wait(aloneWait - route.Second - w.pace*many)
	for _, peer := range w.order[1:4] {
		w.says(fmt.Sprintf("%d 15412 18101", peer), list...)
	}
	w.wait(route.Minute)
	if got := w.incidents(); len(got) == 0 || !strings.HasPrefix(got[0], "hijack AS18101 firing") {
		t.Errorf("told %v", got)
	}
	w.wait(8 * route.Hour)
	if got := w.distrusted(); got != nil {
		t.Errorf("distrusted: %v", got)
	}
}

// TestWhatIsNoLie: less, what others show, too, what nobody else has a route of,
// and what a session shows as it comes up, unless that is much of its table.
func TestWhatIsNoLie(t *testing.T) {
	for name, tc := range map[string]struct {
		peers int
		play  func(w *world, list []route.Prefix)
		lies  bool
	}{
		"many prefixes":    {12, func(w *world, list []route.Prefix) { w.says("101", list...) }, true},
		"one prefix less":  {12, func(w *world, list []route.Prefix) { w.says("101", list[:aloneLeast-1]...) }, false},
		"too few to judge": {3, func(w *world, list []route.Prefix) { w.says("101", list...) }, false},
		"more that one other shows": {12, func(w *world, list []route.Prefix) {
			w.claims("15412 18101", 2, list...)
			w.says("101 9002", list...)
		}, false},
		"parts of the prefixes of others": {12, func(w *world, list []route.Prefix) {
			for _, p := range list {
				p.Bits++
				w.says("101", p)
			}
		}, false},
		"taken back at once": {12, func(w *world, list []route.Prefix) {
			w.says("101", list...)
			w.leaks("101 3356", 40, list)
		}, false},
		"withdrawn at once": {12, func(w *world, list []route.Prefix) {
			w.says("101", list...)
			w.withdraw(101, list...)
		}, false},
		"the session ends": {12, func(w *world, list []route.Prefix) {
			w.says("101", list...)
			w.event(w.sessions[101], route.KindPeerDown)
		}, false},
		"a transfer, a tenth of its table": {12, func(w *world, list []route.Prefix) {
			w.holds(101, route.IPv4, 10*many)
			w.announce(wire.RecordLearning, "101", list...)
		}, true},
		"a transfer, less of its table": {12, func(w *world, list []route.Prefix) {
			w.holds(101, route.IPv4, 10*many+10)
			w.announce(wire.RecordLearning, "101", list...)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := victimWorld(t, mature(), tc.peers, many, 40)
			w.begin()
			tc.play(w, list)
			w.wait(3 * aloneWait)
			if got := w.distrusted(); (len(got) > 0) != tc.lies {
				t.Errorf("distrusted: %v", got)
			}
			w.c.trust.check(t, w.c)
		})
	}
}

// check holds the counts of sessions against what is kept.
func (k *trust) check(t *testing.T, c *Correlator) {
	t.Helper()
	n, got := 0, map[uint32]doubts{}
	for p, list := range k.shown {
		if len(list) == 0 {
			t.Errorf("%v has an empty list", p)
		}
		n += len(list)
		for _, e := range list {
			d := got[e.session]
			if !e.agrees {
				d.shown++
			}
			if e.alone {
				d.alone++
			}
			if e.alone && e.late {
				d.late++
			}
			got[e.session] = d
		}
	}
	if n != k.n {
		t.Errorf("%d are counted, %d kept", k.n, n)
	}
	for i := range c.sessions.list {
		have, want := c.sessions.list[i].doubts, got[uint32(i)]
		if have.shown != want.shown || have.alone != want.alone || have.late != want.late {
			t.Errorf("session %d: %+v, kept %+v", i, have, want)
		}
	}
}

// TestIgnoredPeersCountForNothing: by ASN and address, and only as long
// as the user says so.
func TestIgnoredPeersCountForNothing(t *testing.T) {
	for who, ignores := range map[string]bool{
		"AS103": true, "103": true, "192.0.0.3": true, "104": false, "192.0.0.4": false, "rrc01": false,
	} {
		t.Run(who, func(t *testing.T) {
			list, err := reference.ReadPeers([]string{who})
			if err != nil {
				t.Fatal(err)
			}
			cfg := mature()
			cfg.Outside.Ignore = list
			w, prefixes := victimWorld(t, cfg, 12, 9, 3)
			w.begin()
			w.claims("15412 18101", 3, prefixes...)
			w.wait(route.Minute)
			if got := w.incidents(); (len(got) == 0) != ignores {
				t.Errorf("told %v", got)
			}
			if !ignores {
				return
			}
			if cov := w.c.Coverage(); cov.Collectors[0].Ignored == 0 {
				t.Errorf("coverage %+v", cov.Collectors[0])
			}
			w.c.SetOutside(Outside{})
			w.wait(1)
			w.claims("1299 18101", 3, prefixes...)
			w.wait(route.Minute)
			if got := w.incidents(); len(got) == 0 {
				t.Error("nothing is told when nobody is ignored")
			}
			w.c.SetOutside(Outside{Ignore: list})
			w.wait(1)
			if _, votes := w.c.sessions.voters[0][103]; votes {
				t.Error("it votes when it is ignored again")
			}
		})
	}
}

// TestOneFlappingRouteLeavesRoomForOthersLies: what waits is bounded for each peer.
func TestOneFlappingRouteLeavesRoomForOthersLies(t *testing.T) {
	cfg := mature()
	cfg.Limits.Shown = aloneMost + 2000
	w, list := victimWorld(t, cfg, 12, many, 40)
	w.begin()
	for i := range aloneMost + 2100 {
		w.says("102 15412 "+[]string{"18101", "18102"}[i%2], list[0])
		if i%1000 == 0 {
			w.wait(1)
		}
	}
	w.lies(101, "15412", true, list)
	w.wait(aloneWait + 10*route.Second)
	if len(w.distrusted()) == 0 {
		t.Error("101 lies in masses and is trusted, since 102 flaps one route")
	}
}
