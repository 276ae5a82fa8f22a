package rib

import (
	"detour/processor/flat"
	"detour/route"
)

// recent remembers which slots changed within the last HELD, so that a route
// found absent was held. At its bound it goes blind for HELD: then nothing
// counts as held, which teaches nothing wrong.
type recent struct {
	ring  []change // circular
	head  int
	n     int
	max   int
	last  flat.Table[uint64, route.Time]
	blind route.Time // nothing is held before this
}

type change struct {
	key uint64
	at  route.Time
}

func slotKey(fam route.Family, peer Peer, id uint32) uint64 {
	return uint64(fam)<<56 | uint64(peer)<<32 | uint64(id)
}

// expire forgets what is HELD old at time now.
func (c *recent) expire(now route.Time) {
	for c.n > 0 && now-c.ring[c.head].at >= Held {
		e := c.ring[c.head]
		if at := c.last.Get(e.key); at != nil && *at == e.at {
			c.last.Del(e.key)
		}
		c.head = (c.head + 1) & (len(c.ring) - 1)
		c.n--
	}
}

// add notes a change and reports whether there was room.
func (c *recent) add(key uint64, now route.Time) bool {
	at, added := c.last.Put(key)
	if !added && *at == now {
		return true
	}
	if c.n >= c.max {
		c.last.Del(key) // its change of before, too, whose ring entry would no longer match
		c.blind = now + Held
		return false
	}
	*at = now
	if c.n == len(c.ring) {
		c.grow()
	}
	c.ring[(c.head+c.n)&(len(c.ring)-1)] = change{key, now}
	c.n++
	return true
}

func (c *recent) grow() {
	ring := make([]change, max(1024, 2*len(c.ring)))
	for i := range c.n {
		ring[i] = c.ring[(c.head+i)&(len(c.ring)-1)]
	}
	c.ring, c.head = ring, 0
}

// held reports whether a slot did not change within the last HELD.
func (c *recent) held(key uint64, now route.Time) bool {
	return now >= c.blind && c.last.Get(key) == nil
}
