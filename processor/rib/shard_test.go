package rib_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"detour/internal/oracle"
	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
)

// shard drives a rib by short lines.
type shard struct {
	t     *testing.T
	r     *rib.RIB
	peers []route.Peer
	ch    rib.Change
	facts detect.Facts
	news  bool // paths are news
}

// newShard returns a shard with peers of AS 100, 200 and so on.
func newShard(t *testing.T, cfg rib.Config, peers int) *shard {
	t.Helper()
	s := &shard{t: t, r: rib.New(cfg)}
	for i := range peers {
		p := route.Peer{
			Collector: "c", Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), ASN: route.ASN(100 * (i + 1)),
		}
		if pe, ok := s.r.AddPeer(p); !ok || int(pe) != i {
			t.Fatalf("peer %d: %d, %t", i, pe, ok)
		}
		s.peers = append(s.peers, p)
	}
	s.r.Advance(1e15)
	return s
}

// path is the cleaned path of a peer: its own ASN and these hops.
func (s *shard) path(peer int, hops ...route.ASN) (rib.Path, bool) {
	return s.r.Path(rib.Peer(peer), &route.Path{ASNs: append([]route.ASN{s.peers[peer].ASN}, hops...)}, s.news)
}

func (s *shard) put(src rib.Source, peer int, n route.NLRI, addPath bool, hops ...route.ASN) rib.Outcome {
	s.t.Helper()
	p, ok := s.path(peer, hops...)
	if !ok {
		s.t.Fatalf("no room for %v", hops)
	}
	s.r.Announce(rib.Peer(peer), n, addPath, p, src, &s.ch)
	return s.done()
}

func (s *shard) announce(peer int, prefix string, hops ...route.ASN) rib.Outcome {
	s.t.Helper()
	return s.put(rib.FromUpdate, peer, route.MustPrefix(prefix).NLRI(0), false, hops...)
}

func (s *shard) table(peer int, prefix string, hops ...route.ASN) rib.Outcome {
	s.t.Helper()
	return s.put(rib.FromTable, peer, route.MustPrefix(prefix).NLRI(0), false, hops...)
}

func (s *shard) prime(peer int, prefix string, hops ...route.ASN) rib.Outcome {
	s.t.Helper()
	return s.put(rib.FromPriming, peer, route.MustPrefix(prefix).NLRI(0), false, hops...)
}

func (s *shard) withdraw(peer int, prefix string) rib.Outcome {
	s.r.Withdraw(rib.Peer(peer), route.MustPrefix(prefix).NLRI(0), false, &s.ch)
	return s.done()
}

func (s *shard) done() rib.Outcome {
	s.facts = detect.Judge(s.r, &s.ch)
	s.r.State(&s.ch, s.facts.Any())
	return s.ch.Outcome
}

// want fails unless the dump has these lines in a row, the slots of peers by
// number.
func (s *shard) want(lines ...string) {
	s.t.Helper()
	dump := s.r.Dump(s.peers)
	for i, p := range s.peers {
		dump = strings.ReplaceAll(dump, "slot "+oracle.PeerText(p), fmt.Sprintf("slot %d", i))
	}
	if !strings.Contains(dump, strings.Join(lines, "\n")+"\n") {
		s.t.Errorf("no\n%s\nin\n%s", strings.Join(lines, "\n"), dump)
	}
}

func (s *shard) wantOutcome(got, want rib.Outcome) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("outcome %d, want %d", got, want)
	}
}
