package oracle

import (
	"maps"
	"math"

	"detour/route"
)

// The page's constants (§3, §5).
const (
	heldTime     = 300 * route.Second
	holdSeconds  = 6 * 3600
	ageTime      = 30 * 24 * route.Hour
	maxNewcomers = 16
	maxIDs       = 64
	maxLongest   = 15
	youngUnits   = 15 // a node is young for as many units
	birthUnit    = 64 * route.Second
	lowFrom      = 10                            // sessions
	longAgo      = route.Time(math.MinInt64 / 2) // last change of a route that counts as held at once
)

// Shard is the state of one shard.
type Shard struct {
	now      route.Time
	hash     func(route.Prefix) uint64
	prefixes map[route.Prefix]*prefixState
	births   map[string]birth // by the text of what is left of a path from a hop on

	// RefusedNewcomers and RefusedIDs count what met a bound.
	RefusedNewcomers, RefusedIDs int
}

// New returns an empty shard; hash gives the ageing phase of a prefix, its
// value modulo AGE in microseconds.
func New(hash func(route.Prefix) uint64) *Shard {
	return &Shard{hash: hash, prefixes: make(map[route.Prefix]*prefixState), births: make(map[string]birth)}
}

type set map[route.ASN]bool

// generation is one of the two generations of a baseline.
type generation struct {
	ases, origins set
	loose         bool // holds ASes that were not seen on the way to one of its origins
}

func emptyGeneration() generation { return generation{ases: set{}, origins: set{}} }

func (g generation) clone() generation {
	return generation{maps.Clone(g.ases), maps.Clone(g.origins), g.loose}
}

func (g *generation) add(u path) {
	g.loose = g.loose || u.loose()
	for _, a := range u.onPath() {
		g.ases[a] = true
	}
	if u.origin != 0 {
		g.origins[u.origin] = true
	}
}

// who is an AS in one of its two roles.
type who struct {
	asn    route.ASN
	origin bool
}

type prefixState struct {
	prefix       route.Prefix
	known        bool // the baseline
	inherited    bool
	current, old generation
	cover        *prefixState
	period       route.Time
	newcomers    map[who]int64 // first sight in seconds
	slots        map[route.Peer]*slot
	ids          map[route.Peer]*ids // of peers with ADD-PATH whose slot is up
}

type slot struct {
	path    path
	down    bool
	reset   bool // down by a session reset
	stated  bool
	longest int
	changed route.Time
}

type ids struct {
	main   uint32
	extras map[uint32]path
}

func (d *ids) has(id uint32) bool {
	_, ok := d.extras[id]
	return ok || id == d.main
}

func (d *ids) full() bool { return 1+len(d.extras) >= maxIDs }

func (s *Shard) advance(t route.Time) { s.now = max(s.now, t) }

// held reports whether sl is up and held.
func (s *Shard) held(sl *slot) bool {
	return sl != nil && !sl.down && s.now>>8-sl.changed>>8 >= heldTime>>8 // times of changes are kept to 256 µs
}

func (sl *slot) heldLength() { sl.longest = min(maxLongest, max(sl.longest, sl.path.unique())) }

func (st *prefixState) has(w who) bool {
	if w.origin {
		return st.current.origins[w.asn] || st.old.origins[w.asn]
	}
	return st.current.ases[w.asn] || st.old.ases[w.asn]
}

// mixed reports whether a hop of the baseline may belong to another origin than
// the one at hand.
func (st *prefixState) mixed() bool {
	return st.current.loose || st.old.loose || len(st.origins()) > 1
}

// origins returns the baseline's origins of both generations, ascending.
func (st *prefixState) origins() []route.ASN {
	both := maps.Clone(st.current.origins)
	maps.Copy(both, st.old.origins)
	return both.sorted()
}

// open returns the state of p after its touch, or creates it (§4.1, §4.2).
func (s *Shard) open(p route.Prefix) *prefixState {
	if st := s.prefixes[p]; st != nil {
		s.touch(st)
		return st
	}
	st := &prefixState{
		prefix: p, current: emptyGeneration(), old: emptyGeneration(),
		cover: s.coverOf(p), period: s.periodOf(p), newcomers: make(map[who]int64),
		slots: make(map[route.Peer]*slot), ids: make(map[route.Peer]*ids),
	}
	if c := st.cover; c != nil && c.known {
		st.known, st.inherited = true, true
		st.current, st.old = c.current.clone(), c.old.clone()
	}
	s.prefixes[p] = st
	return st
}

// coverOf returns the longest known shorter prefix of at least /8 or /16.
func (s *Shard) coverOf(p route.Prefix) *prefixState {
	least := uint8(8)
	if p.Family == route.IPv6 {
		least = 16
	}
	var best *prefixState
	for q, st := range s.prefixes {
		if q.Bits >= least && q.Bits < p.Bits && q.Contains(p) && (best == nil || q.Bits > best.prefix.Bits) {
			best = st
		}
	}
	return best
}

// standIn returns the more-specific whose baseline serves the origin test of p,
// which has none (§6): in the same /16, shorter first, then by address.
func (s *Shard) standIn(p route.Prefix) *prefixState {
	if p.Family != route.IPv4 {
		return nil
	}
	var best *prefixState
	for q, st := range s.prefixes {
		if !st.known || q.Bits <= p.Bits || q.Bits > p.Bits+2 || !p.Contains(q) || q.Hi>>48 != p.Hi>>48 {
			continue
		}
		if best == nil || q.Bits < best.prefix.Bits || q.Bits == best.prefix.Bits && q.Hi < best.prefix.Hi {
			best = st
		}
	}
	return best
}
