package rib

import "detour/processor/flat"

// column holds one peer's slots of one family: sparse, a table by prefix id,
// until it covers much of the family; then dense, in chunks indexed by prefix
// id (docs/state.md §1).
type column struct {
	sparse flat.Table[uint32, slot]
	dense  []*chunk
	used   int // slots that ever had a route
	primed primed
}

const (
	chunkBits      = 12
	denseFromCount = 1024
	denseFromShare = 8 // an eighth of the family's prefixes
)

type chunk [1 << chunkBits]slot

// get returns a slot by value, zero when there is none.
func (c *column) get(id uint32) slot {
	if c.dense != nil {
		if i := int(id >> chunkBits); i < len(c.dense) && c.dense[i] != nil {
			return c.dense[i][id&(1<<chunkBits-1)]
		}
		return 0
	}
	if s := c.sparse.Get(id); s != nil {
		return *s
	}
	return 0
}

// at returns the place of a slot, valid until the next call of at.
func (c *column) at(id uint32, prefixes int) *slot {
	if c.dense != nil {
		return c.denseAt(id)
	}
	s, added := c.sparse.Put(id)
	if !added {
		return s
	}
	c.used++
	if c.used > denseFromCount && c.used > prefixes/denseFromShare {
		c.densify(prefixes)
		return c.denseAt(id)
	}
	return s
}

func (c *column) denseAt(id uint32) *slot {
	i := int(id >> chunkBits)
	for i >= len(c.dense) {
		c.dense = append(c.dense, nil)
	}
	if c.dense[i] == nil {
		c.dense[i] = new(chunk)
	}
	return &c.dense[i][id&(1<<chunkBits-1)]
}

func (c *column) densify(prefixes int) {
	c.dense = make([]*chunk, 0, prefixes>>chunkBits+1)
	c.sparse.Each(func(k uint32, s *slot) { *c.denseAt(k) = *s })
	c.sparse = flat.Table[uint32, slot]{}
}

// places returns about how many slots each looks at.
func (c *column) places() int { return len(c.dense)<<chunkBits + c.sparse.Len() }

// each calls f with the prefix id and the place of every slot, in no useful
// order.
func (c *column) each(f func(uint32, *slot)) {
	for n, ch := range c.dense {
		if ch == nil {
			continue
		}
		for i := range ch {
			f(uint32(n<<chunkBits|i), &ch[i])
		}
	}
	c.sparse.Each(f)
}
