package correlate

import (
	"slices"

	"detour/route"
)

// joining is one route that comes into an incident.
type joining struct {
	prefix     prefixID
	session    uint32
	prev, next pathID
	expected   [maxExpected]route.ASN
	announced  route.ASN
	to, from   asID
	bits       momentBits
}

// routeOf returns the incident that holds a session's route, or nil.
func (c *Correlator) routeOf(prefix prefixID, session uint32) *incident {
	if slot, ok := c.routes.find(prefix, session); ok {
		return c.incidents.slots[slot]
	}
	return nil
}

// join brings a route into an open incident at t, out of any other.
func (c *Correlator) join(p *incident, j *joining, t route.Time) {
	p.alert.Counts.Updates++
	p.lastFact = t
	slot, held := c.routes.put(j.prefix, j.session, p.slot)
	if held && slot == p.slot {
		return
	}
	c.explain.joined(c, p, j, t)
	if held {
		was := c.incidents.slots[slot]
		c.leave(was, j.prefix, j.session, t, &was.gone)
		c.routes.put(j.prefix, j.session, p.slot)
	}
	if c.routes.len() > c.cfg.Limits.Routes {
		c.refused.Routes++
		c.routes.del(j.prefix, j.session)
		return
	}
	i := c.affect(p, j, t)
	if i < 0 {
		c.routes.del(j.prefix, j.session)
		return
	}
	a := &p.list[i]
	if a.routes++; a.routes == 1 {
		p.prefixesUp++
	}
	a.peak = max(a.peak, a.routes)
	p.routes++
	p.peak = max(p.peak, p.routes)
	if j.session == route.AllPeers { // of nobody in particular
		return
	}
	a.sessions++
	if !c.peerHolds(p, j) {
		a.peers++
	}
	c.joinSession(p, j.session)
	p.to, p.from = noteNeighbour(p.to, j.to), noteNeighbour(p.from, j.from)
	c.sampleRoute(p, a, j)
}

// placeIn returns the place of a prefix among those of p; -1 where it is none.
func (c *Correlator) placeIn(p *incident, prefix prefixID) int {
	e := &c.prefixes.entries[prefix]
	if e.in == p.slot+1 {
		return int(e.at)
	}
	i, ok := p.prefixes[prefix]
	if !ok {
		return -1
	}
	e.in, e.at = p.slot+1, uint32(i)
	return i
}

// affect returns the place of a prefix among those of p, entering it; -1 at the
// limit.
func (c *Correlator) affect(p *incident, j *joining, t route.Time) int {
	if i := c.placeIn(p, j.prefix); i >= 0 {
		return i
	}
	e := &c.prefixes.entries[j.prefix]
	if len(p.list) >= c.cfg.Limits.Affected {
		c.refused.Affected++
		return -1
	}
	i := len(p.list)
	p.list = append(p.list, affected{
		prefix: j.prefix, since: t, origins: j.expected, announced: j.announced,
		special: j.bits&bitMoreSpecific != 0,
		sample:  sample{j.prefix, j.session, j.prev, j.next},
	})
	p.prefixes[j.prefix] = i
	e.refs++
	e.in, e.at = p.slot+1, uint32(i)
	for _, o := range j.expected {
		if o != 0 {
			p.origins[o]++
		}
	}
	if j.bits&bitMoreSpecific != 0 {
		p.moreSpecific++
		e.parts++
	}
	return i
}

// peerHolds reports whether another session of the same peer ASN holds a bad
// route of the prefix.
func (c *Correlator) peerHolds(p *incident, j *joining) bool {
	s := &c.sessions.list[j.session]
	if !s.twin {
		return false
	}
	for _, other := range c.sessions.byASN[s.peer.ASN] {
		if other != j.session && c.routeOf(j.prefix, other) == p {
			return true
		}
	}
	return false
}

func (c *Correlator) joinSession(p *incident, session uint32) {
	for int(session) >= len(p.sessions) {
		p.sessions = append(p.sessions, sessionRoutes{})
	}
	s := &p.sessions[session]
	if !s.ever {
		s.ever = true
		p.peers[c.sessions.list[session].peer.ASN] = struct{}{}
	}
	if s.now++; s.now == 1 {
		p.upSessions++
		p.topUp = max(p.topUp, p.upSessions)
	}
}

// sampleRoute keeps the first few routes, those that have a path before and
// come from different peers.
func (c *Correlator) sampleRoute(p *incident, a *affected, j *joining) {
	s := sample{j.prefix, j.session, j.prev, j.next}
	if a.sample.prev == 0 && j.prev != 0 {
		a.sample = s
	}
	if len(p.samples) >= maxSamples || j.prev == 0 {
		return
	}
	if !slices.ContainsFunc(p.samples, func(o sample) bool { return o.session == s.session || o.prefix == s.prefix }) {
		p.samples = append(p.samples, s)
	}
}

// leave takes a route out of its incident; why is p.gone or p.lost.
func (c *Correlator) leave(p *incident, prefix prefixID, session uint32, t route.Time, why *int) {
	c.routes.del(prefix, session)
	*why++
	p.lastLeft = max(p.lastLeft, t)
	p.routes--
	if session != route.AllPeers {
		if s := &p.sessions[session]; s.now > 0 {
			if s.now--; s.now == 0 {
				p.upSessions--
			}
		}
	}
	i := p.prefixes[prefix]
	a := &p.list[i]
	if a.routes--; a.routes == 0 {
		p.prefixesUp--
		a.quiet, a.expired = t, why == &p.lost
		p.idle = append(p.idle, idlePrefix{at: t, i: i})
	}
	if p.open {
		c.schedule(p, t)
	}
}

// leaveSession takes the routes of a session, or of all sessions of an
// ingester, out of all incidents: its end or its start anew ended them.
func (c *Correlator) leaveSession(ingester, session uint32, t route.Time) {
	for _, p := range slices.Clone(c.incidents.timers.items) {
		for id := range p.sessions {
			s := uint32(id)
			if p.sessions[id].now == 0 || s != session &&
				(session != route.AllPeers || c.sessions.list[s].ingester != ingester) {
				continue
			}
			for i := range p.list {
				if c.routeOf(p.list[i].prefix, s) == p {
					c.leave(p, p.list[i].prefix, s, t, &p.lost)
				}
			}
		}
	}
}
