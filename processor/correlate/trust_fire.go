package correlate

import "detour/route"

// trustDue returns when others had time to show what a session shows, or when
// trust is looked at anew.
func (c *Correlator) trustDue() route.Time {
	k := &c.trust
	due := lastTime
	if k.head < len(k.queue) {
		due = k.queue[k.head].at + aloneWait
	}
	if k.sweep != 0 {
		due = min(due, k.sweep)
	}
	return due
}

// fireTrust does what is due.
func (c *Correlator) fireTrust() {
	k := &c.trust
	if due := c.trustDue(); due == k.sweep {
		c.sweepTrust(due)
		return
	}
	at := k.queue[k.head]
	c.sessions.list[at.session].doubts.queued--
	if k.head++; k.head == len(k.queue) {
		k.queue, k.head = k.queue[:0], 0
	} else if k.head > 1024 && 2*k.head > len(k.queue) {
		k.queue, k.head = k.queue[:copy(k.queue, k.queue[k.head:])], 0
	}
	list := k.shown[at.prefix]
	for i := range list {
		e := &list[i]
		if e.origin != at.origin || e.at != at.at || e.agrees || e.alone {
			continue
		}
		e.alone = true
		d := &c.sessions.list[e.session].doubts
		if d.alone++; e.late {
			d.late++
		}
		c.distrust(&c.sessions.list[e.session], at.at+aloneWait)
	}
}

// distrust takes a session that contradicts all others in masses out of all that
// counts peers.
func (c *Correlator) distrust(s *session, t route.Time) {
	d := &s.doubts
	d.roll(t)
	held := s.routes[0] + s.routes[1]
	switch {
	case !s.trusted(), d.alone < aloneLeast, d.alone <= d.agreed[0]+d.agreed[1]:
		return
	case d.late < aloneLeast && 100*d.alone < alonePercent*held:
		return
	case c.judgesOf(s) < aloneJudges:
		return
	}
	s.distrusted, d.at = true, t
	c.recount(s)
	c.endRoutes(s.ingester, s.id, t)
	c.stats.Distrusted++
}

// judgesOf returns how many other peer ASNs have a full feed, of the family of
// which there are more.
func (c *Correlator) judgesOf(s *session) (most int) {
	for _, voters := range c.sessions.voters {
		n := len(voters)
		if _, own := voters[s.peer.ASN]; own {
			n--
		}
		most = max(most, n)
	}
	return most
}

// sweepTrust forgets what was shown long ago, and trusts those sessions again that
// have taken back most of what spoke against them. What a distrusted session still
// holds is not forgotten.
func (c *Correlator) sweepTrust(t route.Time) {
	for p, list := range c.trust.shown {
		c.keepShown(p, list, func(e *shown) bool {
			return e.at+aloneKept > t || !e.agrees && c.sessions.list[e.session].distrusted
		})
	}
	for i := range c.sessions.list {
		s := &c.sessions.list[i]
		if s.distrusted && 2*s.doubts.alone < aloneLeast && t >= s.from+trustEvery {
			s.distrusted, s.doubts.at = false, t
			c.recount(s)
		}
	}
	c.trust.sweep = 0
	if c.trust.n > 0 || c.distrusts() {
		c.trust.sweep = t + trustEvery
	}
}

func (c *Correlator) distrusts() bool {
	for i := range c.sessions.list {
		if c.sessions.list[i].distrusted {
			return true
		}
	}
	return false
}

// ignorePeers finds out at t whom the user wants to be ignored.
func (c *Correlator) ignorePeers(t route.Time) {
	c.reignore = false
	for i := range c.sessions.list {
		s := &c.sessions.list[i]
		is := c.outside.Ignore.Match(&s.peer)
		if is == s.ignored {
			continue
		}
		if s.ignored = is; is {
			c.forgetShown(s)
			c.endRoutes(s.ingester, s.id, t)
		}
		c.recount(s)
	}
}
