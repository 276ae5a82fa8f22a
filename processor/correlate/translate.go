package correlate

import (
	"errors"

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
	origins []route.ASN
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
	ends      []uint32 // path i is asns[ends[i]:ends[i+1]]
	hops      []asID   // of one path
	record    wire.Record
}

// translate fills out with the records of r from sequence mark on.
func (c *Correlator) translate(r *wire.Range, mark uint64, out *run) error {
	if c.paths.count() >= c.paths.sweep {
		c.paths.keep(c.visitPaths)
	}
	before := *c.refused
	c.readTables(r)
	rec, records := &c.tables.record, r.Records()
	for records.Next(rec) {
		switch {
		case rec.Sequence < mark:
			c.skipped++
		case !c.name(rec):
			if c.cfg.Mode == Replay {
				*c.refused = before
				return errLimit
			}
		default:
			it := item{Record: *rec, shard: out.shard}
			if rec.Peer != route.AllPeers {
				ref := c.tables.peers[rec.Peer]
				it.Peer, it.feed = ref.session, ref.feed
			}
			start := len(out.origins)
			out.origins = append(out.origins, rec.Origins...)
			it.Origins = out.origins[start:len(out.origins):len(out.origins)]
			out.items = append(out.items, it)
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
	t.peers = t.peers[:0]
	var view wire.PeerView
	peers := r.Peers()
	for range r.NumPeers() {
		peers.Next(&view)
		ref := peerRef{session: refused, feed: [2]route.Feed{view.Feed4, view.Feed6}}
		if ingester := t.ingesters[view.Ingester]; ingester != refused {
			key := sessionKey{ingester: ingester, peer: view.Peer()}
			if id, ok := c.sessions.intern(key, c.cfg.Limits.Sessions); ok {
				ref.session = id
			} else {
				c.refused.Sessions++
			}
		}
		t.peers = append(t.peers, ref)
	}
	t.asns, t.ends, t.paths = t.asns[:0], append(t.ends[:0], 0), t.paths[:0]
	paths := r.Paths()
	for range r.NumPaths() {
		t.asns, _ = paths.Append(t.asns)
		t.ends = append(t.ends, uint32(len(t.asns)))
		t.paths = append(t.paths, unset)
	}
}

// name replaces rec's indexes, its peer excepted, by the correlator's. It
// returns false when a limit stands against it.
func (c *Correlator) name(rec *wire.Record) bool {
	t := &c.tables
	if rec.Ingester = t.ingesters[rec.Ingester]; rec.Ingester == refused {
		return false
	}
	if rec.Peer != route.AllPeers && t.peers[rec.Peer].session == refused {
		return false
	}
	if rec.Kind != wire.RecordChange {
		rec.Prev, rec.Next = 0, 0 // only changes are judged by their paths
		return true
	}
	prev, okPrev := c.pathOf(rec.Prev)
	next, okNext := c.pathOf(rec.Next)
	rec.Prev, rec.Next = prev, next
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
	for i := range c.recent.n {
		m := c.recent.at(i)
		rename(&m.prev)
		rename(&m.next)
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
