package rib_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"detour/processor/rib"
	"detour/route"
)

// manyPeers are as many as visibility needs, and some more.
func manyPeers() (peers []route.Peer) {
	for i := range 14 {
		addr := netip.AddrFrom4([4]byte{10, 0, 1, byte(i)})
		peers = append(peers, route.Peer{Collector: "c", Addr: addr, ASN: route.ASN(100 + i)})
	}
	return peers
}

// TestVisibilityIsTheOracles is TestRIBIsTheOracle where many sessions hold few
// prefixes, so that visibility turns.
func TestVisibilityIsTheOracles(t *testing.T) {
	turnedByUpdate, turnedByReset := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(manyPeers())
		prefix := rapid.SampledFrom([]string{"10.32.0.0/16", "10.32.0.0/22", "2a00:1450::/32"})
		peer := rapid.IntRange(0, len(m.who)-1)
		turned := func(did bool) {
			if did {
				turnedByUpdate++
			}
		}
		announce := func(t *rapid.T, i int, p string) {
			raw := route.Path{ASNs: []route.ASN{m.who[i].ASN, rapid.SampledFrom([]route.ASN{10, 20}).Draw(t, "hop"), 1}}
			turned(m.show(t, i, route.MustPrefix(p), 0, raw, rapid.SampledFrom(sources).Draw(t, "source")))
		}
		m.advance(t)
		for i := range m.who {
			announce(t, i, "10.32.0.0/16")
			announce(t, i, "2a00:1450::/32")
		}
		withdraw := func(t *rapid.T) {
			m.advance(t)
			// Several at a time: one by one they come back too soon.
			for range rapid.IntRange(1, 8).Draw(t, "sessions") {
				turned(m.take(t, peer.Draw(t, "peer"), route.MustPrefix(prefix.Draw(t, "prefix")), 0))
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"announce": func(t *rapid.T) {
				m.advance(t)
				announce(t, peer.Draw(t, "peer"), prefix.Draw(t, "prefix"))
			},
			"withdraw":  withdraw,
			"withdraw2": withdraw,
			"reset":     func(t *rapid.T) { turnedByReset += m.resetOne(t) },
			"sweep":     m.sweep,
			"":          m.check,
		})
	})
	if turnedByUpdate == 0 || turnedByReset == 0 {
		t.Errorf("visibility turned %d times by updates and %d times by resets: nothing was compared",
			turnedByUpdate, turnedByReset)
	}
}

func TestVisibility(t *testing.T) {
	const p = "10.0.0.0/8"
	s := newShard(t, rib.Config{}, 12)
	turns := func() string {
		var out []string
		s.r.Turned(10, func(v *rib.Visibility) {
			out = append(out, fmt.Sprintf("%v %d+%d %v", v.Prefix, v.Up, v.Lost, s.r.VisibilityOrigins(nil, v)))
		})
		return strings.Join(out, ", ")
	}
	for i := range 12 {
		s.table(i, p, 10, 1)
		s.table(i, "2a00::/32", 10, 2)
		if s.ch.Turned || !s.ch.Raised {
			t.Fatalf("change %+v by the first announcement of session %d", s.ch, i)
		}
	}
	for i := range 6 {
		s.withdraw(i, p)
		if s.ch.Turned != (i == 5) {
			t.Fatalf("turned %t when %d of 12 have lost it", s.ch.Turned, i+1)
		}
	}
	if s.ch.Up != 6 || s.ch.Lost != 6 {
		t.Errorf("%d hold it and %d lost it, want 6 and 6", s.ch.Up, s.ch.Lost)
	}
	s.announce(0, p, 20, 1)
	if !s.ch.Turned || s.ch.Up != 7 || s.ch.Lost != 5 {
		t.Errorf("change %+v when one of them has it again", s.ch)
	}
	s.announce(0, p, 10, 1)
	if s.ch.Turned || s.ch.Raised {
		t.Errorf("change %+v by another path", s.ch)
	}
	s.r.Reset(11)
	s.r.Reset(10)
	if got := turns(); got != p+" 5+5 [1]" {
		t.Errorf("after resets of two that held it: %q", got)
	}
	s.r.Reset(1)
	if got := turns(); got != p+" 5+4 [1]" {
		t.Errorf("after a reset of one that had lost it: %q", got)
	}
	if got := turns(); got != "" {
		t.Errorf("told twice: %q", got)
	}
	if got := s.r.Common(route.IPv4); got != 1 {
		t.Errorf("%d prefixes are common, want 1", got)
	}
	s.r.Reset(0)
	s.r.Reset(9)
	s.r.Reset(8)
	if got := s.r.Common(route.IPv4); got != 0 {
		t.Errorf("%d prefixes are common with 2 sessions", got)
	}
}

// TestResetsThatCancelOutTurnNothing: what is told after resets is where they
// led, in whatever order they came.
func TestResetsThatCancelOutTurnNothing(t *testing.T) {
	s := newShard(t, rib.Config{}, 12)
	for i := range 12 {
		s.table(i, "10.0.0.0/8", 10, 1)
	}
	for i := range 5 {
		s.withdraw(i, "10.0.0.0/8")
	}
	s.r.Reset(11)
	s.r.Reset(10) // 5 hold it, 5 lost it
	s.r.Reset(9)
	s.r.Turned(10, func(v *rib.Visibility) { t.Errorf("told %+v", *v) })
}

// TestADensePeerIsReset: its column has slots beyond the prefixes.
func TestADensePeerIsReset(t *testing.T) {
	s := newShard(t, rib.Config{}, 3)
	const routes = 1500
	for i := range 3 {
		for k := range uint64(routes) {
			n := route.NLRI{Hi: (10<<24 + k<<8) << 32, Bits: 24, Family: route.IPv4}
			s.put(rib.FromTable, i, n, false, 10, 1)
		}
	}
	if got := s.r.Common(route.IPv4); got != routes {
		t.Errorf("%d prefixes are common, want %d", got, routes)
	}
	s.r.Reset(1)
	if got := s.r.Common(route.IPv4); got != 0 {
		t.Errorf("%d prefixes are common after the reset", got)
	}
	s.table(1, "10.0.0.0/24", 10, 1)
	if got := s.r.Common(route.IPv4); got != 1 || !s.ch.Raised {
		t.Errorf("%d prefixes are common after one came back: %+v", got, s.ch)
	}
}

func TestReplicasAreNotCounted(t *testing.T) {
	ours := route.MustPrefix("10.0.0.0/8")
	asked := 0
	s := newShard(t, rib.Config{Speaks: func(p route.Prefix) bool { asked++; return p == ours }}, 12)
	for i := range 12 {
		s.table(i, "10.0.0.0/8", 10, 1)
		s.table(i, "11.0.0.0/8", 10, 1)
	}
	if got := s.r.Common(route.IPv4); got != 1 || asked != 2 {
		t.Errorf("%d prefixes are common, asked %d times; want 1 and 2", got, asked)
	}
	for i := range 5 {
		s.withdraw(i, "11.0.0.0/8")
	}
	s.r.Reset(11)
	s.r.Reset(10)
	s.r.Turned(10, func(v *rib.Visibility) { t.Errorf("told %+v", *v) })
}
