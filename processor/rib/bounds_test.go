package rib_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/processor/rib"
	"detour/route"
)

// counted fails unless exactly these counters are set.
func (s *shard) counted(want rib.Counters, degraded bool) {
	s.t.Helper()
	if d := cmp.Diff(want, s.r.Counters); d != "" {
		s.t.Errorf("counters (-want +got):\n%s", d)
	}
	if s.r.Counters.Degraded() != degraded {
		s.t.Errorf("degraded: %t", !degraded)
	}
}

func TestMaxPrefixesIsPerFamily(t *testing.T) {
	s := newShard(t, rib.Config{MaxPrefixes: 2}, 1)
	s.wantOutcome(s.announce(0, "10.0.0.0/8", 10, 1), rib.Announced)
	s.wantOutcome(s.table(0, "10.1.0.0/16", 10, 1), rib.Filled)
	s.counted(rib.Counters{}, false)
	before := s.r.Dump(s.peers)
	s.wantOutcome(s.announce(0, "10.2.0.0/16", 10, 1), rib.Refused)
	s.wantOutcome(s.table(0, "10.2.0.0/16", 10, 1), rib.Refused)
	s.wantOutcome(s.withdraw(0, "10.2.0.0/16"), rib.Unchanged)
	s.counted(rib.Counters{PrefixesRefused: 2}, true)
	if d := cmp.Diff(before, s.r.Dump(s.peers)); d != "" {
		t.Errorf("a refused prefix changed the state:\n%s", d)
	}
	s.wantOutcome(s.announce(0, "10.1.0.0/16", 20, 1), rib.Announced) // one that is there
	s.wantOutcome(s.announce(0, "2001:db8::/32", 10, 1), rib.Announced)
	if a, b := s.r.Prefixes(route.IPv4), s.r.Prefixes(route.IPv6); a != 2 || b != 1 {
		t.Errorf("%d IPv4 and %d IPv6 prefixes", a, b)
	}
	s.counted(rib.Counters{PrefixesRefused: 2}, true)
}

func TestMaxNodes(t *testing.T) {
	s := newShard(t, rib.Config{MaxNodes: 4}, 1) // the peer's own path takes one
	s.wantOutcome(s.announce(0, "10.0.0.0/8", 30, 20, 1), rib.Announced)
	if _, ok := s.path(0, 40, 20, 1); ok {
		t.Error("a fifth node")
	}
	s.counted(rib.Counters{NodesRefused: 1}, true)
	s.want("10.0.0.0/8 unknown", "  slot 0 up stated=true held=false longest=0 path [30 20 1]")
	s.wantOutcome(s.announce(0, "10.1.0.0/16", 20, 1), rib.Announced) // its nodes are there
	s.wantOutcome(s.announce(0, "10.1.0.0/16"), rib.Announced)        // the peer's own
	s.counted(rib.Counters{NodesRefused: 1}, true)

	s.withdraw(0, "10.0.0.0/8") // its path is kept for contrast, and then not
	s.announce(0, "10.0.0.0/8", 20, 1)
	s.r.SweepNow()
	if _, ok := s.path(0, 40, 20, 1); !ok {
		t.Error("no room after a sweep")
	}
}

func TestMaxPeers(t *testing.T) {
	s := newShard(t, rib.Config{MaxPeers: 2}, 2)
	s.counted(rib.Counters{}, false)
	if _, ok := s.r.AddPeer(route.Peer{Collector: "c", ASN: 300}); ok {
		t.Error("a third peer")
	}
	s.counted(rib.Counters{PeersRefused: 1}, true)
	s.wantOutcome(s.announce(1, "10.0.0.0/8", 10, 1), rib.Announced)
}

func TestMaxRecent(t *testing.T) {
	s := newShard(t, rib.Config{MaxRecent: 1}, 2)
	s.table(0, "10.0.0.0/8", 10, 1)
	s.announce(1, "10.1.0.0/16", 10, 1)
	s.counted(rib.Counters{}, false)
	s.want("  slot 0 up stated=false held=true longest=3 path [10 1]")
	s.announce(1, "10.2.0.0/16", 10, 1)
	s.counted(rib.Counters{RecentRefused: 1}, true)
	s.want("  slot 0 up stated=false held=false longest=3 path [10 1]")
	s.wantOutcome(s.withdraw(0, "10.0.0.0/8"), rib.Withdrawn)
	if s.ch.Held {
		t.Error("a loss while the shard knows of no route how old it is")
	}
	s.r.Advance(1e15 + 2*rib.Held)
	s.want("  slot 1 up stated=false held=true longest=0 path [10 1]")
	s.wantOutcome(s.withdraw(1, "10.2.0.0/16"), rib.Withdrawn)
	if !s.ch.Held {
		t.Error("blind for longer than HELD")
	}
}

func TestASeventeenthNewcomerIsRefused(t *testing.T) {
	s := newShard(t, rib.Config{}, 2)
	s.table(0, "10.0.0.0/8", 10, 1)
	hops := make([]route.ASN, 0, 18)
	for i := range route.ASN(16) {
		hops = append(hops, 901+i)
	}
	s.announce(1, "10.0.0.0/8", append(hops, 1)...)
	s.counted(rib.Counters{}, false)
	s.announce(1, "10.0.0.0/8", append(hops, 917, 2)...) // 917 and an origin more
	s.counted(rib.Counters{NewcomersRefused: 2}, false)
	if s.facts.Unknown != 1<<17-1 {
		t.Errorf("newcomers %b: a refused one is a fact all the same", s.facts.Unknown)
	}
}

func TestASixtyFifthPathIDIsRefused(t *testing.T) {
	for _, src := range []rib.Source{rib.FromUpdate, rib.FromTable} {
		s := newShard(t, rib.Config{}, 1)
		p := route.MustPrefix("10.0.0.0/8")
		for id := range uint32(64) {
			if s.put(src, 0, p.NLRI(id), true, route.ASN(901+id), 1) == rib.Refused {
				t.Fatalf("id %d refused", id)
			}
		}
		before := s.r.Dump(s.peers)
		s.wantOutcome(s.put(src, 0, p.NLRI(64), true, 10, 1), rib.Refused)
		if d := cmp.Diff(before, s.r.Dump(s.peers)); d != "" {
			t.Errorf("a refused id changed the state:\n%s", d)
		}
		if n := s.r.Counters.PathIDsRefused; n != 1 || s.r.Counters.Degraded() {
			t.Errorf("refused %d, degraded %t", n, s.r.Counters.Degraded())
		}
		s.wantOutcome(s.put(rib.FromUpdate, 0, p.NLRI(63), true, 10, 1), rib.Extra) // one that is there
		s.r.Withdraw(0, p.NLRI(5), true, &s.ch)
		s.wantOutcome(s.put(rib.FromUpdate, 0, p.NLRI(64), true, 10, 1), rib.Extra)
	}
}

func TestALongPathIsCut(t *testing.T) {
	s := newShard(t, rib.Config{}, 1)
	hops := make([]route.ASN, 65)
	for i := range hops {
		hops[i] = route.ASN(1001 + i)
	}
	p, ok := s.path(0, hops[1:]...)
	if !ok || p.Flags != 0 || p.Unique != 65 {
		t.Errorf("64 hops: %+v", p)
	}
	s.counted(rib.Counters{}, false)
	p, ok = s.path(0, hops...)
	if !ok || p.Flags != rib.PathCut || p.Unique != 65 {
		t.Errorf("65 hops: %+v", p)
	}
	s.counted(rib.Counters{PathsCut: 1}, false)
	if as, first := s.r.Edge(0, &p); as != 0 || first {
		t.Errorf("the first hop %v of a cut path", as)
	}
}
