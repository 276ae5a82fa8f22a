package correlate

import (
	"detour/route"
	"detour/wire"
)

// unjudged marks routes that no alert is built on (DETECTION §4).
const unjudged = wire.RecordLearning | wire.RecordTable | wire.RecordMaintenance

// lastTime keeps deadlines from overflowing; no honest clock gets there.
const lastTime route.Time = 1 << 61

// qualifies reports whether a change of a watched prefix can count towards an
// alert: an AS is new that the same peer's path lacked, and the path is longer
// or goes against a known direction. Blackholing is told, too.
func (c *Correlator) qualifies(it *item, t route.Time) bool {
	if it.Contrast == 0 || it.Flags&unjudged != 0 || c.sessions.list[it.Peer].learning(t) {
		return false
	}
	if it.Flags&wire.RecordInflated != 0 {
		return true
	}
	h := hops{path: c.paths.get(it.Next)}
	return len(h.path) > 1 && c.flips(&h, min(len(h.path)-1, 64))&it.Contrast != 0
}

// loseRoutes takes the routes of a session, or of all sessions of an ingester,
// out of all cases: its fall or rise ended them.
func (c *Correlator) loseRoutes(ingester, peer uint32, t route.Time) {
	c.resetWatched(ingester, peer, t)
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
