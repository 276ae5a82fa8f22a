package correlate

import (
	"github.com/RoaringBitmap/roaring/v2"

	"detour/route"
)

// always is the first sight of what was there when watching began. It is far
// enough back to be old at any time, and not so far that differences overflow.
const always route.Time = -1 << 62

// asTable gives ASNs dense ids in the order in which they come up.
type asTable struct {
	numbers []route.ASN
	ids     map[route.ASN]uint32
}

func (a *asTable) id(asn route.ASN, limit int) (uint32, bool) {
	id, ok := a.ids[asn]
	if ok || len(a.numbers) >= limit {
		return id, ok
	}
	id = uint32(len(a.numbers))
	a.numbers = append(a.numbers, asn)
	a.ids[asn] = id
	return id, true
}

// edge is a directed pair of neighbours on a path.
type edge struct {
	id    uint32
	since route.Time // first sight in merged order, or always
}

// knowledge holds which AS was seen on the way to which origin, and which
// neighbours were seen on paths. Entries are only ever added, so that the
// order of reports within an update does not matter.
type knowledge struct {
	cfg     *Config
	refused *Refused

	as      asTable
	pairs   []*roaring.Bitmap // by AS id: ids of the origins that it is on the way to
	npairs  int
	edges   map[uint64]edge     // AS id, next AS id
	triples map[uint64]struct{} // edge id, origin id: the edge is on the way to the origin
	obs     []obs               // by AS id
	fresh   freshTable
}

// obs counts the distinct (next AS, origin) that an AS was seen with.
type obs struct {
	total, before uint32 // before: when the window began
	window        int64
}

func newKnowledge(cfg *Config, refused *Refused) *knowledge {
	return &knowledge{
		cfg: cfg, refused: refused,
		as:      asTable{ids: make(map[route.ASN]uint32)},
		edges:   make(map[uint64]edge),
		triples: make(map[uint64]struct{}),
		fresh:   freshTable{at: make(map[uint64]route.Time)},
	}
}

// node enters a path-tree node as shards report it: as with the AS behind it
// towards origin; next and origin are 0 across a break. It is known since that
// time, unless it was known before.
func (k *knowledge) node(as, next, origin route.ASN, t, since route.Time) {
	var e uint32
	linked := false
	if next != 0 {
		e, linked = k.edge(as, next, since)
	}
	if origin == 0 || as == origin {
		return
	}
	x, ok := k.asID(as)
	o, ok2 := k.asID(origin)
	if !ok || !ok2 {
		return
	}
	k.pair(x, o, since)
	if linked {
		k.triple(x, e, o, t)
	}
}

// edge enters a directed edge and returns its id.
func (k *knowledge) edge(from, to route.ASN, since route.Time) (uint32, bool) {
	if from == 0 || to == 0 || from == to {
		return 0, false
	}
	a, ok := k.asID(from)
	b, ok2 := k.asID(to)
	if !ok || !ok2 {
		return 0, false
	}
	key := pack(a, b)
	if e, ok := k.edges[key]; ok {
		return e.id, true
	}
	if len(k.edges) >= k.cfg.Limits.Edges {
		k.refused.Edges++
		return 0, false
	}
	id := uint32(len(k.edges))
	k.edges[key] = edge{id: id, since: since}
	return id, true
}

func (k *knowledge) pair(x, o uint32, since route.Time) {
	b := k.pairs[x]
	if b != nil && b.Contains(o) {
		return
	}
	if k.npairs >= k.cfg.Limits.Pairs {
		k.refused.Pairs++
		return
	}
	if b == nil {
		b = roaring.New()
		k.pairs[x] = b
	}
	b.Add(o)
	k.npairs++
	if since != always && !k.fresh.add(pack(x, o), since, k.cfg.Limits.Fresh) {
		k.refused.Fresh++ // taken for old
	}
}

func (k *knowledge) triple(x, e, o uint32, t route.Time) {
	key := pack(e, o)
	if _, ok := k.triples[key]; ok {
		return
	}
	if len(k.triples) >= k.cfg.Limits.Triples {
		k.refused.Triples++
		return
	}
	k.triples[key] = struct{}{}
	n := &k.obs[x]
	if w := k.window(t); w > n.window {
		n.before, n.window = n.total, w
	}
	n.total++
}

func (k *knowledge) window(t route.Time) int64 { return int64(t / k.cfg.Window) }

// observed returns how many distinct (next AS, origin) x was seen with before
// the window that holds t.
func (k *knowledge) observed(as route.ASN, t route.Time) uint32 {
	x, ok := k.as.ids[as]
	switch {
	case !ok:
		return 0
	case k.window(t) > k.obs[x].window:
		return k.obs[x].total
	}
	return k.obs[x].before
}

// pairSince returns when as was first seen on the way to origin: always for
// what is older than Config.Fresh.
func (k *knowledge) pairSince(as, origin route.ASN) (route.Time, bool) {
	x, ok := k.as.ids[as]
	o, ok2 := k.as.ids[origin]
	if !ok || !ok2 || k.pairs[x] == nil || !k.pairs[x].Contains(o) {
		return 0, false
	}
	if since, ok := k.fresh.at[pack(x, o)]; ok {
		return since, true
	}
	return always, true
}

// edgeSince returns when the edge was first seen.
func (k *knowledge) edgeSince(from, to route.ASN) (route.Time, bool) {
	a, ok := k.as.ids[from]
	b, ok2 := k.as.ids[to]
	if !ok || !ok2 {
		return 0, false
	}
	e, ok := k.edges[pack(a, b)]
	return e.since, ok
}

func (k *knowledge) asID(asn route.ASN) (uint32, bool) {
	id, ok := k.as.id(asn, k.cfg.Limits.ASNs)
	if !ok {
		k.refused.ASNs++
		return 0, false
	}
	if int(id) == len(k.pairs) {
		k.pairs = append(k.pairs, nil)
		k.obs = append(k.obs, obs{})
	}
	return id, true
}

// expire forgets when pairs were first seen that are no longer fresh at t.
func (k *knowledge) expire(t route.Time) { k.fresh.expire(t - k.cfg.Fresh) }

func pack(hi, lo uint32) uint64 { return uint64(hi)<<32 | uint64(lo) }

// freshTable remembers the first sight of young pairs, oldest first.
type freshTable struct {
	at    map[uint64]route.Time
	queue []uint64 // keys of at in the order of arrival, from head on
	head  int
}

func (f *freshTable) add(key uint64, since route.Time, limit int) bool {
	if len(f.at) >= limit {
		return false
	}
	f.at[key] = since
	f.queue = append(f.queue, key)
	return true
}

// expire forgets what was first seen at or before t. Live, an entry may wait
// for one ahead of it that is a little younger.
func (f *freshTable) expire(t route.Time) {
	for f.head < len(f.queue) && f.at[f.queue[f.head]] <= t {
		delete(f.at, f.queue[f.head])
		f.head++
	}
	if f.head > 1024 && 2*f.head > len(f.queue) {
		f.queue = f.queue[:copy(f.queue, f.queue[f.head:])]
		f.head = 0
	}
}
