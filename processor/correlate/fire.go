package correlate

import "detour/route"

// fire does what was due before t, the earliest first.
func (c *Correlator) fire(t route.Time) {
	c.renew(t)
	for {
		due, do := t, func() {}
		if l := &c.leaks; l.judged == l.windows.half { // before what is due at the same time: see rollLeaks
			if end := route.Time(l.windows.half+1) * c.cfg.Window; end < due {
				due, do = end, c.measureNoise
			}
		}
		if c.ageDue < due {
			due = c.ageDue
			do = func() { c.ageSessions(c.ageDue) }
		}
		if at := c.trustDue(); at < due {
			due, do = at, c.fireTrust
		}
		if len(c.incidents.timers.items) > 0 {
			if p := c.incidents.timers.items[0]; p.due < due {
				due, do = p.due, func() { c.fireIncident(p) }
			}
		}
		if len(c.timers.items) > 0 {
			if k := c.timers.items[0]; k.due < due {
				due, do = k.due, func() { c.fireCase(k) }
			}
		}
		if len(c.holds) > 0 && c.holds[0].due < due {
			due, do = c.holds[0].due, c.fireHold
		}
		if l := &c.losses; l.head < len(l.dwells) && l.dwells[l.head].due < due {
			due, do = l.dwells[l.head].due, c.fireDwell
		}
		if list := c.outside.VRPs; c.nextVRPs < len(list) && list[c.nextVRPs].From < due {
			due, do = list[c.nextVRPs].From, c.fireVRPs
		}
		if due >= t {
			return
		}
		do()
	}
}

// fireVRPs lets the next VRPs hold. The first ones are no news.
func (c *Correlator) fireVRPs() {
	at := c.outside.VRPs[c.nextVRPs].From
	if c.nextVRPs++; c.nextVRPs > 1 || at > 0 {
		c.switchVRPs(at)
	}
}
