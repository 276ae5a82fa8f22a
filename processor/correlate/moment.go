package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// momentOf describes the changed route of it; what was fresh is filled in by
// whoever has examined it.
func momentOf(it *item, prefix prefixID, t route.Time) moment {
	m := moment{at: t, session: it.Peer, prefix: prefix, prev: it.Prev, next: it.Next, contrast: it.Contrast}
	copy(m.expected[:], it.Origins)
	if it.Flags&wire.RecordInflated != 0 {
		m.bits |= bitInflated
	}
	if it.Flags&wire.RecordMoreSpecific != 0 {
		m.bits |= bitMoreSpecific
	}
	if it.Flags&wire.RecordOriginNew != 0 {
		m.bits |= bitOriginNew
	}
	return m
}

// usePrefix returns the id of a prefix that evidence at t speaks of.
func (c *Correlator) usePrefix(p route.Prefix, t route.Time) prefixID {
	return c.prefixes.id(p, t, t-2*max(2*c.cfg.Window, c.cfg.OriginWindow))
}

// change follows a route that changed.
func (c *Correlator) change(it *item, t route.Time) {
	if t <= 0 || t > lastTime || it.Prefix.Family == 0 {
		return
	}
	s := &c.sessions.list[it.Peer]
	if it.Flags&wire.RecordPrepended != 0 {
		if s.trusted() {
			c.prepends(it, t)
		}
		return
	}
	if c.compare(s, it, t); !s.trusted() {
		return
	}
	if it.Young != 0 && it.Newcomers == 0 { // else examine does so, for a path of which it is asked
		it.Young = c.youngHere(it)
	}
	if it.Young == 0 && youngOnly(it) {
		c.unstated(it, t)
		if it.Flags&wire.RecordWatched == 0 {
			return
		}
	}
	w := c.watchRoute(it, t)
	c.judgeRoute(it, t)
	if w != nil && c.routeOf(c.prefixes.find(it.Prefix), it.Peer) == nil {
		c.watchCase(w, it, t)
	}
}

// judgeRoute judges a changed route; afterwards an incident may hold it.
func (c *Correlator) judgeRoute(it *item, t route.Time) {
	if it.Prev == 0 && c.extraPath(it) {
		return
	}
	session := &c.sessions.list[it.Peer]
	learning := it.Flags&(wire.RecordLearning|wire.RecordTable) != 0 || session.learning(t)
	counted := it.Flags&(wire.RecordRTBH|wire.RecordMaintenance) == 0 && !c.outside.Lists.Beacon(it.Prefix)
	c.explain.change(c, it, t, learning, counted)
	claims := it.Flags&wire.RecordOriginNew != 0 || it.Flags&wire.RecordWatched != 0
	told := counted || it.Flags&wire.RecordMaintenance == 0 && c.outside.Watch.Match(it.Prefix) != nil // a blackhole, too
	if claims && told && it.Flags&wire.RecordTable == 0 && c.originChange(it, t) {
		return
	}
	if !learning && counted && (it.Newcomers|it.Young != 0) {
		c.leaks.judged = c.leaks.windows.half
		if c.leakChange(it, t) {
			return
		}
	}
	c.departs(it, t)
}

// youngOnly reports whether nothing but young hops, if it has any, is told of a
// change. Whether a shard has any depends on the number of shards.
func youngOnly(it *item) bool {
	return it.Kind == wire.RecordChange && it.Newcomers == 0 && it.Flags&(aboutRoute&^wire.RecordWatched) == 0
}

// unstated follows a route of which nothing holds: to a shard that finds no hop
// young it is stated no more.
func (c *Correlator) unstated(it *item, t route.Time) {
	left := *it
	left.Kind, left.Next = wire.RecordLeft, 0
	c.left(&left, t)
}

// isWatched reports whether somebody watches the prefix of it: by the shard's
// word, which goes by the new path's origin, or for an origin that it should
// have.
func (c *Correlator) isWatched(it *item) bool {
	return it.Flags&wire.RecordWatched != 0 || it.Flags&wire.RecordOriginNew != 0 && c.outside.Watch != nil &&
		slices.ContainsFunc(it.Origins, func(o route.ASN) bool { return c.outside.Watch.ASN(o) != nil })
}

// leakChange judges the path of it, and reports whether its route came into a
// leak incident.
func (c *Correlator) leakChange(it *item, t route.Time) bool {
	prefix := c.usePrefix(it.Prefix, t)
	if prefix == 0 {
		return false
	}
	c.hops.list, c.hops.fresh, c.hops.edges = c.hops.list[:0], 0, 0
	if c.incidents.open > 0 && c.absorb(it, prefix, t) {
		return true
	}
	c.examine(it)
	c.explain.examined(c, it, t)
	if c.hops.fresh|c.hops.edges == 0 {
		return false
	}
	m := momentOf(it, prefix, t)
	m.fresh, m.edges = c.hops.fresh, c.hops.edges
	c.recent.add(&m)
	c.stats.FreshFacts++
	c.departs(it, t)
	c.leakFacts(it, &m, t)
	return true
}

// departs takes the route of it out of the incident that holds it, unless its
// new path still shows the suspect.
func (c *Correlator) departs(it *item, t route.Time) {
	prefix := c.prefixes.find(it.Prefix)
	if prefix == 0 {
		return
	}
	p := c.routeOf(prefix, it.Peer)
	switch {
	case p == nil, p.key.kind == alert.KindVisibilityLoss: // see found
	case it.Next != 0 && c.shows(p, it.Next):
		return
	case it.Next == 0 && p.key.kind == alert.KindRPKIInvalid: // it need not be stated; see loss
		return
	default:
		c.leave(p, prefix, it.Peer, t, &p.gone)
	}
	m := moment{at: t, session: it.Peer, prefix: prefix, prev: it.Prev}
	for _, r := range []*recent{&c.recent, &c.claims} {
		if !r.endsWith(&m, it.Next) {
			r.leaves(&m)
		}
	}
}

// shows reports whether a path is still one of p's.
func (c *Correlator) shows(p *incident, id pathID) bool {
	path := c.paths.get(id)
	switch p.key.kind {
	case alert.KindHijack, alert.KindSubprefixHijack, alert.KindRPKIInvalid:
		return len(path) > 0 && path[len(path)-1] == p.key.as
	case alert.KindVisibilityLoss:
		return false
	}
	for _, as := range path {
		if as == p.key.as {
			return true
		}
	}
	return false
}

// extraPath reports whether it is a further ADD-PATH path of a route that the
// session has already: that is no change of the route.
func (c *Correlator) extraPath(it *item) bool {
	prefix := c.prefixes.find(it.Prefix)
	return prefix != 0 && it.Flags&wire.RecordHeld == 0 && c.routeOf(prefix, it.Peer) != nil
}

// left follows a stated route that went away, or is stated no more.
func (c *Correlator) left(it *item, t route.Time) {
	c.takeBack(&c.sessions.list[it.Peer], it.Prefix, 0)
	c.departs(it, t)
	c.watchLeft(it, t)
}
