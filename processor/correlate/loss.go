package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// losses holds what is gathered towards visibility losses.
type losses struct {
	low     map[route.Prefix]lowPrefix
	origins map[route.ASN]*lowOrigin
	dwells  []dwell // by due, from head on: the time to wait is always the same
	head    int
}

// lowPrefix is a prefix that half of the sessions have lost.
type lowPrefix struct {
	origin    route.ASN
	held, had int
}

// lowOrigin counts the low prefixes of an origin.
type lowOrigin struct {
	prefixes int
	since    route.Time // since most of them are low; 0 when they are not
	open     bool
}

// dwell is a loss that counts if it lasts.
type dwell struct {
	due    route.Time
	since  route.Time
	w      *watched  // or
	origin route.ASN // of most prefixes
}

// weigh finds out whether half of the peers that held a watched prefix for long
// have lost it.
func (c *Correlator) weigh(w *watched, t route.Time) {
	held, lost := c.standing(w, t)
	c.explain.weighs(w, held, lost, t)
	low := held+lost >= lossPeers && 100*lost >= lossPercent*(held+lost) && !c.brought(w.prefix)
	if low == w.low {
		return
	}
	w.low = low
	if !low {
		return // an incident sees for itself how its routes come back
	}
	w.lowAt = t
	c.losses.dwells = append(c.losses.dwells, dwell{due: t + lossDwell, since: t, w: w})
}

// standing counts the full-feed peers that hold a watched prefix, and those
// that lost it by withdrawal, of those that had it for long.
func (c *Correlator) standing(w *watched, t route.Time) (held, lost int) {
	family := familyIndex(w.prefix.Family)
	up, down := c.asns[:0], c.gone[:0]
	for i := range w.routes {
		r := &w.routes[i]
		s := &c.sessions.list[r.session]
		long := r.up && t-r.since >= heldLong || !r.up && !r.reset && r.lostAt-r.since >= heldLong
		if !long || !c.votes(s, family) {
			continue
		}
		if r.up {
			up = append(up, s.peer.ASN)
		} else {
			down = append(down, s.peer.ASN)
		}
	}
	slices.Sort(up)
	up = slices.Compact(up)
	slices.Sort(down)
	down = slices.Compact(down)
	for _, asn := range down {
		if _, also := slices.BinarySearch(up, asn); !also {
			lost++
		}
	}
	held = len(up)
	c.asns, c.gone = up[:0], down[:0]
	return held, lost
}

// fireDwell judges the loss that has lasted long enough, or has not.
func (c *Correlator) fireDwell() {
	l := &c.losses
	d := l.dwells[l.head]
	l.dwells[l.head] = dwell{}
	if l.head++; l.head == len(l.dwells) {
		l.dwells, l.head = l.dwells[:0], 0
	}
	switch {
	case d.w != nil && d.w.low && d.w.lowAt == d.since && !d.w.lost:
		c.openLoss(d.w, d.due)
	case d.w == nil:
		if o := l.origins[d.origin]; o != nil && o.since == d.since && !o.open {
			c.openOriginLoss(d.origin, o, d.due)
		}
	}
}

// openLoss opens the incident of a watched prefix that is lost.
func (c *Correlator) openLoss(w *watched, t route.Time) {
	origin := c.expectedOf(w)
	p := c.lossIncident(origin, w.lowAt, t)
	if p == nil {
		return
	}
	w.lost = true
	c.explain.loses(c, p, w, t)
	c.noteSuccessors(p, w)
	known := len(p.list)
	for _, i := range c.byPeer(w) {
		if r := &w.routes[i]; !r.up && !r.reset && r.lostAt-r.since >= heldLong {
			c.joinLoss(w, r, t)
		}
	}
	if p.told.at == 0 {
		c.announce(p, t)
		return
	}
	places := make([]int, 0, 1)
	for i := known; i < len(p.list); i++ {
		places = append(places, i)
	}
	c.firePrefixes(p, places, t)
	c.grow(p, t)
}

// noteSuccessors remembers who announces a lost prefix in the place of its
// origin by now.
func (c *Correlator) noteSuccessors(p *incident, w *watched) {
	for _, i := range c.byPeer(w) {
		path := c.paths.get(w.routes[i].path)
		if !w.routes[i].up || len(path) == 0 {
			continue
		}
		by := c.known.as.asn(path[len(path)-1])
		if by != 0 && by != p.alert.ExpectedOrigin && w.routes[i].changed >= w.lowAt {
			p.noteConsequence(by)
		}
	}
}

func (c *Correlator) lossKey(origin route.ASN) incidentKey {
	return incidentKey{alert.KindVisibilityLoss, c.known.id(origin)}
}

// lossIncident returns the open incident of an origin's loss, opening it.
func (c *Correlator) lossIncident(origin route.ASN, first, t route.Time) *incident {
	key := c.lossKey(origin)
	p := c.incidents.find(key)
	if p != nil && p.open {
		return p
	}
	if p = c.openIncident(key, t, first); p == nil {
		return nil
	}
	p.rule = "visibility"
	p.alert.ExpectedOrigin = origin
	return p
}

// expectedOf returns the origin that a watched prefix should have.
func (c *Correlator) expectedOf(w *watched) route.ASN {
	if e := c.outside.Watch.Match(w.prefix); e != nil && len(e.Origins) > 0 {
		return e.Origins[0]
	}
	if w.origins[0] != 0 {
		return c.mostAnnounced(w)
	}
	least := route.ASN(0) // any will do, but the same for everybody
	for i := range w.routes {
		if path := c.paths.get(w.routes[i].path); len(path) > 0 {
			if o := c.known.as.asn(path[len(path)-1]); o != 0 && (least == 0 || o < least) {
				least = o
			}
		}
	}
	return least
}

// mostAnnounced returns the one of the expected origins that most sessions have a
// route of, the first of several.
func (c *Correlator) mostAnnounced(w *watched) route.ASN {
	if w.origins[1] == 0 {
		return w.origins[0]
	}
	counts := [maxExpected]int{}
	for i := range w.routes {
		path := c.paths.get(w.routes[i].path)
		if len(path) == 0 {
			continue
		}
		if at := slices.Index(w.origins[:], c.known.as.asn(path[len(path)-1])); at >= 0 {
			counts[at]++
		}
	}
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return w.origins[best]
}

// joinLoss counts a lost route.
func (c *Correlator) joinLoss(w *watched, r *watchedRoute, t route.Time) {
	origin := c.expectedOf(w)
	p := c.incidents.find(c.lossKey(origin))
	prefix := c.usePrefix(w.prefix, t)
	if p == nil || !p.open || prefix == 0 {
		return
	}
	j := joining{prefix: prefix, session: r.session, prev: r.path}
	j.expected[0] = origin
	c.join(p, &j, t)
	c.schedule(p, t)
}

// found takes a route that has come back, or whose session has ended, out of
// the loss.
func (c *Correlator) found(w *watched, session uint32, t route.Time, back bool) {
	prefix := c.prefixes.find(w.prefix)
	if prefix == 0 {
		return
	}
	p := c.routeOf(prefix, session)
	if p == nil || p.key.kind != alert.KindVisibilityLoss {
		return
	}
	c.leave(p, prefix, session, t, p.end(back))
	if p.list[p.prefixes[prefix]].routes == 0 {
		w.lost = false
	}
}

// brought reports whether an incident brought a prefix into the world: when it
// goes, as the incident ends, its origin loses nothing that it had.
func (c *Correlator) brought(p route.Prefix) bool {
	id := c.prefixes.find(p)
	return id != 0 && c.prefixes.entries[id].parts > 0
}

// visibility takes a shard's word that a prefix is low, or no longer.
func (c *Correlator) visibility(it *item, t route.Time) {
	l := &c.losses
	was, known := l.low[it.Prefix]
	low := 2*it.Routes <= it.Raised && it.Raised >= lossPeers
	switch {
	case low && !known:
		if len(it.Origins) == 0 || len(l.low) >= c.cfg.Limits.Affected || c.brought(it.Prefix) {
			return
		}
		l.low[it.Prefix] = lowPrefix{it.Origins[0], int(it.Routes), int(it.Raised)}
		o := l.origins[it.Origins[0]]
		if o == nil {
			o = &lowOrigin{}
			l.origins[it.Origins[0]] = o
		}
		o.prefixes++
		c.weighOrigin(it.Origins[0], o, it.Prefix, t)
	case !low && known:
		delete(l.low, it.Prefix)
		o := l.origins[was.origin]
		if o.prefixes--; o.prefixes == 0 && !o.open {
			delete(l.origins, was.origin)
		}
		c.weighOrigin(was.origin, o, route.Prefix{}, t)
		c.regain(it, was.origin, o, t)
	}
}

// leastLost is how many prefixes an origin must lose for an incident of its own.
const leastLost = 3

// weighOrigin finds out whether most prefixes of an origin are low.
func (c *Correlator) weighOrigin(origin route.ASN, o *lowOrigin, prefix route.Prefix, t route.Time) {
	most := o.prefixes >= leastLost && 2*o.prefixes > c.census.prefixes[origin]
	switch {
	case !most:
		o.since = 0
	case o.since == 0:
		o.since = t
		c.losses.dwells = append(c.losses.dwells, dwell{due: t + lossDwell, since: t, origin: origin})
	case o.open && prefix.Family != 0:
		if p := c.incidents.find(c.lossKey(origin)); p != nil && p.open {
			c.joinLow(p, origin, prefix, t)
			c.grow(p, t)
		}
	}
}

// openOriginLoss opens the incident of an origin that lost most of its
// prefixes, or brings the later ones into it. What each session held is not
// told of prefixes that nobody watches: a prefix counts as one route.
func (c *Correlator) openOriginLoss(origin route.ASN, o *lowOrigin, t route.Time) {
	if !c.mature || !c.filled() {
		return
	}
	p := c.lossIncident(origin, o.since, t)
	if p == nil {
		return
	}
	o.open = true
	c.explain.losesOrigin(c, p, origin, o)
	for _, prefix := range c.lowOf(origin) {
		c.joinLow(p, origin, prefix, t)
	}
	if p.told.at == 0 {
		c.announce(p, t)
	} else {
		c.grow(p, t)
	}
}

// joinLow brings a low prefix into the loss of its origin.
func (c *Correlator) joinLow(p *incident, origin route.ASN, prefix route.Prefix, t route.Time) {
	id := c.usePrefix(prefix, t)
	if id == 0 || c.routeOf(id, route.AllPeers) == p || c.watch.byPrefix[prefix] != nil {
		return
	}
	j := joining{prefix: id, session: route.AllPeers}
	j.expected[0] = origin
	known := len(p.list)
	c.join(p, &j, t)
	low := c.losses.low[prefix]
	p.lostPeers, p.hadPeers = max(p.lostPeers, low.had-low.held), max(p.hadPeers, low.had)
	if p.told.at != 0 {
		c.firePrefix(p, id, known, t)
	}
}

// lowOf returns the low prefixes of an origin in order.
func (c *Correlator) lowOf(origin route.ASN) (list []route.Prefix) {
	for prefix, low := range c.losses.low {
		if low.origin == origin {
			list = append(list, prefix)
		}
	}
	slices.SortFunc(list, route.Prefix.Compare)
	return list
}

// regain takes a prefix that is seen again, or of which nobody knows, out of its
// origin's loss.
func (c *Correlator) regain(it *item, origin route.ASN, o *lowOrigin, t route.Time) {
	id := c.prefixes.find(it.Prefix)
	if id == 0 {
		return
	}
	if p := c.routeOf(id, route.AllPeers); p != nil {
		c.leave(p, id, route.AllPeers, t, p.end(it.Flags&wire.RecordUnsure == 0))
		o.open = o.open && p.open && p.routes > 0
	}
	if o.prefixes == 0 && !o.open {
		delete(c.losses.origins, origin)
	}
}

// losing reports whether a prefix is being withdrawn, so that what is announced
// of it is path exploration, or follows from the loss.
func (c *Correlator) losing(p route.Prefix) bool {
	if w := c.watch.byPrefix[p]; w != nil && w.low {
		return true
	}
	if len(c.losses.low) == 0 {
		return false
	}
	_, low := c.losses.low[p]
	return low
}
