package rib

import (
	"slices"

	"detour/processor/flat"

	"github.com/RoaringBitmap/roaring/v2"
)

// Base names an interned baseline: a set of on-path ASes and a list of
// origins. 0 is "unknown", emptyBase "known and empty".
type Base uint32

const emptyBase Base = 1

// baseline is the content of a Base. It is never changed after interning, so
// all prefixes with the same content share it.
type baseline struct {
	asns    *roaring.Bitmap // dense AS ids
	origins []uint32        // dense AS ids, ascending by ASN
	loose   bool            // holds ASes that were not seen on the way to one of its origins
}

// bases interns baselines and remembers what each path means to each.
type bases struct {
	all      []baseline // by Base; asns nil where free
	free     []Base
	byHash   map[uint64][]Base
	live     int
	verdicts []verdict
	teaches  []teach
	// spare is a bitmap for building a candidate content before it is known
	// to be new.
	spare *roaring.Bitmap
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
		all:      make([]baseline, 2, 64),
		byHash:   map[uint64][]Base{},
		verdicts: make([]verdict, 1<<cacheBits),
		teaches:  make([]teach, 1<<cacheBits),
		spare:    roaring.New(),
		live:     1,
	}
	b.all[emptyBase] = baseline{asns: roaring.New()}
	h := contentHash(b.all[emptyBase])
	b.byHash[h] = append(b.byHash[h], emptyBase)
	return b
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
	base := &r.bases.all[b]
	for i, m := 0, n; r.tree.nodes[m].length != 0; i++ {
		h := &r.tree.nodes[m]
		if h.parent != 0 && h.as != 0 && !base.asns.Contains(h.as) {
			c.new |= 1 << i
		}
		m = h.parent
	}
	o := r.tree.nodes[n].origin
	c.known = o == 0 || slices.Contains(base.origins, o)
	return *c
}

// learn returns the baseline that holds b and the path.
func (r *RIB) learn(b Base, n Node) Base {
	if b == 0 {
		b = emptyBase
	}
	if c := &r.bases.teaches[cacheCell(b, n)]; c.base == b && c.node == n {
		return c.next
	}
	v := r.judge(b, n)
	next := b
	loose := r.bases.all[b].loose || r.tree.loose(n)
	if v.new != 0 || !v.known || loose != r.bases.all[b].loose {
		s := r.bases.spare
		s.Clear()
		s.Or(r.bases.all[b].asns)
		for m := n; r.tree.nodes[m].length != 0; m = r.tree.nodes[m].parent {
			if h := &r.tree.nodes[m]; h.parent != 0 && h.as != 0 {
				s.Add(h.as)
			}
		}
		origins := r.bases.all[b].origins
		if !v.known {
			origins = r.withOrigin(origins, r.tree.nodes[n].origin)
		}
		next = r.intern(origins, loose)
	}
	r.bases.teaches[cacheCell(b, n)] = teach{base: b, node: n, next: next}
	return next
}

// learnAS returns the baseline that holds b and one more AS or origin; loose
// says that the AS is on the way to other origins, too.
func (r *RIB) learnAS(b Base, as uint32, origin, loose bool) Base {
	origins := r.bases.all[b].origins
	r.bases.spare.Clear()
	r.bases.spare.Or(r.bases.all[b].asns)
	if origin {
		if !slices.Contains(origins, as) {
			origins = r.withOrigin(origins, as)
		}
	} else {
		r.bases.spare.Add(as)
	}
	return r.intern(origins, loose || r.bases.all[b].loose)
}

// withOrigin returns a copy of origins with one more, in order of ASN.
func (r *RIB) withOrigin(origins []uint32, o uint32) []uint32 {
	i, _ := slices.BinarySearchFunc(origins, o, func(a, b uint32) int {
		return int(int64(r.as.asn(a)) - int64(r.as.asn(b)))
	})
	return slices.Insert(slices.Clone(origins), i, o)
}

// intern returns the Base with the ASes of spare and these origins.
func (r *RIB) intern(origins []uint32, loose bool) Base {
	b := &r.bases
	content := baseline{asns: b.spare, origins: origins, loose: loose}
	h := contentHash(content)
	for _, id := range b.byHash[h] {
		if b.all[id].loose == loose && slices.Equal(b.all[id].origins, origins) && b.all[id].asns.Equals(b.spare) {
			return id
		}
	}
	id := Base(len(b.all))
	content.asns = b.spare.Clone()
	if k := len(b.free); k > 0 {
		id, b.free = b.free[k-1], b.free[:k-1]
		b.all[id] = content
	} else {
		b.all = append(b.all, content)
	}
	b.byHash[h] = append(b.byHash[h], id)
	b.live++
	return id
}

// contentHash does not depend on how the bitmap came to be.
func contentHash(c baseline) uint64 {
	h := uint64(len(c.origins))
	for _, o := range c.origins {
		h = flat.Hash64(h ^ uint64(o))
	}
	for it := c.asns.Iterator(); it.HasNext(); {
		h = flat.Hash64(h ^ uint64(it.Next())<<1)
	}
	return h
}
