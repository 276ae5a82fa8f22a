package rib

import (
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

// TestRecentIsAMap holds what is held against a map of last changes, below the
// bound.
func TestRecentIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := recent{max: 1 << 20}
		want := map[uint64]route.Time{}
		now := route.Time(1e15)
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				k := rapid.Uint64Range(1, 9).Draw(t, "key")
				if !c.add(k, now) {
					t.Fatal("no room")
				}
				want[k] = now
			},
			"later": func(t *rapid.T) {
				now += rapid.SampledFrom([]route.Time{1, route.Second, Held / 2, Held - 1, Held}).Draw(t, "by")
				c.expire(now)
			},
			"": func(t *rapid.T) {
				for k := uint64(1); k <= 9; k++ {
					at, changed := want[k]
					if held := !changed || now-at >= Held; c.held(k, now) != held {
						t.Fatalf("key %d, changed %v ago: held %t", k, now-at, !held)
					}
				}
			},
		})
		c.expire(now + Held)
		if c.n != 0 || c.last.Len() != 0 {
			t.Fatalf("%d in the ring and %d in the table after HELD", c.n, c.last.Len())
		}
	})
}

// TestRecentGrowsAroundItsHead holds that a full ring whose head has moved keeps
// its order.
func TestRecentGrowsAroundItsHead(t *testing.T) {
	c := recent{max: 1 << 20}
	for k := range uint64(5000) {
		now := route.Time(k) * Held / 1500 // 1,500 changes within HELD
		c.expire(now)
		c.add(k+1, now)
	}
	if len(c.ring) != 2048 || c.n != 1500 || c.last.Len() != 1500 {
		t.Errorf("%d changes, %d keys in a ring of %d", c.n, c.last.Len(), len(c.ring))
	}
	now := route.Time(4999) * Held / 1500
	for k := range uint64(5000) {
		if c.held(k+1, now) != (k < 3500) {
			t.Fatalf("key %d held: %t", k+1, k >= 3500)
		}
	}
}

func TestRecentAtItsBoundIsBlindForHeld(t *testing.T) {
	c := recent{max: 2}
	const t0 = route.Time(1e15)
	if !c.held(9, t0) {
		t.Error("nothing is recent, yet a route is not held")
	}
	if !c.add(1, t0) || !c.add(2, t0) || !c.add(2, t0) {
		t.Error("no room below the bound")
	}
	refusedAt := t0 + route.Second
	if c.add(3, refusedAt) {
		t.Error("room beyond the bound")
	}
	for _, key := range []uint64{1, 2, 3, 9} {
		if c.held(key, refusedAt+Held-1) {
			t.Errorf("key %d is held while blind", key)
		}
	}
	c.expire(refusedAt + Held)
	for _, key := range []uint64{1, 2, 3, 9} {
		if !c.held(key, refusedAt+Held) {
			t.Errorf("key %d is not held after HELD", key)
		}
	}
	if !c.add(3, refusedAt+Held) || c.held(3, refusedAt+Held) || !c.held(1, refusedAt+Held) {
		t.Error("the bound left something behind")
	}
}

// TestARouteThatChangesAgainAtTheBound holds that it is held once HELD is over,
// and that no key stays behind.
func TestARouteThatChangesAgainAtTheBound(t *testing.T) {
	c := recent{max: 1}
	const t0 = route.Time(1e15)
	c.add(1, t0)
	if c.add(1, t0+route.Second) {
		t.Error("room beyond the bound")
	}
	c.expire(t0 + Held)
	if c.held(1, t0+Held) {
		t.Error("held one second too early")
	}
	c.expire(t0 + route.Second + Held)
	if !c.held(1, t0+route.Second+Held) || c.last.Len() != 0 {
		t.Errorf("never held again: %d keys left", c.last.Len())
	}
}
