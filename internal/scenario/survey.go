package scenario

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"

	"detour/route"
)

const (
	waysKept      = 3  // of one peer to one network
	carrierTails  = 20 // a way to so many prefixes makes a carrier
	transitPeers  = 2
	maxSurveyHops = 250
	topCustomers  = 10 // a network with so many and no provider is of tier 1
)

// survey gathers what NewKnowledge needs while it reads the background once.
type survey struct {
	k       *Knowledge
	numbers map[route.Prefix]int32 // by first sight, put in order at the end
	seen    []route.Prefix
	wayOf   map[string]int32
	key     []byte
	pairs   []uint64 // prefix number and way
	heard   map[hearing]struct{}
	holds   map[holding]int32 // way; -1 is withdrawn
	direct  []int             // by peer: paths that begin with its ASN, less those that do not
}

type hearing struct {
	peer uint32
	way  int32
}

type holding struct {
	prefix int32
	peer   uint32
}

func newSurvey(k *Knowledge) *survey {
	return &survey{
		k: k, numbers: map[route.Prefix]int32{}, wayOf: map[string]int32{}, heard: map[hearing]struct{}{},
		holds: map[holding]int32{}, direct: make([]int, len(k.bg.Peers)),
	}
}

func (s *survey) see(e *Element) {
	switch e.Kind {
	case route.KindPeerDown:
		maps.DeleteFunc(s.holds, func(h holding, _ int32) bool { return h.peer == e.Peer })
		return
	case route.KindUpdate:
	default:
		return
	}
	p, ok := s.numbers[e.Prefix]
	if !ok {
		p = int32(len(s.seen))
		s.numbers[e.Prefix] = p
		s.seen = append(s.seen, e.Prefix)
	}
	if len(e.Path) == 0 {
		delete(s.holds, holding{p, e.Peer})
		return
	}
	w := s.intern(e.Path)
	s.holds[holding{p, e.Peer}] = w
	if e.Path[0] == s.k.bg.Peers[e.Peer].ASN {
		s.direct[e.Peer]++
	} else {
		s.direct[e.Peer]--
	}
	if s.k.paths[w].unique != nil {
		s.pairs = append(s.pairs, uint64(p)<<32|uint64(w))
		s.heard[hearing{e.Peer, w}] = struct{}{}
	}
}

func (s *survey) intern(path []route.ASN) int32 {
	s.key = s.key[:0]
	for _, a := range path {
		s.key = binary.BigEndian.AppendUint32(s.key, uint32(a))
	}
	if w, ok := s.wayOf[string(s.key)]; ok {
		return w
	}
	w := int32(len(s.k.paths))
	s.wayOf[string(s.key)] = w
	s.k.paths = append(s.k.paths, way{raw: path, unique: spliceable(path)})
	return w
}

// spliceable takes the prepends out of a path; nil where the path has a loop, an
// ASN that stands for no network, or too many hops.
func spliceable(path []route.ASN) []route.ASN {
	u := slices.Compact(slices.Clone(path))
	for i, a := range u {
		if !a.Public() || slices.Contains(u[:i], a) {
			return nil
		}
	}
	if len(u) > maxSurveyHops {
		return nil
	}
	return u
}

// finish puts everything in order, so that nothing depends on the order of maps.
func (s *survey) finish() {
	order := s.sortPrefixes()
	s.putSlots(order)
	s.putTails(order)
	s.putWays()
	s.putEdges()
	k := s.k
	for peer, n := range s.direct {
		if n < 0 {
			k.servers = append(k.servers, uint32(peer))
		}
	}
	for _, a := range slices.Sorted(maps.Keys(k.ways)) {
		if k.reached(a) >= transitPeers {
			k.transits = append(k.transits, a)
		}
	}
	for _, b := range slices.Sorted(maps.Keys(k.tails)) {
		if len(k.tails[b]) >= carrierTails {
			k.carriers = append(k.carriers, b)
		}
	}
	for _, a := range k.rel.ASNs() {
		switch {
		case len(k.rel.Providers(a)) > 0:
			k.multi = append(k.multi, a)
		case len(k.rel.Customers(a)) >= topCustomers && k.load[a] > 0:
			k.tops = append(k.tops, a)
		}
	}
}

// sortPrefixes numbers the prefixes in their order and returns the new number of
// each old one.
func (s *survey) sortPrefixes() []int32 {
	k := s.k
	k.prefixes = slices.SortedFunc(slices.Values(s.seen), func(p, q route.Prefix) int {
		if p.Less(q) {
			return -1
		}
		return 1
	})
	k.index = make(map[route.Prefix]int32, len(k.prefixes))
	order := make([]int32, len(k.prefixes))
	for i, p := range k.prefixes {
		k.index[p] = int32(i)
		order[s.numbers[p]] = int32(i)
	}
	return order
}

func (s *survey) putSlots(order []int32) {
	k := s.k
	k.slots = make([]slot, 0, len(s.holds))
	for h, w := range s.holds {
		k.slots = append(k.slots, slot{prefix: order[h.prefix], peer: h.peer, way: w})
	}
	slices.SortFunc(k.slots, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.prefix, b.prefix), cmp.Compare(a.peer, b.peer))
	})
	k.ofPeer = make([][]int32, len(k.bg.Peers))
	k.ofPrefix = make([]int32, len(k.prefixes)+1)
	k.ofOrigin, k.load = map[route.ASN][]int32{}, map[route.ASN]int32{}
	for i, sl := range k.slots {
		k.ofPeer[sl.peer] = append(k.ofPeer[sl.peer], int32(i))
		k.ofPrefix[sl.prefix+1] = int32(i + 1)
		if o := k.origin(sl); o != 0 {
			k.ofOrigin[o] = append(k.ofOrigin[o], int32(i))
		}
		for _, a := range k.path(sl) {
			k.load[a]++
		}
	}
	for i := range k.prefixes {
		k.ofPrefix[i+1] = max(k.ofPrefix[i+1], k.ofPrefix[i])
	}
}

// putTails keeps, for each network on the way to a prefix, its shortest way; of
// equal ones the one seen first.
func (s *survey) putTails(order []int32) {
	k := s.k
	for i, pair := range s.pairs {
		s.pairs[i] = uint64(order[pair>>32])<<32 | pair&(1<<32-1)
	}
	slices.Sort(s.pairs)
	s.pairs = slices.Compact(s.pairs)
	k.tails = map[route.ASN][]tail{}
	for _, pair := range s.pairs {
		prefix, w := int32(pair>>32), int32(uint32(pair))
		u := k.paths[w].unique
		for i, a := range u[:len(u)-1] {
			t := tail{prefix: prefix, way: w, at: uint8(i)}
			all := k.tails[a]
			if n := len(all); n == 0 || all[n-1].prefix != prefix {
				k.tails[a] = append(all, t)
			} else if len(u)-i < len(k.tailPath(all[n-1])) {
				all[n-1] = t
			}
		}
	}
	s.pairs = nil
}

func (s *survey) putWays() {
	k := s.k
	k.ways = map[route.ASN][]segment{}
	for h := range s.heard {
		u := k.paths[h.way].unique
		for i, a := range u[:len(u)-1] {
			k.ways[a] = append(k.ways[a], segment{peer: h.peer, path: u[: i+1 : i+1]})
		}
	}
	for a, all := range k.ways {
		slices.SortFunc(all, func(x, y segment) int {
			return cmp.Or(cmp.Compare(x.peer, y.peer), cmp.Compare(len(x.path), len(y.path)),
				slices.Compare(x.path, y.path))
		})
		kept, n := all[:0], 0
		for _, seg := range all {
			switch last := len(kept) - 1; {
			case last < 0 || kept[last].peer != seg.peer:
				n = 0
			case n == waysKept || slices.Equal(kept[last].path, seg.path):
				continue
			}
			kept, n = append(kept, seg), n+1
		}
		k.ways[a] = slices.Clip(slices.Clone(kept))
	}
}

func (s *survey) putEdges() {
	type reach struct {
		edge
		origin route.ASN
	}
	k := s.k
	reaches := map[reach]struct{}{}
	for _, w := range k.paths {
		for i := 1; i < len(w.unique); i++ {
			reaches[reach{edge{w.unique[i-1], w.unique[i]}, w.unique[len(w.unique)-1]}] = struct{}{}
		}
	}
	k.edges = map[edge]int32{}
	for r := range reaches {
		k.edges[r.edge]++
	}
	k.links = slices.SortedFunc(maps.Keys(k.edges), func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
}
