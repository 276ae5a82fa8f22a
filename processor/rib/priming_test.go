package rib_test

import (
	"testing"

	"detour/processor/rib"
	"detour/route"
)

// TestPriming holds that a recording of updates taken as a table fills any slot,
// silently, and that all of its announcements teach.
func TestPriming(t *testing.T) {
	const p = "10.0.0.0/8"
	t.Run("the last announcement wins and all teach", func(t *testing.T) {
		s := newShard(t, rib.Config{}, 2)
		s.wantOutcome(s.prime(0, p, 20, 10, 1), rib.Filled)
		s.wantOutcome(s.prime(0, p, 30, 1), rib.Filled)
		s.wantOutcome(s.prime(1, p, 40, 2), rib.Filled)
		if s.facts.Any() {
			t.Errorf("facts %+v", s.facts)
		}
		s.want(p+" own", "  current [10 20 30 40] origins [1 2]", "  old [] origins []",
			"  slot 0 up stated=false held=true longest=4 path [30 1]",
			"  slot 1 up stated=false held=true longest=3 path [40 2]")
	})
	t.Run("where a table dump does nothing", func(t *testing.T) {
		s := newShard(t, rib.Config{}, 1)
		s.table(0, p, 10, 1)
		s.wantOutcome(s.table(0, p, 20, 1), rib.Unchanged)
		s.want("  current [10] origins [1]", "  old [] origins []",
			"  slot 0 up stated=false held=true longest=3 path [10 1]")
		s.wantOutcome(s.prime(0, p, 20, 1), rib.Filled)
		s.want("  current [10 20] origins [1]", "  old [] origins []",
			"  slot 0 up stated=false held=true longest=3 path [20 1]")
	})
	t.Run("never what an update has touched", func(t *testing.T) {
		s := newShard(t, rib.Config{}, 5)
		for peer := range 5 {
			s.table(peer, p, 10, 1)
		}
		s.announce(0, p, 20, 1) // another path
		s.announce(1, p, 10, 1) // the same one
		s.withdraw(2, p)
		for peer, want := range []rib.Outcome{rib.Unchanged, rib.Unchanged, rib.Unchanged, rib.Filled, rib.Filled} {
			s.wantOutcome(s.prime(peer, p, 30, 1), want)
		}
		s.want("  slot 0 up stated=true held=false longest=3 path [20 1]",
			"  slot 1 up stated=false held=true longest=3 path [10 1]",
			"  slot 2 down stated=false held=false longest=3 path [10 1]",
			"  slot 3 up stated=false held=true longest=3 path [30 1]",
			"  slot 4 up stated=false held=true longest=3 path [30 1]")
		for peer, want := range []rib.Outcome{rib.Unchanged, rib.Unchanged, rib.Unchanged, rib.Unfilled} {
			s.r.WithdrawPrimed(rib.Peer(peer), route.MustPrefix(p).NLRI(0), false, &s.ch)
			s.wantOutcome(s.done(), want)
		}
		s.wantOutcome(s.prime(3, p, 40, 1), rib.Filled) // it had gone as the table went on
		s.r.EndPriming(3)
		s.wantOutcome(s.prime(3, p, 30, 1), rib.Unchanged)
		s.wantOutcome(s.prime(4, p, 40, 1), rib.Filled)
		s.r.Reset(3)
		s.wantOutcome(s.prime(3, p, 30, 1), rib.Filled)
	})
	t.Run("an inherited baseline gives way, newcomers that are taught leave", func(t *testing.T) {
		s := newShard(t, rib.Config{}, 2)
		s.prime(0, p, 10, 1)
		s.announce(0, "10.1.0.0/16", 20, 1)
		s.want("10.1.0.0/16 inherited", "  current [10] origins [1]", "  old [] origins []",
			"  newcomer as 20 first 1000000000", "  slot 0 up stated=true held=false longest=0 path [20 1]")
		s.prime(1, "10.1.0.0/16", 20, 1)
		s.want("10.1.0.0/16 own", "  current [20] origins [1]", "  old [] origins []",
			"  slot 0 up stated=true held=false longest=0 path [20 1]",
			"  slot 1 up stated=false held=true longest=3 path [20 1]")
	})
	t.Run("a withdrawal takes the route down, held as it was", func(t *testing.T) {
		s := newShard(t, rib.Config{}, 1)
		s.prime(0, p, 10, 1)
		s.wantOutcome(s.withdraw(0, p), rib.Withdrawn)
		if !s.ch.Held {
			t.Error("not held")
		}
	})
	t.Run("extra ADD-PATH ids teach", func(t *testing.T) {
		s := newShard(t, rib.Config{}, 1)
		n := route.MustPrefix(p)
		s.put(rib.FromPriming, 0, n.NLRI(7), true, 10, 1)
		s.put(rib.FromPriming, 0, n.NLRI(3), true, 20, 1)
		s.put(rib.FromPriming, 0, n.NLRI(3), true, 30, 2)
		s.put(rib.FromPriming, 0, n.NLRI(7), true, 40, 1)
		s.want(p+" own", "  current [10 20 30 40] origins [1 2]", "  old [] origins []",
			"  slot 0 up stated=false held=true longest=3 path [40 1]",
			"    main id 7", "    extra id 3 path [30 2]")
	})
}
