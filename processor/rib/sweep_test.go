package rib_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/processor/rib"
	"detour/route"
)

func (s *shard) wantLive(nodes, bases int) {
	s.t.Helper()
	if n, b := s.r.Live(); n != nodes || b != bases {
		s.t.Errorf("%d nodes and %d baselines in use, want %d and %d", n, b, nodes, bases)
	}
}

// sweep reclaims, which nothing observable may show.
func (s *shard) sweep() {
	s.t.Helper()
	before := s.r.Dump(s.peers)
	s.r.SweepNow()
	if d := cmp.Diff(before, s.r.Dump(s.peers)); d != "" {
		s.t.Errorf("a sweep changed the state:\n%s", d)
	}
}

// TestSweepReclaimsPaths holds that the nodes of paths that no route has any
// more go, and that their ids are used again.
func TestSweepReclaimsPaths(t *testing.T) {
	s := newShard(t, rib.Config{}, 2)
	const paths = 1000
	for i := range route.ASN(paths) {
		s.announce(0, fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), 1001+i, 2001+i, 7)
	}
	s.wantLive(2*paths+1+2, 1) // one origin, and each peer's own path
	s.sweep()
	s.wantLive(2*paths+1+2, 1)
	for i := range route.ASN(paths) {
		s.announce(0, fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), 10, 2001, 7)
	}
	s.wantLive(2*paths+1+1+2, 1)
	s.sweep()
	s.wantLive(3+2, 1) // 7, 2001 and 10
	p, _ := s.path(1, 3001, 3002, 3003, 7)
	if p.Node > 2*paths+10 {
		t.Errorf("node %d: none of the free ones", p.Node)
	}
	s.want("10.0.0.0/24 unknown", "  slot 0 up stated=true held=false longest=0 path [10 2001 7]")
}

// TestSweepKeepsWhatIsUsed holds each of the reasons to keep a node.
func TestSweepKeepsWhatIsUsed(t *testing.T) {
	s := newShard(t, rib.Config{}, 4)
	s.announce(0, "10.0.0.0/16", 11, 1) // up
	s.announce(1, "10.0.0.0/16", 12, 1) // withdrawn: kept for contrast
	s.withdraw(1, "10.0.0.0/16")
	s.announce(2, "10.0.0.0/16", 13, 1) // down by a session reset
	s.r.Reset(2)
	n := route.MustPrefix("10.0.0.0/16")
	s.put(rib.FromUpdate, 3, n.NLRI(1), true, 14, 1)
	s.put(rib.FromUpdate, 3, n.NLRI(2), true, 15, 1) // an extra
	s.announce(0, "2001:db8::/32", 16, 1)            // of the other family
	s.wantLive(1+6+4, 1)
	s.sweep()
	s.wantLive(1+6+4, 1)
	s.r.Withdraw(3, n.NLRI(2), true, &s.ch)
	s.sweep()
	s.wantLive(1+5+4, 1)
}

// TestSweepReclaimsBaselines holds that a baseline goes with the last prefix
// that has it in either generation.
func TestSweepReclaimsBaselines(t *testing.T) {
	s := newShard(t, rib.Config{}, 3)
	const prefixes = 100
	name := func(i route.ASN) string { return fmt.Sprintf("10.%d.0.0/16", i) }
	for i := range route.ASN(prefixes) {
		s.table(0, name(i), 1001+i, 7)
		s.table(1, name(i), 10, 7) // taught one by one: {i}, then {i, 10}
	}
	s.wantLive(prefixes+2+3, 1+2*prefixes)
	s.sweep()
	s.wantLive(prefixes+2+3, 1+prefixes)

	for i := range route.ASN(prefixes) {
		s.announce(0, name(i), 10, 7)
	}
	age := func(periods route.Time) {
		s.r.Advance(1e15 + periods*rib.Age)
		for i := range route.ASN(prefixes) {
			s.wantOutcome(s.announce(0, name(i), 10, 7), rib.Unchanged)
		}
	}
	age(1) // each has {10} and still the old {i, 10}
	s.sweep()
	s.wantLive(2+3, 1+prefixes+1)
	age(2)
	s.wantLive(2+3, 1+prefixes+1)
	s.sweep()
	s.wantLive(2+3, 1+1)
	s.want("10.0.0.0/16 own", "  current [10] origins [7]", "  old [10] origins [7]",
		"  slot 0 up stated=false held=true longest=3 path [10 7]")

	s.table(2, name(0), 2001, 7) // a baseline id that was used before
	s.want("10.0.0.0/16 own", "  current [10 2001] origins [7]", "  old [10] origins [7]")
	s.wantOutcome(s.announce(2, name(0), 1001, 7), rib.Announced)
	if s.facts.Unknown != 1 {
		t.Error("an AS that went with its baseline is no newcomer")
	}
}

// TestSweepForgetsVerdicts holds that an answer about a path and a baseline that
// went is not given of those that have their numbers now.
func TestSweepForgetsVerdicts(t *testing.T) {
	s := newShard(t, rib.Config{}, 3)
	s.table(0, "10.0.0.0/16", 10, 1)
	s.announce(1, "10.0.0.0/16", 20, 1)
	if s.facts.Unknown != 1 {
		t.Fatalf("facts %+v", s.facts)
	}
	gone := s.ch.Next
	s.table(2, "10.0.0.0/16", 30, 1)
	s.announce(1, "10.0.0.0/16", 10, 1)
	s.sweep() // [20 1] and the baseline of 10 alone go
	s.table(0, "11.0.0.0/16", 40, 1)
	s.announce(1, "11.0.0.0/16", 40, 1)
	if s.ch.Next != gone {
		t.Fatalf("node %d, not the free %d", s.ch.Next, gone)
	}
	if s.facts.Any() {
		t.Errorf("facts %+v", s.facts)
	}
}

// TestSweepComesWithGrowth holds when Sweep acts: at 2^16 in use, and after that
// when that number has doubled.
func TestSweepComesWithGrowth(t *testing.T) {
	s := newShard(t, rib.Config{}, 1)
	next := route.ASN(1 << 18)
	grow := func(nodes, sweeps int) { // paths that no route uses, and some that are
		t.Helper()
		for n, _ := s.r.Live(); n < nodes; n, _ = s.r.Live() {
			next++
			s.path(0, next)
		}
		s.r.Sweep()
		if got := s.r.Counters.Sweeps; got != uint64(sweeps) {
			t.Fatalf("%d sweeps at %d nodes, want %d", got, nodes, sweeps)
		}
	}
	grow(1<<16-1, 0)
	grow(1<<16, 1)
	s.wantLive(1, 1)
	for i := range route.ASN(40_000) {
		s.announce(0, route.Prefix{Hi: uint64(10<<24|i<<8) << 32, Bits: 24, Family: route.IPv4}.String(), 1<<17+i+100)
	}
	grow(1<<16, 2)
	s.wantLive(40_001, 1)
	grow(80_001, 2)
	grow(80_002, 3)
	s.wantLive(40_001, 1)
}

// TestReportedAgainOnlyAfterASweep holds that a node is told once as long as its
// path is used.
func TestReportedAgainOnlyAfterASweep(t *testing.T) {
	s := newShard(t, rib.Config{}, 1)
	told := func(hops ...route.ASN) (n int) {
		p, _ := s.path(0, hops...)
		s.r.Report(p.Node, func(rib.NodeReport) { n++ })
		return n
	}
	s.announce(0, "10.0.0.0/8", 10, 20, 1)
	for _, c := range []struct {
		name string
		hops []route.ASN
		want int
	}{
		{"a path", []route.ASN{10, 20, 1}, 3},
		{"again", []route.ASN{10, 20, 1}, 0},
		{"its end", []route.ASN{20, 1}, 0},
		{"one more hop", []route.ASN{30, 20, 1}, 1},
		{"a repeat is not told", []route.ASN{20, 30, 20, 1}, 0},
	} {
		if n := told(c.hops...); n != c.want {
			t.Errorf("%s: %d nodes, want %d", c.name, n, c.want)
		}
	}
	s.sweep()
	if n := told(10, 20, 1); n != 0 {
		t.Errorf("a path in use is told again: %d nodes", n)
	}
	if n := told(30, 20, 1); n != 1 {
		t.Errorf("a path that came back: %d nodes", n)
	}
}
