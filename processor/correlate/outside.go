package correlate

import (
	"detour/processor/reference"
	"detour/route"
)

// Outside is what is known from elsewhere. Every part is optional, and every
// part is only evidence.
type Outside struct {
	Relationships *reference.Relationships
	VRPs          []VRPs // in the order of From
	Names         *reference.Names
	Lists         *reference.Lists
	Watch         *reference.Watch
	Ignore        *reference.Peers // whose routes count for nothing
}

// SetOutside takes other knowledge, from the next call of Range on. Then watched
// routes are judged by its VRPs; the rest holds for what comes.
func (c *Correlator) SetOutside(o Outside) {
	c.cfg.Outside, c.outside, c.renewed = o, o, true
}

// renew looks at what new knowledge changes, at t.
func (c *Correlator) renew(t route.Time) {
	if c.reignore || c.renewed {
		c.ignorePeers(t)
	}
	if !c.renewed {
		return
	}
	c.renewed, c.nextVRPs = false, 0
	for c.nextVRPs < len(c.outside.VRPs) && c.outside.VRPs[c.nextVRPs].From < t {
		c.nextVRPs++
	}
	c.switchVRPs(t)
}
