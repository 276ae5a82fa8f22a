package correlate

import (
	"detour/alert"
	"detour/route"
)

// openHijack opens the incident of an AS that announces prefixes of others.
func (c *Correlator) openHijack(k *claimant, it *item, cl *claim, rule string, t route.Time) {
	kind := alert.KindHijack
	if ms := k.ms[0] + k.ms[1]; 2*ms > k.n[0]+k.n[1] {
		kind = alert.KindSubprefixHijack
	}
	if p := c.incidents.find(incidentKey{alert.KindHijack, k.as}); p != nil {
		kind = alert.KindHijack // it opens again under its name
	} else if p := c.incidents.find(incidentKey{alert.KindSubprefixHijack, k.as}); p != nil {
		kind = alert.KindSubprefixHijack
	}
	p := c.openIncident(incidentKey{kind, k.as}, t, k.firstSeen)
	if p == nil {
		return
	}
	p.rule, p.received = rule, it.Received
	p.tags = c.claimTags(k, cl)
	c.explain.hijacks(c, p, k, it, cl, rule)
	for i := range c.claims.n {
		if m := c.claims.at(i); m.next != 0 { // else the route left
			if path := c.paths.get(m.next); len(path) > 0 && path[len(path)-1] == k.as {
				c.joinRoute(p, m)
			}
		} else if c.routeOf(m.prefix, m.session) == p {
			c.leave(p, m.prefix, m.session, m.at, &p.gone)
		}
	}
	m := momentOf(it, cl.prefix, t)
	c.expect(&m, cl.expected)
	c.joinRoute(p, &m)
	p.lastFact = t
	c.announce(p, t)
}

func (c *Correlator) expect(m *moment, expected []route.ASN) {
	m.expected = [maxExpected]route.ASN{}
	copy(m.expected[:], expected)
}

// joinRoute brings the route of m into an incident of its origin.
func (c *Correlator) joinRoute(p *incident, m *moment) {
	path := c.paths.get(m.next)
	j := joining{
		prefix: m.prefix, session: m.session, prev: m.prev, next: m.next, expected: m.expected,
		announced: c.known.as.asn(path[len(path)-1]), bits: m.bits,
	}
	if j.to = c.known.as.find(c.sessions.list[m.session].peer.ASN); len(path) >= 2 {
		j.to = path[len(path)-2]
	}
	c.join(p, &j, max(m.at, p.alert.FirstEvidence))
}

// joinClaim brings a claim into the open incident of its origin.
func (c *Correlator) joinClaim(p *incident, it *item, cl *claim, t route.Time) {
	known := len(p.list)
	m := momentOf(it, cl.prefix, t)
	c.expect(&m, cl.expected)
	c.joinRoute(p, &m)
	c.firePrefix(p, m.prefix, known, t)
	c.grow(p, t)
}

// recentClaim remembers a claim, in case its origin turns out to hijack.
func (c *Correlator) recentClaim(it *item, cl *claim, t route.Time) {
	m := momentOf(it, cl.prefix, t)
	c.expect(&m, cl.expected)
	c.claims.add(&m)
}

// consequential reports whether the origin appears only because the expected
// ones were lost: it is not the cause (DETECTION §5).
func (c *Correlator) consequential(it *item, cl *claim) bool {
	for _, o := range cl.expected {
		p := c.incidents.find(c.lossKey(o))
		if p != nil && p.open {
			p.noteConsequence(c.known.as.asn(cl.by))
			return true
		}
	}
	return c.losing(it.Prefix)
}

// claimTags is the evidence of an incident of k.
func (c *Correlator) claimTags(k *claimant, cl *claim) []alert.Evidence {
	tags := []alert.Evidence{{Tag: "origin-change", Weight: 3, Detail: count(k.prefixes.n(), "prefix", "prefixes") +
		" of " + count(k.victims.n(), "network", "networks")}}
	add := func(ok bool, tag string, weight int8, detail string) {
		if ok {
			tags = append(tags, alert.Evidence{Tag: tag, Weight: weight, Detail: detail})
		}
	}
	add(cl.newlyInvalid(), "rpki-invalid", 3, "the RPKI names another origin")
	add(cl.watched, "watched", 1, "")
	add(k.unshared.n() > 0, "unrelated-upstream", 1,
		count(k.unshared.n(), "prefix", "prefixes")+" without a neighbour in common with the usual origin")
	add(cl.related, "related", -3, "the origins are neighbours or of one organisation")
	add(cl.shared, "shared-upstream", -1, "the upstream is known beside the usual origin")
	add(2*(k.ms[0]+k.ms[1]) > k.n[0]+k.n[1], "more-specific", 1, "the prefixes are new parts of known ones")
	return tags
}
