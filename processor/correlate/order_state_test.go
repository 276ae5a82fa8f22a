package correlate

import (
	"fmt"
	"slices"
	"strings"

	"detour/route"
)

// describe adds to o what c holds of incidents, sessions and counts, without
// the numbers that depend on arrival.
func describe(c *Correlator, o *outcome, at route.Time) {
	for _, p := range c.incidents.timers.items {
		o.Incidents = append(o.Incidents, describeIncident(c, p))
	}
	c.routes.each(func(prefix prefixID, id, slot uint32) {
		session, p := "all", c.incidents.slots[slot]
		if int(id) < len(c.sessions.list) {
			session = fmt.Sprint(c.sessions.list[id].peer)
		}
		o.Routes = append(o.Routes, fmt.Sprint(c.prefixes.prefix(prefix), " of ", session, " in ", p.key.kind, p.asn))
	})
	for i := range c.sessions.list {
		s := &c.sessions.list[i]
		if s.met {
			o.Sessions = append(o.Sessions, fmt.Sprint(s.peer, s.begun, s.down, s.primed, s.from, s.until, s.busyAt, s.routes,
				s.raised, s.counted))
		}
	}
	c.rollLeaks(at)
	slices.Sort(o.Incidents)
	slices.Sort(o.Routes)
	slices.Sort(o.Sessions)
	n := c.Stats()
	o.Census = fmt.Sprint(c.census.known, c.census.held, c.census.prefixes, c.mature, c.learnUntil)
	o.Counters = fmt.Sprint(n.Opened, n.Resolved, n.FreshFacts, n.NearMisses, n.Migrations, n.HeldBack, n.Open, n.Cases,
		n.Incidents, n.Routes, n.Noise, n.Transits, n.Pairs)
}

func describeIncident(c *Correlator, p *incident) string {
	var b strings.Builder
	fmt.Fprintln(&b, p.key.kind, p.asn, p.alert.ID, p.open, p.since, p.closed, p.due, p.rule)
	fmt.Fprintln(&b, p.routes, p.peak, p.upSessions, p.topUp, p.prefixesUp, p.lastFact, p.lastLeft, p.told, p.gone, p.lost,
		p.moreSpecific, p.heldBack, p.lostPeers, p.hadPeers, p.consequences)
	fmt.Fprintln(&b, p.origins, p.peers, neighbours(c, p.to), neighbours(c, p.from))
	for _, a := range p.list {
		fmt.Fprintln(&b, c.prefixes.prefix(a.prefix), a.routes, a.peak, a.peers, a.sessions, a.since, a.quiet, a.origins,
			a.announced, a.fired, a.revisions, a.opened, a.special, a.expired)
	}
	in := p.in
	in.to, in.from = 0, 0
	fmt.Fprintf(&b, "%+v", in)
	return b.String()
}

func neighbours(c *Correlator, list []neighbour) map[string]int {
	m := map[string]int{}
	for _, n := range list {
		m[fmt.Sprint(c.known.as.asn(n.as))] += n.cur
	}
	return m
}
