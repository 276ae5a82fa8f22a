package correlate

import (
	"github.com/RoaringBitmap/roaring/v2"

	"detour/processor/flat"
	"detour/route"
)

// edgeID names a directed pair of neighbours on a path; 0 is none.
type edgeID uint32

// edge is a directed pair of neighbours.
type edge struct {
	since   stamp
	origins uint32 // that it is on the way to
}

// knowledge holds which AS was seen on the way to which origin, which
// neighbours were seen on paths, and since when (DETECTION §2). The first sight
// in merged order counts. Entries are forgotten only when an incident closes
// that they were first seen in; see held.go.
type knowledge struct {
	cfg     *Config  `snapshot:"-"`
	refused *Refused `snapshot:"-"`

	as       asTable
	state    []asState // by AS id
	npairs   int
	transits int                        // ASes that are on the way to anybody
	origins  int                        // ASes that anybody is on the way to
	edges    []edge                     // by edge id
	edgeIDs  flat.Table[uint64, edgeID] // AS id, next AS id
	triples  flat.Table[uint64, stamp]  // edge id, origin id: the edge is on the way to the origin
	thirds   flat.Table[uint64, stamp]  // edge id, AS id behind it: three neighbours in a row
	fresh    freshTable
	gone     flat.Table[uint64, struct{}] // AS id, origin id: pairs that were forgotten
	blanks   int                          // edges, triples and thirds that were

	now stamp // of the update that is judged
	age stamp `snapshot:"-"` // Config.Fresh in seconds
}

// asState is what is known of one AS.
type asState struct {
	pairs  *roaring.Bitmap // ids of the origins that it is on the way to
	takers []asID          // that were seen to take routes from it
	npairs uint32
	origin bool // it is one
	obs    observed
}

// observed counts the distinct (next AS, origin) that an AS was seen with.
type observed struct {
	total, before uint32 // before: when the half-window began
	half          int64
}

func newKnowledge(cfg *Config, refused *Refused) *knowledge {
	return &knowledge{
		cfg: cfg, refused: refused,
		as:    newASTable(cfg.Limits.ASNs, &refused.ASNs),
		state: make([]asState, 1),
		edges: make([]edge, 1),
		age:   stamp(max(1, cfg.Fresh/route.Second)),
	}
}

// at moves the knowledge to the time of the update that is judged.
func (k *knowledge) at(t route.Time) { k.now = stampAt(t) }

// id returns the id of an AS and makes room for what is known of it.
func (k *knowledge) id(asn route.ASN) asID {
	id := k.as.id(asn)
	if int(id) >= len(k.state) {
		k.state = append(k.state, asState{})
	}
	return id
}

// node enters a path-tree node as shards report it: x with next behind it
// towards origin, and third behind that; 0 across a break.
func (k *knowledge) node(x, next, third, origin asID, half int64, since stamp) {
	if x == 0 {
		return
	}
	e := k.edge(x, next, since)
	if e != 0 && third != 0 {
		k.third(e, third, since)
	}
	if origin == 0 || x == origin {
		return
	}
	if k.gone.Get(pack(x, origin)) == nil {
		k.pair(x, origin, since)
	}
	if e != 0 {
		k.triple(x, e, origin, half, since)
	}
}

// edge enters a directed edge and returns its id, 0 for none.
func (k *knowledge) edge(from, to asID, since stamp) edgeID {
	if from == 0 || to == 0 || from == to {
		return 0
	}
	key := pack(from, to)
	if id := k.edgeID(from, to); id != 0 {
		return id
	}
	if len(k.edges) > k.cfg.Limits.Edges {
		k.refused.Edges++
		return 0
	}
	id := edgeID(len(k.edges))
	k.edges = append(k.edges, edge{since: since})
	v, _ := k.edgeIDs.Put(key)
	*v = id
	k.state[to].takers = append(k.state[to].takers, from)
	return id
}

// edgeID returns the id of a directed edge that was seen before, or 0.
func (k *knowledge) edgeID(from, to asID) edgeID {
	if id := k.edgeIDs.Get(pack(from, to)); id != nil {
		return *id
	}
	return 0
}

// pair enters x as on the way to origin o.
func (k *knowledge) pair(x, o asID, since stamp) {
	s := &k.state[x]
	if s.pairs != nil && s.pairs.Contains(o) {
		return
	}
	k.gone.Del(pack(x, o))
	if k.npairs+k.gone.Len() >= k.cfg.Limits.Pairs {
		k.refused.Pairs++
		return
	}
	if s.pairs == nil {
		s.pairs = roaring.New()
	}
	s.pairs.Add(o)
	if s.npairs++; s.npairs == 1 {
		k.transits++
	}
	k.npairs++
	if since != ever && !k.fresh.add(pack(x, o), since, k.cfg.Limits.Fresh) {
		k.refused.Fresh++ // taken for old
	}
}

// triple enters edge e, whose first AS is x, as on the way to origin o.
func (k *knowledge) triple(x asID, e edgeID, o asID, half int64, since stamp) {
	key := pack(uint32(e), o)
	if k.triples.Get(key) != nil {
		return
	}
	if k.triples.Len() >= k.cfg.Limits.Triples {
		k.refused.Triples++
		return
	}
	v, _ := k.triples.Put(key)
	*v = since
	k.edges[e].origins++
	if to := &k.state[o]; !to.origin {
		to.origin = true
		k.origins++
	}
	n := &k.state[x].obs
	if half > n.half {
		n.before, n.half = n.total, half
	}
	n.total++
}

func (k *knowledge) third(e edgeID, third asID, since stamp) {
	key := pack(uint32(e), third)
	if k.thirds.Get(key) != nil {
		return
	}
	if k.thirds.Len() >= k.cfg.Limits.Thirds {
		k.refused.Thirds++
		return
	}
	v, _ := k.thirds.Put(key)
	*v = since
}

// observedBefore returns how many distinct (next AS, origin) x was seen with
// before the half-window.
func (k *knowledge) observedBefore(x asID, half int64) uint32 {
	n := &k.state[x].obs
	if half > n.half {
		return n.total
	}
	return n.before
}

// pairSince returns when x was first seen on the way to o; ever for what is
// older than Config.Fresh.
func (k *knowledge) pairSince(x, o asID) stamp {
	if since := k.fresh.at.Get(pack(x, o)); since != nil {
		return *since
	}
	if p := k.state[x].pairs; p != nil && p.Contains(o) {
		return ever
	}
	return never
}

// edgeSince returns when the edge was first seen.
func (k *knowledge) edgeSince(from, to asID) stamp {
	if id := k.edgeID(from, to); id != 0 {
		return k.edges[id].since
	}
	return never
}

func (k *knowledge) pairOld(x, o asID) bool { return k.pairSince(x, o).old(k.now, k.age) }
func (k *knowledge) edgeOld(a, b asID) bool { return k.edgeSince(a, b).old(k.now, k.age) }

// tripleSince returns since when the edge of a and b is on the way to o.
func (k *knowledge) tripleSince(a, b, o asID) stamp {
	if e := k.edgeID(a, b); e != 0 {
		if s := k.triples.Get(pack(uint32(e), o)); s != nil {
			return *s
		}
	}
	return never
}

// thirdOld reports whether c was known behind the edge of a and b.
func (k *knowledge) thirdOld(a, b, c asID) bool {
	e := k.edgeID(a, b)
	if e == 0 {
		return false
	}
	s := k.thirds.Get(pack(uint32(e), c))
	return s != nil && s.old(k.now, k.age)
}

// told returns how many origins the neighbours of x take from it, counted for
// each of them, other than but and those that take a tenth of all: they have a
// table from it.
func (k *knowledge) told(x, but asID) (n int) {
	for _, a := range k.state[x].takers {
		if m := int(k.edges[k.edgeID(a, x)].origins); a != but && smallShare*m < k.origins {
			n += m
		}
	}
	return n
}

// smallShare is a tenth: who takes less of all origins from x does not take the
// whole table from it.
const smallShare = 10

// manyOrigins is how many origins must be known for a share of them to say
// anything.
const manyOrigins = 1000

// behind reports whether old is known behind x, other than as one of all the
// origins that x shows to those who take the whole table from it (DETECTION
// §1.6).
func (k *knowledge) behind(x, old asID) bool {
	if !k.pairOld(x, old) {
		return false
	}
	if k.origins < manyOrigins || 2*int(k.state[x].npairs) < k.origins {
		return true
	}
	for _, a := range k.state[x].takers {
		e := k.edgeID(a, x)
		if 2*int(k.edges[e].origins) >= k.origins {
			continue
		}
		if s := k.triples.Get(pack(uint32(e), old)); s != nil && s.old(k.now, k.age) {
			return true
		}
	}
	return false
}

// expire forgets when pairs were first seen that are no longer fresh.
func (k *knowledge) expire(t route.Time) { k.fresh.expire(stampAt(t), k.age) }

func pack(hi, lo uint32) uint64 { return uint64(hi)<<32 | uint64(lo) }

// freshTable remembers the first sight of young pairs, oldest first.
type freshTable struct {
	at    flat.Table[uint64, stamp]
	queue []uint64 // keys of at in the order of arrival, from head on
	head  int
}

func (f *freshTable) add(key uint64, since stamp, limit int) bool {
	if f.at.Len() >= limit {
		return false
	}
	v, _ := f.at.Put(key)
	*v = since
	f.queue = append(f.queue, key)
	return true
}

// expire makes old what is no longer fresh. Live, an entry may wait for one
// ahead of it that is a little younger.
func (f *freshTable) expire(now, age stamp) {
	for f.head < len(f.queue) {
		key := f.queue[f.head]
		s := f.at.Get(key)
		switch {
		case s == nil || *s&pinned != 0: // its incident gives it back
		case s.old(now, age):
			f.at.Del(key)
		default:
			f.shrink()
			return
		}
		f.head++
	}
	f.shrink()
}

func (f *freshTable) shrink() {
	if f.head > 1024 && 2*f.head > len(f.queue) {
		f.queue = f.queue[:copy(f.queue, f.queue[f.head:])]
		f.head = 0
	}
}

// hold keeps a unit that was first seen on the route of an incident from aging.
// It returns false where the unit is older than the incident, or held already.
func holdStamp(s, since stamp) (stamp, bool) {
	if s == ever || s&pinned != 0 || !s.seen() || s < since {
		return s, false
	}
	return s | pinned, true
}

// holdPair holds the pair of x and o; see holdStamp.
func (k *knowledge) holdPair(x, o asID, since stamp) bool {
	s := k.fresh.at.Get(pack(x, o))
	if s == nil {
		return false
	}
	held, ok := holdStamp(*s, since)
	*s = held
	return ok
}

// forgetPair takes a held pair back: it was seen on bad routes only.
func (k *knowledge) forgetPair(key uint64) {
	k.fresh.at.Del(key)
	s := &k.state[key>>32]
	if s.pairs != nil && s.pairs.CheckedRemove(uint32(key)) {
		k.npairs--
		if s.npairs--; s.npairs == 0 {
			k.transits--
		}
		k.gone.Put(key) // of those in the bitmaps before
	}
}
