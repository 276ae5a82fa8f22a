package processor

import (
	"slices"

	"detour/processor/rib"
	"detour/route"
	"detour/stream"
)

// PrefixView is what the shards of a Line hold of one prefix.
type PrefixView struct {
	*rib.View
	Routes []PeerRoute // by peer: collector, ASN, address
}

// PeerRoute is one peer's route.
type PeerRoute struct {
	rib.Route
	Session route.Session
}

// lane returns the lane that speaks for p.
func (l *Line) lane(p route.Prefix) *lineLane { return l.lanes[stream.Shard(p, len(l.lanes))] }

// Trace has every change of p's routes told from now on, in the order in which
// its shard applies them. It is called once, before anything is added.
func (l *Line) Trace(p route.Prefix, tell func(*RouteChange)) {
	l.lane(p).engine.trace = &tracer{prefix: p, tell: tell}
}

// Query returns what is known of p; false when nobody has announced it. It may
// be called between two calls of Add, Frame, Tick and End, and changes nothing.
func (l *Line) Query(p route.Prefix) (*PrefixView, bool) {
	e := l.lane(p).engine
	v, ok := e.rib.Query(p)
	if !ok {
		return nil, false
	}
	out := &PrefixView{View: v}
	sessions := make(map[rib.Peer]*route.Session, len(e.peers))
	for i := range e.peers {
		sessions[e.peers[i].rib] = &e.peers[i].session
	}
	for _, r := range v.Routes {
		out.Routes = append(out.Routes, PeerRoute{Route: r, Session: *sessions[r.Peer]})
	}
	slices.SortFunc(out.Routes, func(a, b PeerRoute) int { return comparePeers(&a.Session.Peer, &b.Session.Peer) })
	return out, true
}

// CoverOf returns the longest known prefix that is shorter than p and holds it.
func (l *Line) CoverOf(p route.Prefix) (route.Prefix, bool) { return l.lane(p).engine.rib.CoverOf(p) }

// Within returns the known prefixes that lie in p, p excepted, in their order:
// at most limit of them, and how many there are.
func (l *Line) Within(p route.Prefix, limit int) (list []route.Prefix, n int) {
	for _, lane := range l.lanes {
		some, all := lane.engine.rib.Within(p, limit)
		list, n = append(list, some...), n+all
	}
	slices.SortFunc(list, func(a, b route.Prefix) int {
		if a.Less(b) {
			return -1
		}
		return 1
	})
	return list[:min(len(list), limit)], n
}
