package correlate

import (
	"slices"

	"detour/alert"
	"detour/processor/reference"
	"detour/route"
)

// VRPs are what the RPKI says from a moment on.
type VRPs struct {
	From route.Time // engine time; 0 from the start
	Set  *reference.VRPs
}

// vrpsAt returns the VRPs that hold at t; nil, which knows nothing, before the
// first.
func (c *Correlator) vrpsAt(t route.Time) *reference.VRPs {
	list := c.outside.VRPs
	for len(list) > 0 {
		if last := list[len(list)-1]; last.From <= t {
			return last.Set
		}
		list = list[:len(list)-1]
	}
	return nil
}

// checkInvalid judges a changed route of a watched prefix whose origin is the
// usual one: where the RPKI forbids it, a ROA or its length is wrong. What was
// so in the tables from the start is no news.
func (c *Correlator) checkInvalid(w *watched, it *item, t route.Time) {
	if len(c.outside.VRPs) == 0 || t < c.learnUntil {
		return
	}
	path := c.paths.get(it.Next)
	if len(path) == 0 || !slices.Contains(it.Origins, c.known.as.asn(path[len(path)-1])) {
		return
	}
	origin := c.known.as.asn(path[len(path)-1])
	now := c.validate(w.prefix, origin, t)
	bad := now == reference.InvalidOrigin || now == reference.InvalidLength
	if !bad || w.early && c.invalidFromStart(w.prefix, origin) {
		return
	}
	c.joinInvalid(w, it.Peer, t)
	c.announceInvalid(t)
}

// invalidFromStart reports whether the first VRPs forbade a prefix that was
// known at the start.
func (c *Correlator) invalidFromStart(p route.Prefix, origin route.ASN) bool {
	v := c.outside.VRPs[0].Set.Validate(p, origin)
	return c.outside.VRPs[0].From == 0 && (v == reference.InvalidOrigin || v == reference.InvalidLength)
}

// switchVRPs judges all watched routes by VRPs that hold from t on.
func (c *Correlator) switchVRPs(t route.Time) {
	for _, w := range c.watch.list {
		for _, i := range c.byPeer(w) {
			r := &w.routes[i]
			path := c.paths.get(r.path)
			if !r.up || len(path) == 0 {
				continue
			}
			origin := c.known.as.asn(path[len(path)-1])
			v := c.validate(w.prefix, origin, t)
			bad := v == reference.InvalidOrigin || v == reference.InvalidLength
			if bad && c.usual(w, origin) {
				c.joinInvalid(w, r.session, t)
			} else if p := c.invalidOf(w, r.session); p != nil {
				c.leave(p, c.prefixes.find(w.prefix), r.session, t, &p.gone)
			}
		}
	}
	c.announceInvalid(t)
}

// usual reports whether an origin is the one that a watched prefix should have.
func (c *Correlator) usual(w *watched, origin route.ASN) bool {
	if e := c.outside.Watch.Match(w.prefix); e != nil && len(e.Origins) > 0 {
		return slices.Contains(e.Origins, origin)
	}
	return origin == c.expectedOf(w)
}

// invalidOf returns the rpki-invalid incident that holds a session's route.
func (c *Correlator) invalidOf(w *watched, session uint32) *incident {
	id := c.prefixes.find(w.prefix)
	if p := c.routeOf(id, session); id != 0 && p != nil && p.key.kind == alert.KindRPKIInvalid {
		return p
	}
	return nil
}

// joinInvalid brings a route into the rpki-invalid incident of its origin,
// opening it.
func (c *Correlator) joinInvalid(w *watched, session uint32, t route.Time) {
	i, ok := w.find(session)
	id := c.usePrefix(w.prefix, t)
	if !ok || id == 0 || c.routeOf(id, session) != nil {
		return
	}
	r := &w.routes[i]
	path := c.paths.get(r.path)
	origin := path[len(path)-1]
	key := incidentKey{alert.KindRPKIInvalid, origin}
	p := c.incidents.find(key)
	if p == nil || !p.open {
		if p = c.openIncident(key, t, t); p == nil {
			return
		}
		p.rule = "rpki-invalid"
		p.alert.ExpectedOrigin = c.known.as.asn(origin)
	}
	known := len(p.list)
	j := joining{prefix: id, session: session, prev: r.path, next: r.path}
	j.expected[0], j.announced = p.alert.ExpectedOrigin, p.alert.ExpectedOrigin
	c.join(p, &j, t)
	if p.told.at == 0 {
		if !slices.Contains(c.unannounced, p) {
			c.unannounced = append(c.unannounced, p)
		}
		return
	}
	c.firePrefix(p, id, known, t)
	c.grow(p, t)
}

// announceInvalid tells of the rpki-invalid incidents that have just opened,
// with all the routes that one cause has brought into them.
func (c *Correlator) announceInvalid(t route.Time) {
	for _, p := range c.unannounced {
		if p.open {
			c.announce(p, t)
		}
	}
	c.unannounced = c.unannounced[:0]
}
