package topo

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"detour/route"
)

// peersMax is how many addresses the documentation networks have, roughly.
const peersMax = 700

// seat chooses the vantage points: cfg.Include, then about 15 % from the 40
// largest networks, 65 % other transit networks, the larger the likelier, and
// 20 % multi-homed edge networks. Networks of known incidents that have few or
// no customers are chosen by Include only, so that stories keep their views.
func (t *Table) seat(rng *rand.Rand) error {
	taken := map[route.ASN]bool{}
	add := func(a route.ASN) {
		if !taken[a] && len(t.vps) < t.cfg.Peers {
			taken[a] = true
			t.vps = append(t.vps, a)
		}
	}
	for _, a := range t.cfg.Include {
		if !t.g.Has(a) {
			return fmt.Errorf("seat peers: AS%v is not in the graph", a)
		}
		add(a)
	}
	top, transit, edge := t.classes()
	for tries := 0; len(t.vps) < t.cfg.Peers; tries++ {
		if tries > 100*peersMax {
			return fmt.Errorf("seat peers: the graph has no %d that would do", t.cfg.Peers)
		}
		switch n := rng.IntN(100); {
		case n < 15 && len(top) > 0:
			add(top[rng.IntN(len(top))])
		case n < 80 && len(transit) > 0: // the lesser of two draws is the larger network
			add(transit[min(rng.IntN(len(transit)), rng.IntN(len(transit)))])
		case len(edge) > 0:
			add(edge[rng.IntN(len(edge))])
		}
	}
	for i, a := range t.vps {
		t.sessions = append(t.sessions, t.session(i, a))
	}
	return nil
}

// classes sorts networks by their customers into the 40 largest, other transit
// and multi-homed edge.
func (t *Table) classes() (top, transit, edge []route.ASN) {
	spare := spareNetworks()
	size := func(a route.ASN) int { return len(t.g.Customers(a)) }
	for _, a := range t.g.asns {
		switch {
		case spare[a]:
		case size(a) > 0:
			transit = append(transit, a)
		case len(t.g.Providers(a)) > 1:
			edge = append(edge, a)
		}
	}
	slices.SortStableFunc(transit, func(a, b route.ASN) int { return cmp.Compare(size(b), size(a)) })
	n := min(40, len(transit))
	return transit[:n], transit[n:], edge
}

// spareNetworks are those of known incidents that have few customers or none.
func spareNetworks() map[route.ASN]bool {
	spare := map[route.ASN]bool{}
	for _, list := range [][]namedAS{named, namedEdges} {
		for _, n := range list {
			spare[n.asn] = n.tier >= tierSmall
		}
	}
	return spare
}

// session is peer i with an address of documentation space (RFC 5737).
func (t *Table) session(i int, a route.ASN) route.Session {
	nets := [...][3]byte{{192, 0, 2}, {198, 51, 100}, {203, 0, 113}}
	n := nets[i/250]
	return route.Session{
		Peer: route.Peer{
			Collector: t.cfg.Collector,
			Addr:      netip.AddrFrom4([4]byte{n[0], n[1], n[2], byte(1 + i%250)}),
			ASN:       a,
			LocalASN:  64496,
		},
		ID:    uint32(i),
		Start: t.cfg.At,
		Feed4: route.FeedFull,
		Feed6: map[bool]route.Feed{true: route.FeedFull}[t.cfg.Prefixes6 > 0],
	}
}
