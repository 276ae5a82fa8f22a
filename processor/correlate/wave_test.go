package correlate

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// messages returns the times of the messages of incidents since start, and
// their prefixes.
func (w *world) messages() []string {
	w.Helper()
	var list []string
	for _, a := range w.alerts {
		if a.Scope == alert.ScopeIncident {
			list = append(list, fmt.Sprintf("%d at %.3f s: %d", a.Revision, float64(a.Updated-start)/1e6, a.Counts.Prefixes))
		}
	}
	return list
}

func expectTold(w *world, what string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.incidents()); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestOneIncidentAbsorbsTheWholeLeak(t *testing.T) {
	const n, m = 300, 150
	w := newWorld(t, mature(), 2914, 1299, 174)
	list := w.victims(n, m, "3356") // 701, 396531 and 33154 are new on the way to all
	w.table("2914 3549 396531", nets(5000, 1)...)
	w.table("1299 3356 33154 396531", nets(5000, 1)...)
	w.begin()
	for _, peer := range w.order {
		w.leaks(fmt.Sprintf("%d 701 6453 %s", peer, "396531 33154 3356"), m, list)
	}
	w.wait(10 * route.Second)
	suspects, ids := map[route.ASN]bool{}, map[string]bool{}
	prefixes := map[route.Prefix]int{}
	for _, a := range w.alerts {
		if a.Scope == alert.ScopePrefix {
			prefixes[a.Prefix]++
			continue
		}
		suspects[a.Suspect], ids[a.ID] = true, true
	}
	if len(suspects) != 1 || len(ids) != 1 {
		t.Errorf("suspects %v, incidents %v", suspects, ids)
	}
	if len(prefixes) != n || len(w.alerts) > n+10 {
		t.Errorf("%d messages, of %d prefixes", len(w.alerts), len(prefixes))
	}
	if s := w.c.Stats(); s.Routes != 3*n || s.Incidents != 1 {
		t.Errorf("%+v", s)
	}
	last := w.alerts[len(w.alerts)-1]
	if last.Counts.Prefixes != n || last.Counts.Origins != m || last.Counts.Peers != 3 {
		t.Errorf("last counts %+v", last.Counts)
	}
}

// TestGrowthIsTold holds that a message follows a growth by a fourth, at most
// one in ten seconds.
func TestGrowthIsTold(t *testing.T) {
	w, list := verizon(t, mature(), 100, 20, 0)
	leak := func(from, to int) {
		for i := from; i < to; i++ {
			w.says(fmt.Sprintf("2914 %s %d", leakPath, originOf(i%10, 20)), list[i/10*20+i%10])
		}
	}
	w.pace = 0
	leak(0, 10)
	w.wait(route.Second)
	leak(10, 12) // a fifth more
	w.wait(20 * route.Second)
	leak(12, 13) // three more of ten
	w.wait(route.Second)
	leak(13, 20) // a half more
	w.wait(8 * route.Second)
	leak(20, 21)
	w.wait(route.Second)
	if diff := cmp.Diff([]string{"1 at 0.000 s: 10", "2 at 21.000 s: 13"}, w.messages()); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	w.wait(1)
	if diff := cmp.Diff([]string{"1 at 0.000 s: 10", "2 at 21.000 s: 13", "3 at 31.000 s: 21"}, w.messages()); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestGrowthByOriginsOrPeersIsTold(t *testing.T) {
	for name, path := range map[string]string{"peers": "1299", "origins": "2914"} {
		w, list := verizon(t, mature(), 100, 100, 0)
		w.leaks("2914 "+leakPath, 100, list[:20])
		w.wait(20 * route.Second)
		if name == "peers" {
			w.leaks(path+" "+leakPath, 100, list[:1])
		} else {
			w.leaks(path+" "+leakPath, 100, list[20:25])
		}
		w.wait(1)
		if n := len(w.messages()); n != 3 {
			t.Errorf("%s: %v", name, w.messages())
		}
	}
}

func TestBigLeakMakesFewMessages(t *testing.T) {
	w, list := verizon(t, mature(), 2000, 400, 0)
	w.pace = 30 * 1000 // a minute
	w.leaks("2914 "+leakPath, 400, list)
	w.wait(route.Minute)
	var times []route.Time
	for _, a := range w.alerts {
		if a.Scope == alert.ScopeIncident {
			times = append(times, a.Updated)
		}
	}
	if len(times) < 4 || len(times) > 8 {
		t.Errorf("messages %v", w.messages())
	}
	for i := 1; i < len(times); i++ {
		if times[i]-times[i-1] < 10*route.Second {
			t.Errorf("messages %v", w.messages())
		}
	}
	told := 0
	for _, a := range w.alerts {
		told = max(told, int(a.Counts.Prefixes))
	}
	if told < 1600 { // what is missing is less than a fourth more
		t.Errorf("%d prefixes were told of", told)
	}
}

// leaking returns a world in which a leak of n prefixes is on at all peers, and
// what was told of it is forgotten.
func leaking(t *testing.T, n, m int) (*world, []route.Prefix) {
	w, list := verizon(t, mature(), n, m, 0)
	for _, peer := range w.order {
		w.leaks(fmt.Sprintf("%d %s", peer, leakPath), m, list)
	}
	w.wait(route.Minute)
	if w.c.Stats().Incidents != 1 {
		t.Fatalf("%v", w.incidents())
	}
	w.alerts = nil
	return w, list
}

// back lets all peers return to their usual paths, or withdraw.
func (w *world) back(m int, list []route.Prefix) {
	w.Helper()
	for _, peer := range w.order {
		w.leaks(fmt.Sprintf("%d 3356", peer), m, list)
	}
}

func TestIncidentCloses(t *testing.T) {
	const n, m = 40, 20
	for name, tc := range map[string]struct {
		play func(w *world, list []route.Prefix)
		want string
	}{
		"when the usual paths are back": {func(w *world, list []route.Prefix) { w.back(m, list) }, "withdrawn"},
		"when the routes are withdrawn": {func(w *world, list []route.Prefix) {
			for _, peer := range w.order {
				w.withdraw(peer, list...)
			}
		}, "withdrawn"},
		"when it is stuck at a few": {func(w *world, list []route.Prefix) {
			w.back(m, list[2:])
		}, "stuck-at-peers"},
		"when the sessions end": {func(w *world, _ []route.Prefix) {
			for _, peer := range w.order {
				w.event(w.sessions[peer], route.KindPeerDown)
			}
		}, "expired"},
		"when the sessions begin anew": {func(w *world, _ []route.Prefix) {
			for _, peer := range w.order {
				w.event(w.sessions[peer], route.KindPeerUp)
			}
		}, "expired"},
		"when the ingester ends": {func(w *world, _ []route.Prefix) { w.event(nil, route.KindPeerDown) }, "expired"},
		"when it lasts":          {func(*world, []route.Prefix) {}, "became-normal"},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := leaking(t, n, m)
			opened := start + 9*w.pace
			w.wait(20 * route.Minute)
			tc.play(w, list)
			last := w.at - w.pace
			w.wait(7 * route.Hour)
			want := fmt.Sprintf("leak AS396531 resolved %s by flip: %d of %d", tc.want, n, m)
			at := slices.IndexFunc(w.alerts, func(a alert.Alert) bool { return a.Scope == alert.ScopeIncident })
			if at < 0 || line(&w.alerts[at]) != want {
				t.Fatalf("told %v, want %q", w.told(), want)
			}
			closed := last + route.Minute
			if tc.want == "became-normal" {
				closed = opened + 6*route.Hour
			}
			if a := w.alerts[at]; a.Closed != closed || a.Updated != closed {
				t.Errorf("closed at %d, updated at %d, not %d", a.Closed, a.Updated, closed)
			}
			if len(w.alerts) != 1+n {
				t.Errorf("%d messages", len(w.alerts))
			}
			for i, p := range w.alerts {
				if p.Status != alert.StatusResolved || (p.Scope == alert.ScopeIncident) != (i == at) ||
					tc.want != "stuck-at-peers" && string(p.CloseReason) != tc.want {
					t.Errorf("message %d: %v", i, line(&p))
				}
			}
			if s := w.c.Stats(); s.Incidents != 0 || s.Routes != 0 || s.Open != 0 {
				t.Errorf("left behind: %+v", s)
			}
		})
	}
}

// TestIncidentOutlivesAPause holds that it stays open while more than 5 % of
// its routes are there, and for a minute after what it was last heard of.
func TestIncidentOutlivesAPause(t *testing.T) {
	w, list := leaking(t, 40, 20)
	w.back(20, list[3:]) // 9 routes of 120 are left
	w.wait(route.Hour)
	expectTold(w, "nine routes of 120 are left")
	w.back(20, list[2:3])
	last := w.at - w.pace
	w.wait(last + route.Minute - w.at)
	expectTold(w, "six routes are left")
	w.wait(1)
	expectTold(w, "a minute later", "leak AS396531 resolved stuck-at-peers by flip: 40 of 20")

	w, list = leaking(t, 40, 20)
	w.back(20, list)
	w.wait(50 * route.Second)
	w.leaks("2914 "+leakPath, 20, list)
	w.wait(route.Minute)
	expectTold(w, "back before the minute was over")
}

func TestOneRouteOfNineteenKeepsAnIncident(t *testing.T) {
	for n, ends := range map[int]bool{19: false, 20: true} {
		w, list := verizon(t, mature(), n, 10, 0)
		w.leaks("2914 "+leakPath, 10, list)
		w.wait(route.Minute)
		w.told()
		w.leaks("2914 3356", 10, list[1:])
		w.wait(10 * route.Minute)
		if got := w.incidents(); (len(got) > 0) != ends {
			t.Errorf("one of %d routes: %v", n, got)
		}
	}
}

// TestWhoStandsBesideALeakerBeginsAnew lets a network that was never seen pass
// on half of what opens an incident together with a leaker, and half without.
func TestWhoStandsBesideALeakerBeginsAnew(t *testing.T) {
	for beside, opens := range map[string]bool{"396531 33154 3356": false, "7018 3356": true} {
		w := newWorld(t, mature(), 2914, 1299, 174)
		list := w.victims(120, 60, "3356", "7018 3356", "701 3356")
		w.table("2914 701 396531", nets(5000, 1)...)
		w.table("1299 3356 33154 396531", nets(5000, 1)...)
		w.begin()
		w.leaks("2914 701 9121 "+beside, 60, list[:60])
		w.wait(1)
		w.told()
		w.leaks("1299 701 9121 7018 3356", 60, list[60:])
		w.wait(1)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("beside %s: %v", beside, got)
		}
	}
}

func TestPrefixesRestOneByOne(t *testing.T) {
	w, list := leaking(t, 40, 20)
	w.back(20, list[:1])
	last := w.at - w.pace
	w.wait(last + route.Minute - w.at)
	if got := w.told(); got != nil {
		t.Errorf("told %v", got)
	}
	w.wait(1)
	want := []string{"20.0.0.0/24: leak AS396531 resolved withdrawn, AS40001"}
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	w.leaks("2914 "+leakPath, 20, list[:1]) // it is back
	w.wait(1)
	want = []string{"20.0.0.0/24: leak AS396531 firing, AS40001"}
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// TestAlertsKeepTheirIDs follows every alert from firing to resolved.
func TestAlertsKeepTheirIDs(t *testing.T) {
	w, list := verizon(t, mature(), 40, 20, 0)
	w.leaks("2914 "+leakPath, 20, list)
	w.wait(20 * route.Minute)
	for i, p := range list {
		w.says(fmt.Sprintf("2914 3356 %d", originOf(i, 20)), p)
	}
	w.wait(route.Hour)
	type life struct{ first, last alert.Alert }
	lives := map[string]*life{}
	incident := ""
	for _, a := range w.alerts {
		if a.Scope == alert.ScopeIncident && incident == "" {
			incident = a.ID
		}
		if incident == "" || a.Scope == alert.ScopePrefix && a.Incident != incident {
			t.Errorf("%v is told before its incident", a.Prefix)
		}
		l := lives[a.ID]
		if l == nil {
			l = &life{first: a}
			lives[a.ID] = l
		} else if a.Revision != l.last.Revision+1 || a.Opened != l.last.Opened || a.ExpectedOrigin != l.last.ExpectedOrigin ||
			a.Suspect != l.last.Suspect || a.Prefix != l.last.Prefix || a.Kind != l.last.Kind || a.Updated < l.last.Updated {
			t.Errorf("%+v\nfollows %+v", a, l.last)
		}
		l.last = a
	}
	if len(lives) != 1+len(list) {
		t.Errorf("%d alerts", len(lives))
	}
	for _, l := range lives {
		if l.first.Status != alert.StatusFiring || l.last.Status != alert.StatusResolved {
			t.Errorf("%s, then %s: %v", l.first.Status, l.last.Status, l.last.Prefix)
		}
	}
}

func TestPrefixOfTwoOriginsIsToldToEach(t *testing.T) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	list := w.victims(10, 10, "3356")
	w.table("1299 3356 64496", list[3])
	w.table("2914 701 396531", nets(5000, 1)...)
	w.table("1299 3356 33154 396531", nets(5000, 1)...)
	w.begin()
	w.leaks("2914 "+leakPath, 10, list)
	w.wait(route.Hour)
	w.leaks("2914 3356", 10, list)
	w.wait(route.Hour)
	var got []string
	ids := map[string]bool{}
	for _, a := range w.alerts {
		if a.Prefix == list[3] {
			got = append(got, line(&a))
			ids[a.ID] = true
		}
	}
	want := []string{
		"20.0.3.0/24: leak AS396531 firing, AS40004", "20.0.3.0/24: leak AS396531 firing, AS64496",
		"20.0.3.0/24: leak AS396531 resolved withdrawn, AS40004", "20.0.3.0/24: leak AS396531 resolved withdrawn, AS64496",
	}
	if diff := cmp.Diff(want, got); diff != "" || len(ids) != 2 {
		t.Errorf("%d ids (-want +got):\n%s", len(ids), diff)
	}
}

func TestOnlySoManyPrefixAlertsFire(t *testing.T) {
	cfg := mature()
	cfg.Limits.Firing = 4
	w, list := verizon(t, cfg, 40, 20, 0)
	w.leaks("2914 "+leakPath, 20, list)
	w.wait(route.Minute)
	prefixes, held := map[route.Prefix]bool{}, false
	for _, a := range w.alerts {
		if a.Scope == alert.ScopePrefix {
			prefixes[a.Prefix] = true
		}
		held = held || slices.ContainsFunc(a.Evidence, func(e alert.Evidence) bool { return e.Tag == "held-back" })
	}
	if s := w.c.Stats(); len(prefixes) != 4 || s.HeldBack != 36 || s.Open != 4 || !held {
		t.Errorf("%d prefixes fire, told %v, %+v", len(prefixes), held, s)
	}
	if last := w.messages(); last[len(last)-1][len(last[len(last)-1])-2:] != "40" {
		t.Errorf("the incident does not count all: %v", last)
	}
}

// TestLiveIncidentWaitsForTheSlowestShardToClose holds that an incident opens on
// the update that decides it, and closes when every shard has come that far.
func TestLiveIncidentWaitsForTheSlowestShardToClose(t *testing.T) {
	cfg := mature()
	cfg.Mode, cfg.Shards = Live, 2
	w, list := verizon(t, cfg, 20, 10, 0)
	other := uint64(0)
	slow := func(at route.Time) {
		other++
		w.give(wire.RangeHeader{Shard: 1, Shards: 2, From: other, Engine: at}, []frame{{}})
	}
	slow(start)
	w.leaks("2914 "+leakPath, 10, list)
	w.flush()
	opened := start + 9*w.pace
	if a := w.alerts; len(a) == 0 || a[0].Opened != opened || a[0].Timing == nil || a[0].Timing.Received != opened+1 {
		t.Fatalf("told %v", w.told())
	}
	w.wait(time20)
	w.leaks("2914 3356", 10, list)
	last := w.at - w.pace
	w.wait(route.Hour)
	slow(last + route.Minute)
	w.told()
	slow(last + route.Minute + 1)
	if len(w.alerts) == 0 || w.alerts[len(w.alerts)-1].Closed != last+route.Minute {
		t.Fatalf("told %v", w.told())
	}
	for _, a := range w.alerts {
		if a.Status != alert.StatusResolved || a.Timing != nil {
			t.Errorf("%s", line(&a))
		}
	}
}
