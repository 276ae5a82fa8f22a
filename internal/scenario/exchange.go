package scenario

import (
	"maps"
	"slices"

	"detour/route"
)

const (
	exchangeMembers = 60
	exchangeFewest  = 5
	exchangeRoutes  = 20
)

// exchange is a route server: what its members tell it about themselves and
// their customers, the best way for each prefix, the member first.
type exchange struct {
	peer    uint32
	members []route.ASN
	table   map[int32][]route.ASN
}

// exchangeAround makes up the exchange where x meets its peers; nil where too
// few of them are known. It is no vantage point yet.
func (s *story) exchangeAround(x route.ASN) *exchange {
	members := slices.Clone(s.rel.Peers(x))
	shuffle(s.r, members)
	e := &exchange{table: map[int32][]route.ASN{}}
	for _, m := range members {
		if len(e.members) < exchangeMembers && e.join(s, m) {
			e.members = append(e.members, m)
		}
	}
	if len(e.members) < exchangeFewest || len(e.table) < exchangeRoutes {
		return nil
	}
	slices.Sort(e.members)
	return e
}

// join adds the routes of one member; false if it has none.
func (e *exchange) join(s *story, m route.ASN) bool {
	cone := s.coneOf(m)
	for n, path := range cone {
		if old, ok := e.table[n]; !ok || len(path) < len(old) || (len(path) == len(old) && path[0] < old[0]) {
			e.table[n] = path
		}
	}
	return len(cone) > 0
}

// coneOf returns what a network tells its peers: its own prefixes and those that
// it has from customers.
func (k *Knowledge) coneOf(m route.ASN) map[int32][]route.ASN {
	cone := map[int32][]route.ASN{}
	for _, t := range k.tails[m] {
		if path := k.tailPath(t); k.customerOf(path[1], m) {
			cone[t.prefix] = path
		}
	}
	for _, i := range k.ofOrigin[m] {
		cone[k.slots[i].prefix] = []route.ASN{m}
	}
	return cone
}

// openExchange makes the route server a vantage point whose table is known.
func (s *story) openExchange(e *exchange) {
	e.peer = s.newPeer(s.newASN())
	for _, n := range slices.Sorted(maps.Keys(e.table)) {
		s.prime(e.peer, s.prefixes[n], e.table[n])
	}
}

// findMemberLeak looks for a member of an exchange that leaks to its route
// server what its providers and peers told it. Where the background has a route
// server, it is that one, else one is made. Other peers adopt the leak as
// members of the exchange.
func (s *story) findMemberLeak(p LeakParams) *leak {
	from := s.multi
	if len(s.servers) > 0 {
		if from = s.membersOf(s.servers[0]); len(from) == 0 {
			return nil
		}
	}
	for range leakTries {
		x := pick(s.r, from)
		up := common(slices.Concat(s.rel.Providers(x), s.rel.Peers(x)), s.carriers)
		if len(up) == 0 {
			continue
		}
		l := &leak{p: p, x: x, b: pick(s.r, up), at: map[uint32][]route.ASN{}}
		if len(s.tails[l.b]) < p.Prefixes {
			continue
		}
		e := &exchange{}
		if len(s.servers) > 0 {
			e.peer = s.servers[0]
		} else if e = s.exchangeAround(x); e == nil {
			continue
		}
		if s.placeMemberLeak(l, e) {
			return l
		}
	}
	return nil
}

// membersOf lists the first hops at a route server that have a provider.
func (s *story) membersOf(server uint32) []route.ASN {
	seen := map[route.ASN]bool{}
	for _, i := range s.ofPeer[server] {
		if u := s.path(s.slots[i]); len(u) > 0 && len(s.rel.Providers(u[0])) > 0 {
			seen[u[0]] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func (s *story) placeMemberLeak(l *leak, e *exchange) bool {
	var fresh []int32
	for _, t := range s.tails[l.b] {
		tail := s.tailPath(t)
		told := s.customerOf(l.x, l.b) || s.customerOf(tail[1], l.b)
		if !told || has(tail, l.x) {
			continue
		}
		if _, known := e.table[t.prefix]; known {
			l.routes = append(l.routes, t.prefix)
		} else {
			fresh = append(fresh, t.prefix)
		}
	}
	if len(l.routes)+len(fresh) < l.p.Prefixes {
		return false
	}
	shuffle(s.r, l.routes)
	shuffle(s.r, fresh)
	l.routes = append(l.routes, fresh...)[:l.p.Prefixes]
	others := s.directPeers(l.x)
	if len(others)+1 < l.p.Peers {
		return false
	}
	shuffle(s.r, others)
	if l.p.Peers > 0 {
		others = others[:l.p.Peers-1]
	}
	if e.table != nil {
		s.openExchange(e)
	}
	l.peers, l.at[e.peer] = []uint32{e.peer}, []route.ASN{}
	for _, peer := range others {
		l.peers = append(l.peers, peer)
		l.at[peer] = []route.ASN{s.bg.Peers[peer].ASN}
	}
	return true
}

// directPeers lists the peers that show their own ASN and may meet x at an
// exchange: neither x itself nor a network that buys from it or sells to it.
func (s *story) directPeers(x route.ASN) []uint32 {
	var out []uint32
	for i, p := range s.bg.Peers {
		if p.ASN != x && p.ASN.Public() && len(s.ofPeer[i]) > 0 && !s.isServer(uint32(i)) &&
			!s.customerOf(x, p.ASN) && !s.customerOf(p.ASN, x) {
			out = append(out, uint32(i))
		}
	}
	return out
}
