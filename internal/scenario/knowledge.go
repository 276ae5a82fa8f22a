package scenario

import (
	"errors"
	"slices"

	"detour/route"
)

// Knowledge is what a background shows at one moment: the routes that hold, how
// each peer reaches each network, how each network reaches the prefixes. It is
// read-only once made. It keeps the background's paths and shares them.
type Knowledge struct {
	bg    *Background
	until route.Time
	rel   Relations

	prefixes []route.Prefix // ascending; a prefix's place is its number
	index    map[route.Prefix]int32
	paths    []way
	slots    []slot // ascending by prefix, then peer
	ofPeer   [][]int32
	ofPrefix []int32               // first slot of each prefix, and the end
	ofOrigin map[route.ASN][]int32 // slots, ascending
	ways     map[route.ASN][]segment
	tails    map[route.ASN][]tail
	edges    map[edge]int32      // distinct origins behind it
	load     map[route.ASN]int32 // routes that hold and have it on their path
	servers  []uint32            // peers that are route servers

	transits []route.ASN // networks that two peers reach and that forward
	carriers []route.ASN // networks with a way to 20 prefixes
	multi    []route.ASN // networks with a provider
	tops     []route.ASN // tier 1: customers and no provider
	links    []edge
}

// way is one AS path: as it was announced, and without prepends. unique is nil
// where it cannot be spliced: a loop, a private ASN, an unknown origin.
type way struct{ raw, unique []route.ASN }

// slot is a route that holds.
type slot struct {
	prefix int32
	peer   uint32
	way    int32
}

// segment is one of the shortest ways from a peer to a network, that network
// included.
type segment struct {
	peer uint32
	path []route.ASN
}

// tail says that the network's shortest way to the prefix is the end of a path
// from its hop at on.
type tail struct {
	prefix, way int32
	at          uint8
}

// edge is directed: routes of origins behind to are heard from from.
type edge struct{ from, to route.ASN }

// NewKnowledge reads what bg showed before until. It takes time and memory in
// the order of bg. bg and rel are kept and must not change.
func NewKnowledge(bg *Background, until route.Time, rel Relations) *Knowledge {
	k := &Knowledge{bg: bg, until: until, rel: rel}
	s := newSurvey(k)
	for i := range bg.Prime {
		s.see(&bg.Prime[i])
	}
	for i := range bg.Updates {
		if bg.Updates[i].At >= until {
			break
		}
		s.see(&bg.Updates[i])
	}
	s.finish()
	return k
}

// errNoCase is the cause where a background cannot host a case.
var errNoCase = errors.New("the background has no place for it")

func (k *Knowledge) path(s slot) []route.ASN { return k.paths[s.way].unique }
func (k *Knowledge) raw(s slot) []route.ASN  { return k.paths[s.way].raw }

func (k *Knowledge) origin(s slot) route.ASN {
	u := k.path(s)
	if len(u) == 0 {
		return 0
	}
	return u[len(u)-1]
}

// at returns the routes that hold for a prefix.
func (k *Knowledge) at(prefix int32) []slot {
	return k.slots[k.ofPrefix[prefix]:k.ofPrefix[prefix+1]]
}

// held returns the route of one peer.
func (k *Knowledge) held(prefix int32, peer uint32) (slot, bool) {
	all := k.at(prefix)
	i, ok := slices.BinarySearchFunc(all, peer, func(s slot, p uint32) int { return int(s.peer) - int(p) })
	if !ok {
		return slot{}, false
	}
	return all[i], true
}

// wayTo returns the shortest way of a peer to a, a included; nil if none.
func (k *Knowledge) wayTo(a route.ASN, peer uint32) []route.ASN {
	all := k.waysTo(a, peer)
	if len(all) == 0 {
		return nil
	}
	return all[0].path
}

// waysTo returns up to three ways of a peer to a, shortest first.
func (k *Knowledge) waysTo(a route.ASN, peer uint32) []segment {
	all := k.ways[a]
	i, _ := slices.BinarySearchFunc(all, peer, func(s segment, p uint32) int { return int(s.peer) - int(p) })
	j := i
	for j < len(all) && all[j].peer == peer {
		j++
	}
	return all[i:j]
}

// reached counts the peers that have a way to a.
func (k *Knowledge) reached(a route.ASN) int {
	n := 0
	for i, s := range k.ways[a] {
		if i == 0 || s.peer != k.ways[a][i-1].peer {
			n++
		}
	}
	return n
}

// tailPath returns the way itself, the network first.
func (k *Knowledge) tailPath(t tail) []route.ASN { return k.paths[t.way].unique[t.at:] }

// wayFrom returns the shortest way of b to a prefix, b first; nil if none.
func (k *Knowledge) wayFrom(b route.ASN, prefix int32) []route.ASN {
	all := k.tails[b]
	i, ok := slices.BinarySearchFunc(all, prefix, func(t tail, p int32) int { return int(t.prefix) - int(p) })
	if !ok {
		return nil
	}
	return k.tailPath(all[i])
}

// isServer reports whether the peer hands on paths without its own ASN.
func (k *Knowledge) isServer(peer uint32) bool { return slices.Contains(k.servers, peer) }

func (k *Knowledge) customerOf(a, provider route.ASN) bool {
	return member(k.rel.Providers(a), provider)
}
func (k *Knowledge) peering(a, b route.ASN) bool { return member(k.rel.Peers(a), b) }

// neighbours reports whether a and b are known to have a session, from the
// relations or from a path.
func (k *Knowledge) neighbours(a, b route.ASN) bool {
	return k.edges[edge{a, b}] > 0 || k.edges[edge{b, a}] > 0 ||
		k.customerOf(a, b) || k.customerOf(b, a) || k.peering(a, b)
}

// above reports whether b is known to sell to a or to peer with it.
func (k *Knowledge) above(b, a route.ASN) bool { return k.customerOf(a, b) || k.peering(a, b) }

// plausible reports whether every network on the path that handed a provider or
// peer what another one told it does the same on one of the paths in from.
func (k *Knowledge) plausible(path []route.ASN, from ...[]route.ASN) bool {
	u := slices.Compact(slices.Clone(path))
	for i := 1; i+1 < len(u); i++ {
		if !k.above(u[i-1], u[i]) || !k.above(u[i+1], u[i]) {
			continue
		}
		triple := u[i-1 : i+2]
		if !slices.ContainsFunc(from, func(real []route.ASN) bool {
			j := slices.Index(real, triple[0])
			return j >= 0 && j+3 <= len(real) && slices.Equal(real[j:j+3], triple)
		}) {
			return false
		}
	}
	return true
}

// unseen reports whether nothing is known of a.
func (k *Knowledge) unseen(a route.ASN) bool {
	return len(k.ways[a]) == 0 && len(k.tails[a]) == 0 && len(k.ofOrigin[a]) == 0 &&
		len(k.rel.Providers(a)) == 0 && len(k.rel.Peers(a)) == 0 && len(k.rel.Customers(a)) == 0
}

func member(ascending []route.ASN, a route.ASN) bool {
	_, ok := slices.BinarySearch(ascending, a)
	return ok
}
