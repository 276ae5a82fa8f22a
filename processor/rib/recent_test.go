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
		c.advance(now)
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				k := rapid.Uint64Range(1, 200).Draw(t, "key")
				if !c.add(k, now) {
					t.Fatal("no room")
				}
				want[k] = now
			},
			"forget": func(t *rapid.T) {
				k := rapid.Uint64Range(1, 200).Draw(t, "key")
				c.forget(k)
				delete(want, k)
			},
			"later": func(t *rapid.T) {
				now += rapid.SampledFrom([]route.Time{
					1, 255, 256, route.Second, route.Minute - 1, route.Minute, Held / 2, Held - 1, Held, 2 * Held,
				}).Draw(t, "by")
				c.advance(now)
			},
			"": func(t *rapid.T) {
				for k := uint64(1); k <= 200; k++ {
					at, changed := want[k]
					held := !changed || now>>recentUnit-at>>recentUnit >= Held>>recentUnit
					if c.held(k, now) != held {
						t.Fatalf("key %d, changed %v ago: held %t", k, now-at, !held)
					}
					if got, ok := c.changed(k); ok == held || ok && got != at>>recentUnit<<recentUnit {
						t.Fatalf("key %d, changed at %d: said %d, %t", k, at, got, ok)
					}
				}
			},
		})
		c.advance(now + Held)
		if c.n != 0 {
			t.Fatalf("%d in the table after HELD", c.n)
		}
	})
}

// TestTheBroomKeepsUp holds that entries go soon after HELD, however often the
// clock moves, and long before their times look new again.
func TestTheBroomKeepsUp(t *testing.T) {
	for _, step := range []route.Time{100, route.Second, 50 * route.Second} {
		c := recent{max: 1 << 20}
		now := route.Time(1e15)
		c.advance(now)
		for k := range uint64(3000) {
			c.add(k+1, now)
		}
		for end := now + Held; now < end; now += step * 997 {
			c.advance(now)
			c.add(1<<30, now)
		}
		for end := now + 1<<recentRoundBits + route.Minute; now < end; now += min(step*997, 50*route.Second) {
			c.advance(now)
			c.add(1<<30, now)
		}
		if c.n != 1 {
			t.Errorf("steps of %v: %d entries left", step*997, c.n)
		}
	}
}

func TestRecentAtItsBoundIsBlindForHeld(t *testing.T) {
	c := recent{max: 2}
	const t0 = route.Time(1e15)
	c.advance(t0)
	if !c.held(9, t0) {
		t.Error("nothing is recent, yet a route is not held")
	}
	if !c.add(1, t0) || !c.add(2, t0) || !c.add(2, t0) {
		t.Error("no room below the bound")
	}
	refusedAt := t0 + route.Second
	c.advance(refusedAt)
	if c.add(3, refusedAt) {
		t.Error("room beyond the bound")
	}
	if !c.add(2, refusedAt) {
		t.Error("no room for what is there")
	}
	for _, key := range []uint64{1, 2, 3, 9} {
		if c.held(key, refusedAt+Held-1) {
			t.Errorf("key %d is held while blind", key)
		}
	}
	c.advance(refusedAt + Held)
	for _, key := range []uint64{1, 2, 3, 9} {
		if !c.held(key, refusedAt+Held) {
			t.Errorf("key %d is not held after HELD", key)
		}
	}
	if !c.add(3, refusedAt+Held) || c.held(3, refusedAt+Held) || !c.held(1, refusedAt+Held) {
		t.Error("the bound left something behind")
	}
}

// TestTheBroomKeepsUpWithGrowth holds that no change looks new again when the
// table grows under the broom: what it has not met stays ahead of it.
func TestTheBroomKeepsUpWithGrowth(t *testing.T) {
	for broom := range 8 { // where in its round the table grows first
		c := recent{max: 1 << 20}
		now := route.Time(1e15)
		c.advance(now)
		const many = 3000
		for k := range uint64(many) {
			c.add(k+1, now)
		}
		changed, next := now, uint64(1<<20)
		later := func(t route.Time) {
			for end := now + t; now < end; {
				now = min(end, now+59*route.Second)
				c.advance(now)
			}
		}
		later(Held - 1<<recentRoundBits + route.Time(broom)<<(recentRoundBits-3))
		for range 4 {
			for range len(c.cells) { // it doubles, and more
				c.add(next, now)
				next++
			}
			for range 7 {
				later(10 * route.Second)
				for k := range uint64(many) {
					if held := now>>recentUnit-changed>>recentUnit >= Held>>recentUnit; c.held(k+1, now) != held {
						t.Fatalf("broom %d: key %d, changed %v s ago: held %t", broom, k+1, (now-changed)/route.Second, !held)
					}
				}
			}
		}
	}
}
