package scenario

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"slices"

	"detour/route"
)

// story is a case being made.
type story struct {
	*Knowledge
	r     *rand.Rand
	start route.Time
	c     *Case
	near  map[route.ASN]vicinity
}

// tell begins a case. The label keeps apart what the same seed gives to
// different kinds.
func (k *Knowledge) tell(kind, label string, seed uint64, start route.Time) *story {
	h := fnv.New64a()
	h.Write([]byte(kind + "\x00" + label))
	return &story{
		Knowledge: k,
		r:         rand.New(rand.NewPCG(seed, h.Sum64())),
		start:     k.until + start,
		c:         &Case{Kind: kind, Seed: seed, HeldOut: HeldOut(seed)},
		near:      map[route.ASN]vicinity{},
	}
}

// HeldOut reports whether seed belongs to the fifth of all seeds that nobody
// looks at while choosing thresholds.
func HeldOut(seed uint64) bool { return seed%5 == 0 }

// clear drops what an attempt has told so far.
func (s *story) clear() {
	c := s.c
	c.Elements, c.Prime, c.NewPeers = c.Elements[:0], c.Prime[:0], c.NewPeers[:0]
	c.VRPs, c.Watch = nil, nil
}

// done puts the elements in time order; those of one time stay as told.
func (s *story) done(name string) *Case {
	s.c.Name = name
	slices.SortStableFunc(s.c.Elements, func(a, b Element) int { return cmp.Compare(a.At, b.At) })
	return s.c
}

// within is a moment of the stretch that begins after the start.
func (s *story) within(after, stretch route.Time) route.Time {
	return s.start + after + route.Time(s.r.Int64N(int64(max(stretch, 1))))
}

// announce adds a route unless its path has a loop, which no network takes.
func (s *story) announce(at route.Time, peer uint32, p route.Prefix, path []route.ASN) bool {
	if looped(path) {
		return false
	}
	s.add(Element{At: at, Peer: peer, Prefix: p, Path: path})
	return true
}

// splice adds a route of an everyday event: nobody on it hands a provider or
// peer what another one told it, unless a real path, one of those it was made
// from, did.
func (s *story) splice(at route.Time, peer uint32, p route.Prefix, path []route.ASN, from ...[]route.ASN) bool {
	return s.plausible(path, from...) && s.announce(at, peer, p, path)
}

func (s *story) withdraw(at route.Time, peer uint32, p route.Prefix) {
	s.add(Element{At: at, Peer: peer, Prefix: p})
}

func (s *story) event(at route.Time, peer uint32, kind route.Kind) {
	s.add(Element{At: at, Peer: peer, Kind: kind})
}

func (s *story) add(e Element) { s.c.Elements = append(s.c.Elements, e) }

// prime adds a table entry that holds before the start.
func (s *story) prime(peer uint32, p route.Prefix, path []route.ASN) {
	if !looped(path) {
		s.c.Prime = append(s.c.Prime, Element{At: s.until, Peer: peer, Prefix: p, Path: path, Table: true})
	}
}

// restore gives a peer back what it held at the cut.
func (s *story) restore(at route.Time, peer uint32, p route.Prefix) {
	if n, known := s.index[p]; known {
		if held, ok := s.held(n, peer); ok {
			s.add(Element{At: at, Peer: peer, Prefix: p, Path: s.raw(held)})
			return
		}
	}
	s.withdraw(at, peer, p)
}

// newPeer adds a vantage point and returns its number.
func (s *story) newPeer(asn route.ASN) uint32 {
	n := len(s.c.NewPeers)
	p := route.Peer{Addr: netip.AddrFrom4([4]byte{198, 19, byte(n >> 8), byte(n + 1)}), ASN: asn}
	if len(s.bg.Peers) > 0 {
		p.Collector, p.LocalASN = s.bg.Peers[0].Collector, s.bg.Peers[0].LocalASN
	}
	s.c.NewPeers = append(s.c.NewPeers, p)
	return uint32(len(s.bg.Peers) + n)
}

// newASN returns an AS number that the background and the relations lack.
func (s *story) newASN() route.ASN {
	for {
		a := route.ASN(400_000 + s.r.IntN(100_000))
		if !s.unseen(a) || slices.ContainsFunc(s.c.NewPeers, func(p route.Peer) bool { return p.ASN == a }) {
			continue
		}
		return a
	}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func shuffle[T any](r *rand.Rand, s []T) {
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}

// join returns a new path of the parts.
func join(parts ...[]route.ASN) []route.ASN { return slices.Concat(parts...) }

func has(path []route.ASN, a route.ASN) bool { return slices.Contains(path, a) }

// looped reports whether an ASN stands twice with others between.
func looped(path []route.ASN) bool {
	for i := 2; i < len(path); i++ {
		if path[i] != path[i-1] && has(path[:i-1], path[i]) {
			return true
		}
	}
	return false
}

func disjoint(a, b []route.ASN) bool {
	return !slices.ContainsFunc(a, func(x route.ASN) bool { return has(b, x) })
}

// half returns the first half of p; false where p is as long as is routed.
func half(p route.Prefix) (route.Prefix, bool) {
	if p.Bits >= longestRouted(p.Family) {
		return p, false
	}
	p.Bits++
	return p, true
}

// halves returns both.
func halves(p route.Prefix) (a, b route.Prefix, ok bool) {
	a, ok = half(p)
	return a, nth(a, 1), ok
}

// nth returns the n-th prefix after p of the same length, for lengths up to 64.
func nth(p route.Prefix, n uint64) route.Prefix {
	p.Hi += n << (64 - p.Bits)
	return p
}

func longestRouted(f route.Family) uint8 {
	if f == route.IPv6 {
		return 48
	}
	return 24
}
