package correlate

import (
	"detour/route"
	"detour/wire"
)

// judge takes the records of one update. What is counted, and what is told of
// nodes and edges, comes in before any change is judged: in which order shards
// tell them depends on their number.
func (c *Correlator) judge(group []*item) {
	t := group[0].Engine
	if c.cfg.Mode == Replay {
		t = c.tick(group[0])
	} else if c.waited > 0 { // in order, so what was due before is done before
		due := min(t, c.waited)
		c.fire(due)
		c.known.expire(due)
	}
	c.stats.Groups++
	c.known.at(t)
	c.rollLeaks(t)
	if c.late {
		c.learnsLate(t)
	}
	c.takeCensus(group, t)
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
		case wire.RecordLoss:
			c.loss(it, t)
		case wire.RecordVisibility:
			c.visibility(it, t)
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
// always so, unless it is about an AS that leaks right now.
func (c *Correlator) learn(it *item, t route.Time) {
	s := &c.sessions.list[it.Peer]
	since := c.known.now
	if it.Flags&(wire.RecordLearning|wire.RecordTable) != 0 || s.learning(t) {
		since = ever
	}
	k := c.known
	if it.Kind == wire.RecordEdge {
		k.edge(k.id(s.vantage(it.Flags)), k.id(it.AS), since)
		return
	}
	x := k.id(it.AS)
	if since == ever && c.incidents.ofLeaker(x) != nil {
		since = c.known.now
	}
	k.node(x, k.id(it.NextAS), k.id(it.Third), k.id(it.Origin), c.leaks.windows.half, since)
}
