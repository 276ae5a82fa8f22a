package rib

import (
	"slices"

	"detour/processor/flat"
)

// Base names an interned baseline by its place in the arena. 0 is "unknown",
// emptyBase "known and empty".
type Base uint32

const emptyBase Base = 1

// bases interns baselines and remembers what each path means to each.
type bases struct {
	arena    arena
	index    []uint64 // open addressing by content: 32 bits of hash, then the Base
	shift    uint8
	live     int
	verdicts []verdict `snapshot:"-"`
	teaches  []teach   `snapshot:"-"`
	edit     editor    `snapshot:"-"`
}

// verdict says how a path stands against a baseline.
type verdict struct {
	base  Base
	node  Node
	new   uint64 // hops that base lacks; neither the last hop nor breaks
	known bool   // the origin is in base, or unknown
}

// teach says which baseline comes of adding a path to a baseline.
type teach struct {
	base Base
	node Node
	next Base
}

const cacheBits = 15

func newBases() bases {
	b := bases{
		verdicts: make([]verdict, 1<<cacheBits),
		teaches:  make([]teach, 1<<cacheBits),
		edit:     newEditor(),
	}
	b.restart()
	return b
}

// restart empties everything but the caches and interns the empty baseline.
func (b *bases) restart() {
	b.arena, b.index, b.live = newArena(), nil, 0
	b.resize(64)
	b.edit.clear()
	b.intern(b.edit.content())
}

func cacheCell(b Base, n Node) uint64 {
	return flat.Hash64(uint64(b)<<32|uint64(n)) >> (64 - cacheBits)
}

// judge returns the verdict on a path against a known baseline.
func (r *RIB) judge(b Base, n Node) verdict {
	c := &r.bases.verdicts[cacheCell(b, n)]
	if c.base == b && c.node == n {
		return *c
	}
	*c = verdict{base: b, node: n}
	base := r.bases.arena.at(b)
	set := base.set()
	for i, m := 0, n; r.tree.nodes[m].length != 0; i++ {
		h := &r.tree.nodes[m]
		if h.parent != 0 && h.as != 0 && !set.has(h.as) {
			c.new |= 1 << i
		}
		m = h.parent
	}
	o := r.tree.nodes[n].origin
	c.known = o == 0 || base.hasOrigin(o)
	return *c
}

// learn returns the baseline that holds b and the path.
func (r *RIB) learn(b Base, n Node) Base {
	if b == 0 {
		b = emptyBase
	}
	cell := cacheCell(b, n)
	if c := &r.bases.teaches[cell]; c.base == b && c.node == n {
		return c.next
	}
	v := r.judge(b, n)
	next := b
	base := r.bases.arena.at(b)
	loose := base.loose() || r.tree.loose(n)
	if v.new != 0 || !v.known || loose != base.loose() {
		e := &r.bases.edit
		e.load(base)
		e.loose = loose
		for m := n; r.tree.nodes[m].length != 0; m = r.tree.nodes[m].parent {
			if h := &r.tree.nodes[m]; h.parent != 0 && h.as != 0 {
				e.set.Add(h.as)
			}
		}
		if !v.known {
			r.addOrigin(r.tree.nodes[n].origin)
		}
		next = r.intern(b)
	}
	r.bases.teaches[cell] = teach{base: b, node: n, next: next}
	return next
}

// learnAS returns the baseline that holds b and one more AS or origin; loose
// says that the AS is on the way to other origins, too.
func (r *RIB) learnAS(b Base, as uint32, origin, loose bool) Base {
	e := &r.bases.edit
	e.load(r.bases.arena.at(b))
	e.loose = e.loose || loose
	if !origin {
		e.set.Add(as)
	} else if !slices.Contains(e.origins, as) {
		r.addOrigin(as)
	}
	return r.intern(b)
}

// addOrigin gives the content under construction one more origin, in order of
// ASN.
func (r *RIB) addOrigin(o uint32) {
	e := &r.bases.edit
	i, _ := slices.BinarySearchFunc(e.origins, o, func(a, b uint32) int {
		return int(int64(r.as.asn(a)) - int64(r.as.asn(b)))
	})
	e.origins = slices.Insert(e.origins, i, o)
}

// intern returns the Base with the content under construction; b, from which it
// was made, where the arena has no room.
func (r *RIB) intern(b Base) Base {
	next, ok := r.bases.intern(r.bases.edit.content())
	if !ok {
		r.Counters.BasesRefused++
		return b
	}
	return next
}

func (b *bases) intern(c content) (Base, bool) {
	h := c.hash()
	mask := len(b.index) - 1
	i := int(h >> b.shift)
	for ; b.index[i] != 0; i = (i + 1) & mask {
		if cell := b.index[i]; cell>>32 == h>>32 && b.arena.at(Base(cell)).equals(c) {
			return Base(cell), true
		}
	}
	id, ok := b.arena.add(c)
	if !ok {
		return 0, false
	}
	b.index[i] = h>>32<<32 | uint64(id)
	if b.live++; b.live*4 > len(b.index)*3 {
		b.resize(2 * len(b.index))
	}
	return id, true
}
