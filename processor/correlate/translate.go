package correlate

import (
	"encoding/binary"
	"errors"
	"slices"

	"detour/route"
	"detour/wire"
)

// errLimit ends a replay: going on without the records would make the result
// depend on which of them came first.
var errLimit = errors.New("evidence names more ingesters, peers or paths than the limits allow")

// degradation is the kind of an item that stands for "this shard refused
// entries", so that it takes its turn among the records.
const degradation wire.RecordKind = 0

// item is a record whose Peer, Ingester, Prev and Next name the correlator's
// own tables. Its Origins belong to its run.
type item struct {
	wire.Record
	feed  [2]route.Feed
	shard uint32
}

// run holds the items of one range, to be read in order.
type run struct {
	items   []item
	order   []uint32 // places in items, by compareItems; Replay only
	at      int
	shard   uint32
	serial  uint64
	origins []route.ASN `snapshot:"-"` // those of items lie here
}

func (r *run) head() *item { return &r.items[r.order[r.at]] }

// unset marks a place of a range's table that was not translated yet, refused
// one that the limits turned away.
const (
	unset   = ^uint32(0)
	refused = unset - 1
)

type peerRef struct {
	session uint32 // or refused
	feed    [2]route.Feed
}

// tables holds what the indexes of the present range mean.
type tables struct {
	ingesters []uint32
	peers     []peerRef
	paths     []pathID // or unset, or refused
	asns      []route.ASN
	ends      []uint32           // path i is asns[ends[i]:ends[i+1]]
	hops      []asID             // of one path
	refs      map[string]peerRef // by the ingester table and the peer's bytes
	key       []byte
}

// translate fills out with the records of r from sequence mark on.
func (c *Correlator) translate(r *wire.Range, mark uint64, out *run) error {
	if c.paths.count() >= c.paths.sweep {
		c.paths.keep(c.visitPaths, c.openings())
	}
	before := *c.refused
	c.readTables(r)
	out.items = slices.Grow(out.items, r.NumRecords())
	records := r.Records()
	for i := range records {
		out.items = append(out.items, item{Record: records[i], shard: out.shard})
		it := &out.items[len(out.items)-1]
		switch {
		case it.Sequence < mark:
			c.skipped++
			out.items = out.items[:len(out.items)-1]
		case !c.name(it):
			out.items = out.items[:len(out.items)-1]
			if c.cfg.Mode == Replay {
				*c.refused = before
				return errLimit
			}
		default:
			n := len(out.origins)
			out.origins = append(out.origins, it.Origins...)
			if it.Origins = nil; len(out.origins) > n {
				it.Origins = out.origins[n:len(out.origins):len(out.origins)]
			}
		}
	}
	return nil
}

func (c *Correlator) readTables(r *wire.Range) {
	t := &c.tables
	t.ingesters = t.ingesters[:0]
	// Counted, since a reader that looks for the end reads all records, too.
	names := r.Ingesters()
	for range r.NumIngesters() {
		name, _ := names.Next()
		id, ok := c.ingesters.intern(name, c.cfg.Limits.Ingesters)
		if !ok {
			id = refused
			c.refused.Ingesters++
		}
		t.ingesters = append(t.ingesters, id)
	}
	c.readPeers(r)
	t.asns, t.ends, t.paths = t.asns[:0], append(t.ends[:0], 0), t.paths[:0]
	paths := r.Paths()
	for range r.NumPaths() {
		t.asns, _ = paths.Append(t.asns)
		t.ends = append(t.ends, uint32(len(t.asns)))
		t.paths = append(t.paths, unset)
	}
}

// readPeers finds the sessions of the peer table, those that came before by
// their bytes: nearly all do, in every range.
func (c *Correlator) readPeers(r *wire.Range) {
	t := &c.tables
	t.peers, t.key = t.peers[:0], t.key[:0]
	for _, id := range t.ingesters {
		t.key = binary.LittleEndian.AppendUint32(t.key, id)
	}
	names := len(t.key)
	peers := r.Peers()
	for range r.NumPeers() {
		raw, _ := peers.Raw()
		t.key = append(t.key[:names], raw...)
		ref, ok := t.refs[string(t.key)]
		if !ok {
			ref = c.refOf(raw)
		}
		t.peers = append(t.peers, ref)
	}
}

// refOf finds the session of a peer and remembers it by its bytes.
func (c *Correlator) refOf(raw []byte) peerRef {
	t := &c.tables
	var view wire.PeerView
	view.Set(raw)
	ref := peerRef{session: refused, feed: [2]route.Feed{view.Feed4, view.Feed6}}
	ingester := t.ingesters[view.Ingester]
	if ingester == refused {
		return ref
	}
	id, ok := c.sessions.intern(sessionKey{ingester: ingester, peer: view.Peer()}, c.cfg.Limits.Sessions)
	if !ok {
		c.refused.Sessions++
		return ref
	}
	ref.session = id
	if s := &c.sessions.list[id]; !s.met {
		s.ignored = c.outside.Ignore.Match(&s.peer)
	}
	if t.refs == nil || len(t.refs) >= c.cfg.Limits.Sessions {
		t.refs = make(map[string]peerRef) // other bytes may name the same sessions: begin anew
	}
	t.refs[string(t.key)] = ref
	return ref
}

// name replaces the indexes of it by the correlator's. It returns false when a
// limit stands against it.
func (c *Correlator) name(it *item) bool {
	t := &c.tables
	if it.Ingester = t.ingesters[it.Ingester]; it.Ingester == refused {
		return false
	}
	if it.Peer != route.AllPeers {
		ref := &t.peers[it.Peer]
		if it.Peer, it.feed = ref.session, ref.feed; it.Peer == refused {
			return false
		}
	}
	if it.Kind != wire.RecordChange {
		it.Prev, it.Next = 0, 0 // only changes are judged by their paths
		return true
	}
	prev, okPrev := c.pathOf(it.Prev)
	next, okNext := c.pathOf(it.Next)
	it.Prev, it.Next = prev, next
	return okPrev && okNext
}

func (c *Correlator) pathOf(index uint32) (pathID, bool) {
	if index == 0 {
		return 0, true
	}
	id := &c.tables.paths[index-1]
	if *id == unset {
		*id = c.internPath(c.tables.asns[c.tables.ends[index-1]:c.tables.ends[index]])
	}
	return *id, *id != refused
}

func (c *Correlator) internPath(path []route.ASN) pathID {
	if id := c.paths.find(path); id != 0 {
		return id
	}
	hops := c.tables.hops[:0]
	for _, asn := range path {
		hops = append(hops, c.known.id(asn))
	}
	c.tables.hops = hops
	id, ok := c.paths.add(path, hops)
	if !ok {
		c.refused.Paths++
		return refused
	}
	return id
}

// visitPaths shows every path id that is held to rename.
func (c *Correlator) visitPaths(rename func(*pathID)) {
	for _, r := range c.merge.runs.items {
		for _, i := range r.order[r.at:] {
			rename(&r.items[i].Prev)
			rename(&r.items[i].Next)
		}
	}
	for _, k := range c.timers.items {
		for i := range k.routes {
			rename(&k.routes[i].prev)
			rename(&k.routes[i].next)
		}
	}
	for _, r := range []*recent{&c.recent, &c.claims} {
		for i := range r.n {
			m := r.at(i)
			rename(&m.prev)
			rename(&m.next)
		}
	}
	for _, p := range c.incidents.timers.items {
		for i := range p.list {
			rename(&p.list[i].sample.prev)
			rename(&p.list[i].sample.next)
		}
		for i := range p.samples {
			rename(&p.samples[i].prev)
			rename(&p.samples[i].next)
		}
	}
	c.visitWatched(rename)
}

// openings returns those of all incidents that are open.
func (c *Correlator) openings() map[uint32]bool {
	set := map[uint32]bool{}
	for _, p := range c.incidents.timers.items {
		if p.open {
			set[p.opening] = true
		}
	}
	return set
}

// newRun returns an empty run for a range of shard.
func (m *merge) newRun(shard uint32) *run {
	r := &run{}
	if n := len(m.free); n > 0 {
		r, m.free = m.free[n-1], m.free[:n-1]
	}
	m.serial++
	*r = run{
		items: r.items[:0], order: r.order[:0], origins: r.origins[:0], shard: shard, serial: m.serial,
	}
	return r
}

// maxFreeRuns bounds how many runs are kept for reuse.
const maxFreeRuns = 64

func (m *merge) recycle(r *run) {
	if len(m.free) < maxFreeRuns {
		clear(r.items)
		m.free = append(m.free, r)
	}
}
