package rib

import (
	"math/bits"

	"detour/processor/flat"
	"detour/route"
)

// recent remembers which slots changed within the last HELD, so that a route
// found absent was held. An entry is one word: a slot's key above the time of its
// change in units of 256 µs, which come round after 537 s. A broom goes round the
// table in step with engine time and takes out what is HELD old, long before its
// time looks new again. At its bound the table goes blind for HELD: then nothing
// counts as held, which teaches nothing wrong.
type recent struct {
	cells []uint64 // open addressing by key
	shift uint8
	n     int
	max   int        `snapshot:"-"`
	broom int        // the cell where it stands
	swept route.Time // how far the broom has come
	now   route.Time
	blind route.Time // nothing is held before this
}

const (
	recentUnit = 8  // bits of a unit, in microseconds
	recentBits = 21 // bits of a time, below the key
	recentMask = 1<<recentBits - 1
	recentHeld = uint64(Held >> recentUnit)
	// recentRoundBits is the time in which the broom goes round, in bits of
	// microseconds: 134 s.
	recentRoundBits = 27
	// recentStroke is how many cells the broom does at least at a time.
	recentStroke = 64
	// recentJump is a step of engine time at which the broom goes round at once.
	// HELD + a round + a jump must be less than the times' coming round.
	recentJump = route.Minute
)

// slotKey names a slot of the shard in 43 bits; 0 is none.
func slotKey(fam route.Family, peer Peer, id uint32) uint64 {
	return uint64(fam>>1&1)<<42 | uint64(peer)<<26 | uint64(id)
}

func slotPeer(key uint64) Peer { return Peer(key >> 26 & 0xffff) }

func entry(key uint64, t route.Time) uint64 {
	return key<<recentBits | uint64(t)>>recentUnit&recentMask
}

// age returns how many units before t a cell's slot changed.
func age(cell uint64, t route.Time) uint64 {
	return (uint64(t)>>recentUnit - cell) & recentMask
}

// old reports whether a cell is in use and HELD old at t and so many units more:
// in one branch, since which cells are in use cannot be predicted.
func old(cell uint64, t route.Time, more uint64) bool {
	young := age(cell, t) + more - recentHeld // its sign
	return int64(^young&(cell|-cell)) < 0
}

// find returns the cell of key, or the empty one where it would go.
func (c *recent) find(key uint64) *uint64 {
	mask := len(c.cells) - 1
	for i := int(flat.Hash64(key) >> c.shift); ; i = (i + 1) & mask {
		if cell := &c.cells[i]; *cell == 0 || *cell>>recentBits == key {
			return cell
		}
	}
}

// held reports whether a slot did not change within the last HELD.
func (c *recent) held(key uint64, now route.Time) bool {
	if now < c.blind {
		return false
	}
	if c.n == 0 {
		return true
	}
	cell := *c.find(key)
	return cell == 0 || age(cell, now) >= recentHeld
}

// changed returns when a slot changed, to 256 µs; false if it is held.
func (c *recent) changed(key uint64) (route.Time, bool) {
	if c.n == 0 {
		return 0, false
	}
	cell := *c.find(key)
	if cell == 0 || age(cell, c.now) >= recentHeld {
		return 0, false
	}
	return (c.now>>recentUnit - route.Time(age(cell, c.now))) << recentUnit, true
}

// add notes a change and reports whether there was room.
func (c *recent) add(key uint64, now route.Time) bool {
	if c.n*4 >= len(c.cells)*3 {
		c.grow()
	}
	cell := c.find(key)
	if *cell == 0 {
		if c.n >= c.max {
			c.blind = now + Held
			return false
		}
		c.n++
	}
	*cell = entry(key, now)
	return true
}

// forget makes a slot held. Its entry becomes old instead of being removed, which
// could move another one to where the broom has just been.
func (c *recent) forget(key uint64) {
	if c.n == 0 {
		return
	}
	if cell := c.find(key); *cell != 0 {
		*cell = entry(key, c.now-Held)
	}
}

// remove empties cell i and closes the gap behind it.
func (c *recent) remove(i int) {
	mask := len(c.cells) - 1
	for j := (i + 1) & mask; c.cells[j] != 0; j = (j + 1) & mask {
		home := int(flat.Hash64(c.cells[j]>>recentBits) >> c.shift)
		if (j-home)&mask >= (j-i)&mask {
			c.cells[i] = c.cells[j]
			i = j
		}
	}
	c.cells[i] = 0
	c.n--
}

// advance brings engine time to now, which never falls, and returns how many cells
// it looked at.
func (c *recent) advance(now route.Time) (cells int) {
	if c.n > 0 {
		if jump := now - c.now; jump >= recentJump {
			cells = len(c.cells)
			c.sweep(cells, c.now, uint64(jump)>>recentUnit)
			c.swept = now
		} else if todo := c.due(now - c.swept); todo >= recentStroke {
			cells = todo
			c.sweep(todo, now, 0)
			c.swept = now
		}
	}
	c.now = now
	return cells
}

// due returns how many cells the broom has to do in a time.
func (c *recent) due(t route.Time) int {
	if t >= 1<<recentRoundBits {
		return len(c.cells)
	}
	return int(t) * len(c.cells) >> recentRoundBits
}

// sweep moves the broom over so many cells and takes out those that are HELD old
// at time t and so many units more.
func (c *recent) sweep(cells int, t route.Time, more uint64) {
	mask := len(c.cells) - 1
	for i := c.broom & mask; cells > 0; cells-- {
		for old(c.cells[i], t, more) {
			c.remove(i) // what comes into its place is looked at, too
		}
		i = (i + 1) & mask
		c.broom = i
	}
}

// grow doubles the table. All places double, too, but for where entries were in
// each other's way: so the broom goes back to where such a run began, and what it
// has not met this round stays ahead of it.
func (c *recent) grow() {
	old := c.cells
	for c.broom > 0 && old[c.broom-1] != 0 {
		c.broom--
	}
	c.broom *= 2
	c.cells = make([]uint64, max(64, 2*len(old)))
	c.shift = uint8(64 - bits.TrailingZeros(uint(len(c.cells))))
	for _, cell := range old {
		if cell != 0 {
			*c.find(cell >> recentBits) = cell
		}
	}
}
