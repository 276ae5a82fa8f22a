package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
)

// consider brings the route of it into a case that does not fire and reports
// whether it may count towards an alert. good says that it carries evidence
// itself; a route that stays on an AS that came with contrast keeps its
// evidence.
func (c *Correlator) consider(k *prefixCase, it *item, t route.Time, good bool) bool {
	i, had := k.find(it.Peer)
	r := caseRoute{session: it.Peer, at: t, prev: it.Prev, next: it.Next, flags: it.Flags}
	if good {
		r.contrast, r.growth = it.Contrast, it.Unique-it.Longest
	}
	if had {
		if it.Prev == 0 {
			return false // a further ADD-PATH path; the route itself has not changed
		}
		if kept := c.kept(&k.routes[i], it.Next); kept != 0 {
			r.contrast |= kept
			r.prev = k.routes[i].prev
			r.growth = max(r.growth, k.routes[i].growth)
			if !good {
				r.at = k.routes[i].at
			}
		}
		if r.contrast == 0 {
			c.drop(k, i)
			return false
		}
		k.routes[i] = r
		return true
	}
	return good && c.put(k, i, r)
}

// kept returns the hops of next that came with contrast in r.
func (c *Correlator) kept(r *caseRoute, next pathID) uint64 {
	hops := uint64(0)
	old := c.paths.get(r.next)
	for i, asn := range c.paths.get(next) {
		if i >= 64 {
			break
		}
		if j := slices.Index(old, asn); asn != 0 && j >= 0 && j < 64 && r.contrast>>j&1 != 0 {
			hops |= 1 << i
		}
	}
	return hops
}

// tally is how many peers came to one AS.
type tally struct {
	as    asID
	peers []route.ASN
}

// suspect returns the contrast hop of the route of it that most peers agree on;
// of two with as many peers the one that is in a valley, or took the route
// against the known direction, else the one nearer the vantage point.
func (c *Correlator) suspect(k *prefixCase, r *caseRoute, t route.Time) (asID, int) {
	c.tally = c.tally[:0]
	for i, as := range c.paths.get(r.next) {
		if i >= 64 || r.contrast>>i == 0 {
			break
		}
		if r.contrast>>i&1 != 0 && as != 0 {
			if len(c.tally) < cap(c.tally) {
				c.tally = c.tally[:len(c.tally)+1] // with the memory of its peers
			} else {
				c.tally = append(c.tally, tally{})
			}
			n := &c.tally[len(c.tally)-1]
			n.as, n.peers = as, n.peers[:0]
		}
	}
	family := familyIndex(k.prefix.Family)
	for i := range k.routes {
		r := &k.routes[i]
		s := &c.sessions.list[r.session]
		if t-r.at > c.cfg.Window || !c.votes(s, family) {
			continue
		}
		hops := c.paths.get(r.next)
		for j := range c.tally {
			n := &c.tally[j]
			if !slices.Contains(n.peers, s.peer.ASN) && contrasts(hops, r.contrast, n.as) {
				n.peers = append(n.peers, s.peer.ASN)
			}
		}
	}
	h := hops{path: c.paths.get(r.next)}
	flipped := uint64(0)
	if len(h.path) > 1 {
		flipped = c.flips(&h, min(len(h.path)-1, 64))
	}
	best, most := tally{}, 0
	for _, n := range c.tally {
		i, signs := slices.Index(h.path, n.as), 0
		if flipped>>i&1 != 0 {
			signs++
		}
		if c.valley(&h, i) {
			signs += 2
		}
		if len(n.peers) > len(best.peers) || len(n.peers) == len(best.peers) && signs > most {
			best, most = n, signs
		}
	}
	return best.as, len(best.peers)
}

func contrasts(hops []asID, contrast uint64, as asID) bool {
	i := slices.Index(hops, as)
	return i >= 0 && i < 64 && contrast>>i&1 != 0
}

// votes reports whether a session counts among the peers of a family.
func (c *Correlator) votes(s *session, family int) bool {
	return s.votes(family, c.mature, c.census.table[family])
}

// quorum returns how many peers must agree on a watched prefix: fewer where
// there are few.
func (c *Correlator) quorum(family int) int {
	if q := c.cfg.Quorum; q != 0 {
		return q
	}
	if len(c.sessions.voters[family]) < 10 {
		return 2
	}
	return 3
}

// tryOpen opens the alert of k, or opens it again, if enough peers agree.
func (c *Correlator) tryOpen(k *prefixCase, it *item, t route.Time) {
	i, ok := k.find(it.Peer)
	if !ok {
		return
	}
	as, n := c.suspect(k, &k.routes[i], t)
	c.explain.agrees(c, k, as, n, t)
	if n < c.quorum(familyIndex(k.prefix.Family)) || c.showsLeaker(&k.routes[i]) {
		return // too few peers, or an incident tells of it
	}
	if c.firing >= c.cfg.Limits.Firing {
		c.refused.Firing++
		return
	}
	k.peers, k.active, k.peak, k.gone, k.lost, k.growth = k.peers[:0], 0, 0, 0, 0, 0
	first := t
	family := familyIndex(k.prefix.Family)
	for i := len(k.routes) - 1; i >= 0; i-- {
		r := &k.routes[i]
		if t-r.at > c.cfg.Window || !contrasts(c.paths.get(r.next), r.contrast, as) {
			c.drop(k, i)
			continue
		}
		s := &c.sessions.list[r.session]
		k.raise(r, s.peer.ASN, c.votes(s, family))
		first = min(first, r.at)
		k.growth = max(k.growth, r.growth)
	}
	again := k.state == resolved && t <= k.closed+c.cfg.Reopen // Live, the timer may be late
	k.state, k.since, k.isQuiet = firing, t, false
	c.firing++
	c.stats.Opened++
	if !again {
		k.alert = alert.Alert{Opened: t, Updated: t, FirstEvidence: first}
	}
	c.setDue(k, t)
	c.timers.fix(k.place)
	c.tellOpen(k, c.known.as.asn(as), it, t)
	c.explain.told(c, k, n, t)
}

// showsLeaker reports whether one of the new ASes of a route leaks right now:
// then the incident tells of the prefix, whoever is nearer to the peers.
func (c *Correlator) showsLeaker(r *caseRoute) bool {
	for i, as := range c.paths.get(r.next) {
		if i < 64 && r.contrast>>i&1 != 0 && c.incidents.ofLeaker(as) != nil {
			return true
		}
	}
	return false
}

// follow brings the route of it into a case that fires.
func (c *Correlator) follow(k *prefixCase, it *item, t route.Time) {
	i, had := k.find(it.Peer)
	hops := c.paths.get(it.Next)
	through := slices.Contains(hops, c.known.as.find(k.alert.Suspect))
	s := &c.sessions.list[it.Peer]
	votes := c.votes(s, familyIndex(k.prefix.Family))
	switch {
	case had && it.Prev == 0: // a further ADD-PATH path
		return
	case had && through:
		r := &k.routes[i]
		r.next, r.flags = it.Next, it.Flags
		if !r.up {
			k.raise(r, s.peer.ASN, votes)
		}
	case had:
		if k.routes[i].up {
			k.lower(&k.routes[i], s.peer.ASN, &k.gone)
		}
	case through && c.joins(k, it, hops, t):
		r := caseRoute{session: it.Peer, at: t, prev: it.Prev, next: it.Next, contrast: it.Contrast, flags: it.Flags}
		if !c.put(k, i, r) {
			return
		}
		k.raise(&k.routes[i], s.peer.ASN, votes)
	default:
		return
	}
	if through {
		k.alert.Counts.Updates++
	}
	c.setDue(k, t)
	c.timers.fix(k.place)
}

// joins reports whether a route counts into a firing alert: the suspect is new
// on it for its own peer.
func (c *Correlator) joins(k *prefixCase, it *item, hops []asID, t route.Time) bool {
	return it.Flags&unjudged == 0 && contrasts(hops, it.Contrast, c.known.as.find(k.alert.Suspect)) &&
		!c.sessions.list[it.Peer].learning(t)
}

// lower takes route i of a firing case out of the count at t.
func (c *Correlator) lower(k *prefixCase, i int, t route.Time, why *int) {
	r := &k.routes[i]
	if !r.up {
		return
	}
	k.lower(r, c.sessions.list[r.session].peer.ASN, why)
	c.setDue(k, t)
	c.timers.fix(k.place)
}

// resolve closes the alert of k at the time that is due.
func (c *Correlator) resolve(k *prefixCase) {
	reason := alert.CloseNormal
	switch {
	case !k.isQuiet || k.quiet+c.cfg.Settle > k.due:
	case k.lost > k.gone:
		reason = alert.CloseExpired
	default:
		reason = alert.CloseWithdrawn
	}
	k.closed = k.due
	c.firing--
	c.stats.Resolved++
	c.tellClose(k, reason)
	c.clear(k)
	k.state, k.due = resolved, k.closed+c.cfg.Reopen
	c.timers.fix(k.place)
}
