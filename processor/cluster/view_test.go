package cluster

import (
	"fmt"
	"testing"
	"time"

	"detour/stream"
)

var start = time.Unix(1_700_000_000, 0)

func beat(name string, units ...int) *stream.Heartbeat {
	h := &stream.Heartbeat{Member: name, Role: stream.RoleProcess, Started: 1}
	for _, u := range units {
		h.Units = append(h.Units, stream.UnitState{Unit: u, Current: true})
	}
	return h
}

// order returns names with the best for unit 0 first.
func order(names ...string) []string {
	out := append([]string(nil), names...)
	for i := range out {
		for j := i + 1; j < len(out); j++ {
			if score(out[j], 0) > score(out[i], 0) {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out
}

func TestAllMembersAgreeOnTheRanking(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	for unit := stream.CorrelatorUnit; unit < stream.MaxShards; unit++ {
		ranks := map[int]string{}
		for _, self := range names {
			v := newView(self)
			for _, other := range names {
				v.hear(beat(other), start)
			}
			r := v.stand(unit, 1, false, start).rank
			if was, taken := ranks[r]; taken {
				t.Fatalf("unit %d: %s and %s both rank %d", unit, was, self, r)
			}
			ranks[r] = self
		}
	}
}

func TestUnitsSpreadOverMembers(t *testing.T) {
	count := map[string]int{}
	names := []string{"proc-1", "proc-2", "proc-3"}
	for unit := range stream.MaxShards {
		best := names[0]
		for _, n := range names {
			if score(n, unit) > score(best, unit) {
				best = n
			}
		}
		count[best]++
	}
	for _, n := range names {
		if count[n] < stream.MaxShards/3/2 {
			t.Errorf("%s has %d of %d units: %v", n, count[n], stream.MaxShards, count)
		}
	}
}

func TestAMemberIsRelievedOnlyByBetterOnesAtTheEndOfTheLog(t *testing.T) {
	o := order("a", "b", "c")
	best, middle, worst := o[0], o[1], o[2]
	for _, tc := range []struct {
		name     string
		self     string
		leaving  bool
		replicas int
		others   []*stream.Heartbeat
		want     standing
	}{
		{"alone", middle, false, 1, nil, standing{0, false, false}},
		{"a better one that is behind", middle, false, 1, []*stream.Heartbeat{beat(best)}, standing{1, false, false}},
		{"a better one that is current", middle, false, 1, []*stream.Heartbeat{beat(best, 0)}, standing{1, true, true}},
		{"a worse one that is current", middle, false, 1, []*stream.Heartbeat{beat(worst, 0)}, standing{0, false, true}},
		{"a worse one, leaving", middle, true, 1, []*stream.Heartbeat{beat(worst, 0)}, standing{1, true, true}},
		{"one of two replicas", worst, false, 2, []*stream.Heartbeat{beat(best, 0), beat(middle)}, standing{2, false, true}},
		{"both replicas", worst, false, 2, []*stream.Heartbeat{beat(best, 0), beat(middle, 0)}, standing{2, true, true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := newView(tc.self)
			for _, h := range tc.others {
				v.hear(h, start)
			}
			if got := v.stand(0, tc.replicas, tc.leaving, start); got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestOneThatLeavesDoesNotCount(t *testing.T) {
	o := order("a", "b")
	v := newView(o[1])
	h := beat(o[0], 0)
	h.Leaving = true
	v.hear(h, start)
	if got := v.stand(0, 1, false, start); got != (standing{}) {
		t.Errorf("got %+v: this one must take over", got)
	}
}

func TestASilentMemberDies(t *testing.T) {
	v := newView("a")
	v.hear(beat("b"), start)
	if n := len(v.live(start.Add(stream.MemberDead))); n != 1 {
		t.Fatalf("%d members live, want 1", n)
	}
	if n := len(v.live(start.Add(stream.MemberDead + 1))); n != 0 {
		t.Fatalf("%d members live, want none", n)
	}
	if v.age(start.Add(2 * forget)); len(v.members) != 0 {
		t.Error("a member that was silent for long is remembered")
	}
}

func TestWhoWasFrozenDoesNotTakeOthersForDead(t *testing.T) {
	v := newView("a")
	v.hear(beat("b"), start)
	v.hear(beat("gone before"), start.Add(-time.Minute/2))
	later := start.Add(10 * time.Second)
	v.excuse(start.Add(stream.HeartbeatEvery), later)
	live := v.live(later)
	if len(live) != 1 || live[0].Member != "b" {
		t.Errorf("live are %v, want b alone", live)
	}
}

func TestAnEarlierLifeIsIgnored(t *testing.T) {
	v := newView("a")
	young, old := beat("b"), beat("b")
	young.Started = 2
	old.Goodbye = true
	v.hear(young, start)
	v.hear(old, start)
	if len(v.live(start)) != 1 {
		t.Error("the goodbye of an earlier life ended the present one")
	}
	bye := beat("b")
	bye.Started, bye.Goodbye = 2, true
	v.hear(bye, start)
	if len(v.live(start)) != 0 {
		t.Error("a goodbye did not end the member")
	}
}

func TestMembersAreBounded(t *testing.T) {
	v := newView("a")
	for i := range maxMembers + 3 {
		v.hear(beat(fmt.Sprint("m", i)), start)
	}
	if len(v.members) != maxMembers || v.refused != 3 {
		t.Errorf("%d members, %d refused", len(v.members), v.refused)
	}
}

func TestPaceIsCurrentWithinAFifthOfASecondOfTheEnd(t *testing.T) {
	var p pace
	if !p.current(0, 0) {
		t.Error("an empty log has no end to reach")
	}
	p = pace{}
	for i := range uint64(20) {
		if p.current(100*i, 5000) {
			t.Fatalf("%d of 5000 with 1000 a second is current", 100*i)
		}
	}
	if p.current(2000, 2201) {
		t.Error("201 behind after two beats with 200 is current")
	}
	if !p.current(2100, 2300) {
		t.Error("200 behind after two beats with 200 is not current")
	}
}
