package correlate

import (
	"detour/route"
	"detour/wire"
)

// judge takes the records of one update. What is told of nodes and edges comes
// in before any change is judged: in which order shards tell them depends on
// their number.
func (c *Correlator) judge(group []*item) {
	t := group[0].Engine
	if c.cfg.Mode == Replay {
		t = c.tick(group[0])
	}
	c.stats.Groups++
	for _, it := range group {
		switch it.Kind {
		case degradation:
			c.degraded = true
		case wire.RecordEvent:
			c.touch(it, t)
			c.event(it, t)
		default:
			c.touch(it, t)
		}
	}
	for _, it := range group {
		if it.Kind == wire.RecordNode || it.Kind == wire.RecordEdge {
			c.learn(it, t)
		}
	}
	for _, it := range group {
		switch it.Kind {
		case wire.RecordChange:
			c.change(it, t)
		case wire.RecordLeft:
			c.left(it, t)
		}
	}
}

// tick moves the replay clock to it and does what was due before.
func (c *Correlator) tick(it *item) route.Time {
	if it.Engine < c.now {
		if it.Kind != degradation {
			c.stats.Late++
		}
		return c.now
	}
	c.now = it.Engine
	c.fire(c.now)
	c.known.expire(c.now)
	return c.now
}

// learn enters a node or edge. What a learning session or a table shows was
// always so.
func (c *Correlator) learn(it *item, t route.Time) {
	s := &c.sessions.list[it.Peer]
	since := t
	if it.Flags&(wire.RecordLearning|wire.RecordTable) != 0 || s.learning(t) {
		since = always
	}
	if it.Kind == wire.RecordNode {
		c.known.node(it.AS, it.NextAS, it.Origin, t, since)
		return
	}
	c.known.edge(s.vantage(it.Flags), it.AS, since)
}

// never marks routes that no alert is built on (DETECTION §4).
const never = wire.RecordLearning | wire.RecordTable | wire.RecordRTBH | wire.RecordMaintenance

// lastTime keeps deadlines from overflowing; no honest clock gets there.
const lastTime route.Time = 1 << 61

// qualifies reports whether a change can count towards an alert.
func (c *Correlator) qualifies(it *item, t route.Time) bool {
	if t <= 0 || t > lastTime || it.Prefix.Family == 0 {
		return false
	}
	if it.Contrast == 0 || it.Flags&wire.RecordInflated == 0 || it.Flags&never != 0 {
		return false
	}
	return !c.sessions.list[it.Peer].learning(t)
}

// change follows a route that changed.
func (c *Correlator) change(it *item, t route.Time) {
	k := c.cases[it.Prefix]
	if k != nil && k.state == firing {
		c.follow(k, it, t)
		return
	}
	good := c.qualifies(it, t)
	if k == nil {
		if !good {
			return
		}
		if k = c.newCase(it.Prefix, t); k == nil {
			return
		}
	}
	if c.watch(k, it, t, good) {
		c.tryOpen(k, it, t)
	}
}

// left follows a stated route that went away, or is stated no more.
func (c *Correlator) left(it *item, t route.Time) {
	k := c.cases[it.Prefix]
	if k == nil {
		return
	}
	i, ok := k.find(it.Peer)
	switch {
	case !ok:
	case k.state == firing:
		c.lower(k, i, t, &k.gone)
	default:
		c.drop(k, i)
	}
}

// loseRoutes takes the routes of a session, or of all sessions of an ingester,
// out of all cases: its fall or rise ended them.
func (c *Correlator) loseRoutes(ingester, peer uint32, t route.Time) {
	c.moved = c.moved[:0]
	for _, k := range c.timers.items {
		due := k.due
		for i := len(k.routes) - 1; i >= 0; i-- {
			r := &k.routes[i]
			if r.session != peer && (peer != route.AllPeers || c.sessions.list[r.session].ingester != ingester) {
				continue
			}
			if k.state != firing {
				c.drop(k, i)
			} else if r.up {
				k.lower(r, c.sessions.list[r.session].peer.ASN, &k.lost)
				c.setDue(k, t)
			}
		}
		if k.due != due {
			c.moved = append(c.moved, k)
		}
	}
	for _, k := range c.moved {
		c.timers.fix(k.place)
	}
}
