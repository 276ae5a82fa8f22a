package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
)

// The life of an incident (DETECTION §4).
const (
	growthPercent = 25                // more prefixes, origins or peers make a message
	growthPause   = 10 * route.Second // at most one in that time
	quietAfter    = 60 * route.Second // without new facts or routes that leave, and
	lastingHolds  = 4                 // times Config.Hold: hijacks and losses
	goneShare     = 20                // with this part of the peak left, as a divisor, it is over
)

// schedule finds out when something happens to p by itself.
func (c *Correlator) schedule(p *incident, t route.Time) {
	due := p.since + c.holdOf(p)
	if p.grown() {
		due = min(due, max(t, p.told.at+growthPause))
	}
	if p.over() {
		due = min(due, p.quietFrom()+quietAfter)
	}
	if p.idleHead < len(p.idle) {
		due = min(due, p.idle[p.idleHead].at+quietAfter)
	}
	if due != p.due {
		p.due = due
		c.incidents.timers.fix(p.place)
	}
}

// holdOf returns how long p may last before it counts as normal. A foreign
// origin or a lost prefix does not become right by lasting: it takes a day, as
// long as people need to see to it.
func (c *Correlator) holdOf(p *incident) route.Time {
	if p.key.kind == alert.KindLeak {
		return c.cfg.Hold
	}
	return lastingHolds * c.cfg.Hold
}

// over reports whether few routes or few sessions are left.
func (p *incident) over() bool {
	return p.routes*goneShare <= p.peak || p.topUp > 0 && p.upSessions*goneShare <= p.topUp
}

// quietFrom returns when p was last heard of: what goes away step by step is
// over when the last step is done.
func (p *incident) quietFrom() route.Time { return max(p.lastFact, p.lastLeft) }

// grown reports whether p has grown enough for a message.
func (p *incident) grown() bool {
	more := func(n, told int) bool { return n > told && 100*(n-told) >= growthPercent*told }
	return more(len(p.list), p.told.prefixes) || more(len(p.origins), p.told.origins) ||
		more(len(p.peers), p.told.peers)
}

// grow tells of p's growth if it is time to.
func (c *Correlator) grow(p *incident, t route.Time) {
	if p.grown() && t >= p.told.at+growthPause {
		c.tellIncident(p, t)
	}
	c.schedule(p, t)
}

// fireIncident does what was due of p.
func (c *Correlator) fireIncident(p *incident) {
	t := p.due
	if !p.open {
		c.endIncident(p)
		return
	}
	c.restPrefixes(p, t)
	switch {
	case t >= p.since+c.holdOf(p):
		c.closeIncident(p, t, alert.CloseNormal)
	case p.over() && t >= p.quietFrom()+quietAfter:
		c.closeIncident(p, t, p.ending())
	case p.grown() && t >= p.told.at+growthPause:
		c.tellIncident(p, t)
		fallthrough
	default:
		c.schedule(p, t)
	}
}

// ending says why p is over.
func (p *incident) ending() alert.CloseReason {
	switch loss := p.key.kind == alert.KindVisibilityLoss; {
	case p.routes > 0 && !loss:
		return alert.CloseStuck
	case p.lost > p.gone:
		return alert.CloseExpired
	case loss:
		return alert.CloseRestored
	}
	return alert.CloseWithdrawn
}

// end returns the count of routes that ended, or of those of which nobody knows.
func (p *incident) end(known bool) *int {
	if known {
		return &p.gone
	}
	return &p.lost
}

// restPrefixes resolves the alerts of prefixes that had no bad route for a
// while.
func (c *Correlator) restPrefixes(p *incident, t route.Time) {
	rested := c.rested[:0]
	for ; p.idleHead < len(p.idle) && p.idle[p.idleHead].at+quietAfter <= t; p.idleHead++ {
		e := p.idle[p.idleHead]
		if a := &p.list[e.i]; a.routes == 0 && a.quiet == e.at && a.fired {
			rested = append(rested, e.i)
		}
	}
	if p.idleHead == len(p.idle) {
		p.idle, p.idleHead = p.idle[:0], 0
	}
	c.resolvePrefixes(p, rested, "", t)
	c.rested = rested[:0]
}

// restReason says why a prefix has no bad route any more.
func (p *incident) restReason(a *affected) alert.CloseReason {
	switch {
	case a.expired:
		return alert.CloseExpired
	case p.key.kind == alert.KindVisibilityLoss:
		return alert.CloseRestored
	}
	return alert.CloseWithdrawn
}

// resolvePrefixes ends the alerts of these places of p.list, in the order of
// prefixes: why, or each for its own reason.
func (c *Correlator) resolvePrefixes(p *incident, places []int, why alert.CloseReason, t route.Time) {
	slices.SortFunc(places, func(a, b int) int { return c.comparePrefixes(p.list[a].prefix, p.list[b].prefix) })
	for _, i := range places {
		reason := why
		if reason == "" {
			reason = p.restReason(&p.list[i])
		}
		c.tellPrefix(p, &p.list[i], reason, t)
	}
}

func (c *Correlator) comparePrefixes(a, b prefixID) int {
	x, y := c.prefixes.prefix(a), c.prefixes.prefix(b)
	switch {
	case x.Less(y):
		return -1
	case y.Less(x):
		return 1
	}
	return 0
}

// closeIncident ends p at t. Within Config.Reopen it may open again.
func (c *Correlator) closeIncident(p *incident, t route.Time, why alert.CloseReason) {
	p.open = false
	p.closed = t
	c.incidents.open--
	c.stats.Resolved++
	c.explain.closes(p, t, why)
	p.alert.Status, p.alert.CloseReason, p.alert.Closed = alert.StatusResolved, why, max(t, p.alert.Opened)
	c.tellIncident(p, t)
	places := c.rested[:0]
	for i := range p.list {
		if p.list[i].fired {
			places = append(places, i)
		}
	}
	c.resolvePrefixes(p, places, why, t)
	c.rested = places[:0]
	c.dropRoutes(p)
	if p.key.kind == alert.KindLeak {
		c.incidents.setLeaker(p.key.as, nil)
	}
	if why == alert.CloseNormal {
		c.known.settle(&p.units)
	} else {
		c.known.release(&p.units)
	}
	p.idle, p.idleHead = p.idle[:0], 0
	p.due = t + c.cfg.Reopen
	c.incidents.timers.fix(p.place)
}

// dropRoutes takes all routes out of p, which is closed.
func (c *Correlator) dropRoutes(p *incident) {
	for i := range p.list {
		a := &p.list[i]
		if a.routes == 0 {
			continue
		}
		for session := range p.sessions {
			if c.routeOf(a.prefix, uint32(session)) == p {
				c.routes.del(a.prefix, uint32(session))
			}
		}
		if c.routeOf(a.prefix, route.AllPeers) == p {
			c.routes.del(a.prefix, route.AllPeers)
		}
	}
	p.routes, p.upSessions, p.prefixesUp = 0, 0, 0
	for i := range p.sessions {
		p.sessions[i].now = 0
	}
	for i := range p.list {
		p.list[i].routes = 0
	}
}
