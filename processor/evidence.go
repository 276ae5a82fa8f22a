package processor

import (
	"encoding/binary"

	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// Well-known communities that keep a route out of incidents (DETECTION §4).
const (
	communityGracefulShutdown = 0xFFFF0000 // RFC 8326
	communityLLGRStale        = 0xFFFF0006 // RFC 9494
	communityBlackhole        = 0xFFFF029A // RFC 7999
)

// maxRange bounds one range of evidence: what a stream takes in a message,
// less the tables.
const maxRange = 900 << 10

// updateFlags are the record flags that an update gives to all its records.
func updateFlags(u *route.Update) (f wire.RecordFlags) {
	if u.Flags&route.FlagTableDump != 0 {
		f |= wire.RecordTable | wire.RecordLearning
	}
	if u.Flags&route.FlagInitialTransfer != 0 {
		f |= wire.RecordLearning
	}
	if u.Flags&route.FlagHasOTC != 0 {
		f |= wire.RecordHasOTC
	}
	for c := u.Communities; len(c) >= 4; c = c[4:] {
		switch binary.BigEndian.Uint32(c) {
		case communityBlackhole:
			f |= wire.RecordRTBH
		case communityGracefulShutdown, communityLLGRStale:
			f |= wire.RecordMaintenance
		}
	}
	return f
}

// tooSpecific reports lengths that only blackholing uses.
func tooSpecific(n route.NLRI) bool {
	return n.Family == route.IPv4 && n.Bits > 24 || n.Family == route.IPv6 && n.Bits > 48
}

// tell turns the change at hand into evidence and flags.
func (e *engine) tell(u *route.Update, n route.NLRI) {
	ch := &e.change
	switch ch.Outcome {
	case rib.Refused:
		return
	case rib.Unchanged:
		if !e.at.speaks {
			return
		}
		if e.again(u, n); ch.Next != 0 && e.watch(n) != 0 {
			e.prepended(u, n)
		}
		return
	}
	facts := detect.Judge(e.rib, ch)
	e.rib.State(ch, facts.Any())
	if !e.at.speaks {
		return
	}
	e.count(u, n)
	e.report(u, n)
	watched := e.watch(n)
	e.trace.changed(e, u, n, &facts, watched)
	e.left(u, n, &facts, watched)
	if facts.Any() || watched != 0 && ch.Moved {
		e.changed(u, n, &facts, watched)
	}
	if watched != 0 && ch.Next != 0 {
		e.prepended(u, n)
	}
	if ch.Turned {
		e.asns = e.rib.Origins(e.asns[:0], ch)
		e.tellVisibility(u, n.Prefix(), ch.Up, ch.Lost)
	}
}

// watch returns the flag of a watched prefix if the prefix at hand is one.
func (e *engine) watch(n route.NLRI) wire.RecordFlags {
	if e.watched == nil {
		return 0
	}
	path := e.change.Next
	if path == 0 {
		path = e.change.Prev
	}
	if !e.watched(n.Prefix(), e.rib.Origin(path)) {
		return 0
	}
	return wire.RecordWatched
}

// changed tells of a route's new path with what holds of it.
func (e *engine) changed(u *route.Update, n route.NLRI, facts *detect.Facts, watched wire.RecordFlags) {
	ch := &e.change
	r := e.begin(u, wire.RecordChange)
	r.Prefix = n.Prefix()
	r.Flags |= facts.Flags | watched
	if tooSpecific(n) {
		r.Flags |= wire.RecordRTBH
	}
	if ch.Next == e.at.path.Node {
		r.Flags |= pathFlags(e.at.path.Flags)
	}
	r.Prev, r.Next = e.pathIndex(ch.Prev), e.pathIndex(ch.Next)
	r.Newcomers, r.Contrast, r.Young = facts.Reported, facts.Contrast, facts.Young
	r.Unique, r.Longest = ch.Unique, ch.Longest
	e.asns = e.rib.Origins(e.asns[:0], ch)
	r.Origins = e.asns
	if u.Flags&route.FlagHasOTC != 0 {
		r.OTC = u.OTC
	}
	e.add(r)
	e.flag(u, r, facts)
}

func pathFlags(f rib.PathFlags) (out wire.RecordFlags) {
	if f&rib.PathLoop != 0 {
		out |= wire.RecordLoop
	}
	if f&rib.PathVirtual != 0 {
		out |= wire.RecordVirtualFirst
	}
	return out
}

// left tells of a stated route that went away, and of a held or watched one that
// was lost.
func (e *engine) left(u *route.Update, n route.NLRI, facts *detect.Facts, watched wire.RecordFlags) {
	ch := &e.change
	if ch.WasStated && !facts.Any() {
		r := e.begin(u, wire.RecordLeft)
		r.Prefix, r.Prev, r.Newcomers = n.Prefix(), e.pathIndex(ch.Prev), ch.PrevNew
		r.Flags |= watched
		e.add(r)
	}
	if ch.Outcome == rib.Withdrawn && (ch.Held || watched != 0) {
		r := e.begin(u, wire.RecordLoss)
		r.Prefix, r.Prev = n.Prefix(), e.pathIndex(ch.Prev)
		r.Flags |= watched
		if ch.Held {
			r.Flags |= wire.RecordHeld
		}
		e.asns = e.rib.Origins(e.asns[:0], ch)
		r.Origins = e.asns
		e.add(r)
	}
}

// report tells of path-tree nodes and of a first hop that were not told before.
func (e *engine) report(u *route.Update, n route.NLRI) {
	if e.change.Next == 0 {
		return
	}
	e.rib.Report(e.change.Next, func(rep rib.NodeReport) {
		r := e.begin(u, wire.RecordNode)
		r.Prefix, r.AS, r.NextAS, r.Third, r.Origin = n.Prefix(), rep.AS, rep.Next, rep.Third, rep.Origin
		e.add(r)
	})
	if e.change.Next != e.at.path.Node {
		return
	}
	if as, first := e.rib.Edge(e.at.pe.rib, &e.at.path); first {
		r := e.begin(u, wire.RecordEdge)
		r.Prefix, r.AS = n.Prefix(), as
		e.add(r)
	}
}

// event forwards a peer event or a gap.
func (e *engine) event(u *route.Update) {
	if e.at.pe = e.peer(e.at.in, u.Peer); e.at.pe == nil && u.Peer != route.AllPeers {
		e.unknownPeer(e.at.in)
		return
	}
	if e.at.pe != nil && e.at.pe.outbound() {
		return
	}
	e.at.flags = 0
	r := e.begin(u, wire.RecordEvent)
	r.Event = u.Kind
	if u.Peer == route.AllPeers {
		r.Peer = route.AllPeers
	}
	e.add(r)
}

// begin starts a record about the update at hand.
func (e *engine) begin(u *route.Update, kind wire.RecordKind) *wire.Record {
	in := e.rng.Ingester(e.at.in.name)
	e.record = wire.Record{
		Kind: kind, Flags: e.at.flags, Ingester: in,
		Sequence: e.at.sequence, Index: e.at.index,
		Number: u.Number, Engine: max(u.Engine, e.floor), Received: e.at.received,
	}
	if p := e.at.pe; p != nil && !e.full() {
		if p.inRange != e.rangeNo || p.ingester != in {
			p.index, p.inRange, p.ingester = e.rng.Peer(in, &p.session), e.rangeNo, in
		}
		e.record.Peer = p.index
	}
	return &e.record
}

func (e *engine) add(r *wire.Record) {
	e.at.index++
	if e.full() {
		e.counters.RecordsRefused++
		return
	}
	e.rng.Add(r)
	e.counters.Records++
}

// full reports that the range takes no more. Then nothing may enter its tables
// either: a range beyond the size of a message could never be sent.
func (e *engine) full() bool { return e.rng.Len() > maxRange }

// pathIndex returns the place of a path in the range's table, plus 1.
func (e *engine) pathIndex(n rib.Node) uint32 {
	if n == 0 || e.full() {
		return 0
	}
	if i, ok := e.paths[n]; ok {
		return i
	}
	e.hops = e.rib.Tail(e.hops[:0], n)
	i := e.rng.Path(e.hops)
	e.paths[n] = i
	return i
}

// startRange begins an empty range.
func (e *engine) startRange() {
	e.rng.Reset()
	clear(e.paths)
	e.rangeNo++
}

// finishRange returns the range of sequences [from, to) as bytes, valid until
// the next startRange.
func (e *engine) finishRange(created route.Time, from, to uint64) []byte {
	mark, ended := e.watermark()
	mark = max(mark, e.floor)
	return e.rng.Bytes(&wire.RangeHeader{
		Shard: uint32(e.shard), Shards: uint32(e.shards), StreamCreated: created,
		From: from, To: to, Engine: mark, End: ended,
		Elements: e.counters.Elements,
		Degraded: e.rib.Counters.Degraded() || e.counters.RecordsRefused+e.counters.IngestersRefused > 0,
	})
}
