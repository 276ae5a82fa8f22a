package correlate

import (
	"fmt"
	"slices"

	"detour/route"
	"detour/wire"
)

// shardLog is what one shard reports of a story, one frame per update. Which
// nodes it tells, and which hops are young to it, depends on what it has seen.
type shardLog struct {
	nodes  map[string]route.Time
	firsts map[string]bool
	stated map[string]bool
	log    []frame
	at     []route.Time
}

// tell returns the logs of shards that the story's prefixes are dealt to by
// owner.
func (s story) tell(shards int, owner func(route.Prefix) int) []*shardLog {
	logs := make([]*shardLog, shards)
	for i := range logs {
		logs[i] = &shardLog{nodes: map[string]route.Time{}, firsts: map[string]bool{}, stated: map[string]bool{}}
	}
	for _, u := range s.updates {
		for i, l := range logs {
			mine := func(p route.Prefix) bool { return owner(p) == i }
			f := l.report(u, i == 0, mine)
			for j := range f {
				f[j].Engine, f[j].Number, f[j].ingester = u.at, u.number, u.ingester
				if f[j].session == nil {
					f[j].session = u.session
				}
				f[j].Flags |= u.flags
			}
			l.log, l.at = append(l.log, f), append(l.at, u.at)
		}
	}
	return logs
}

func (l *shardLog) report(u storyUpdate, first bool, mine func(route.Prefix) bool) (f frame) {
	if u.event != 0 {
		if first {
			f = append(f, entry{Record: wire.Record{Kind: wire.RecordEvent, Event: u.event}})
		}
		return f
	}
	for _, e := range u.elements {
		if !mine(e.prefix) {
			continue
		}
		if e.next == nil {
			f = append(f, l.withdrawn(u, e)...)
			continue
		}
		f = append(f, l.first(u, e.prefix, e.next)...)
		f = append(f, l.changed(u, e)...)
	}
	return append(f, l.counted(u, mine)...)
}

func watchedFlag(p route.Prefix) wire.RecordFlags {
	if storyWatched(p) {
		return wire.RecordWatched
	}
	return 0
}

func (l *shardLog) withdrawn(u storyUpdate, e element) (f frame) {
	key := fmt.Sprint(u.session.ID, e.prefix)
	if l.stated[key] {
		f = append(f, leftOf(e))
	}
	if e.held || storyWatched(e.prefix) {
		loss := leftOf(e)
		loss.Kind, loss.Origins = wire.RecordLoss, storyExpected(e.prefix)
		f = append(f, loss)
	}
	l.stated[key] = false
	return f
}

func leftOf(e element) entry {
	return entry{prev: e.prev, Record: wire.Record{Kind: wire.RecordLeft, Prefix: e.prefix, Flags: watchedFlag(e.prefix)}}
}

// changed tells of a route's new path if there is a fact, or it is watched.
func (l *shardLog) changed(u storyUpdate, e element) (f frame) {
	key := fmt.Sprint(u.session.ID, e.prefix)
	r := changeOf(e.prefix, u.session, e.prev, e.next, watchedFlag(e.prefix))
	r.Flags, r.Origins = watchedFlag(e.prefix), storyExpected(e.prefix)
	origin := e.next[len(e.next)-1]
	switch {
	case !slices.Contains(r.Origins, origin):
		r.Flags |= wire.RecordOriginNew
	case e.plain:
		r.Newcomers, r.Contrast = 0, 0
	}
	if e.inflated && !e.plain {
		r.Flags |= wire.RecordInflated
	}
	for i, x := range e.next[:len(e.next)-1] {
		if x == 0 {
			r.Newcomers &^= 1 << i
			r.Contrast &^= 1 << i
		}
		if t := l.nodes[fmt.Sprint(e.next[i:])]; x != 0 && u.at-t < 15*route.Minute && !hasEdge(e.prev, x, e.next[i+1]) {
			r.Young |= 1 << i
		}
	}
	stated := r.Newcomers|r.Young != 0 || r.Flags&(wire.RecordInflated|wire.RecordOriginNew) != 0
	if l.stated[key] && !stated {
		f = append(f, leftOf(e))
	}
	l.stated[key] = stated
	if stated || storyWatched(e.prefix) {
		f = append(f, r)
	}
	return f
}

// first returns the node and edge records of a path, as docs/state.md §6 has
// them.
func (l *shardLog) first(u storyUpdate, p route.Prefix, path []route.ASN) (f frame) {
	if key := fmt.Sprint(u.session.ID, path[0]); path[0] != 0 && !l.firsts[key] {
		l.firsts[key] = true
		f = append(f, entry{Record: wire.Record{Kind: wire.RecordEdge, AS: path[0], Prefix: p}})
	}
	for i := range path {
		key := fmt.Sprint(path[i:])
		if _, told := l.nodes[key]; told {
			continue
		}
		l.nodes[key] = u.at
		if u.flags&wire.RecordTable != 0 {
			l.nodes[key] = -route.Hour
		}
		if path[i] == 0 {
			continue
		}
		r := nodeOf(path[i:])
		r.Prefix = p
		f = append(f, entry{Record: r})
	}
	return f
}

// counted adds up what is counted of the shard's prefixes: one record of each
// session and of all. Of visibility there is one for each prefix.
func (l *shardLog) counted(u storyUpdate, mine func(route.Prefix) bool) (f frame) {
	for _, n := range u.counts {
		if !mine(n.prefix) {
			continue
		}
		r := wire.Record{Kind: n.kind, Prefix: n.prefix, Routes: n.routes, Raised: n.raised}
		switch n.kind {
		case wire.RecordVisibility:
			r.Origins = asns(n.origin)
		case wire.RecordOrigin:
			r = wire.Record{Kind: n.kind, Origin: n.origin, Delta: int64(n.routes)}
		case wire.RecordCensus:
			r.Prefix = route.Prefix{Family: n.prefix.Family}
			same := func(e entry) bool {
				return e.Kind == n.kind && e.session == n.session && e.Prefix == r.Prefix
			}
			if i := slices.IndexFunc(f, same); i >= 0 {
				f[i].Routes, f[i].Raised = f[i].Routes+n.routes, f[i].Raised+n.raised
				continue
			}
		}
		f = append(f, entry{session: n.session, Record: r})
	}
	return f
}
