package rib

import (
	"math/bits"

	"detour/processor/flat"
	"detour/route"
)

// Node names a path in the path tree: the hop nearest the vantage point, from
// which parents lead to the origin. 0 is no path.
type Node uint32

// emptyTail is the path of a peer that is itself the origin, its ASN unknown.
// Where it is known, a child of emptyTail with length 0 stands for the path.
const emptyTail Node = 1

const (
	nodeLoop     = 1 << iota // the chain to the origin holds a repeat
	nodeGap                  // a break lies between this hop and the origin
	nodeReported             // told to the correlator
	nodeNews                 // this node, or one behind it, came as news; birth says when

	nodeEra = 0xf0 // the upper bits of birth
)

// A birth is engine time in units of 64 s, 20 bits of it: it comes round after
// two years. A node that is still in use then and that no sweep has met since
// its youth ends looks young once more for a quarter of an hour, which tells
// more than is new, never less.
const (
	birthUnit  = 64 * route.Second
	birthMask  = 1<<20 - 1
	youngUnits = uint32((Young + birthUnit - 1) / birthUnit)
)

// node is one hop of a path.
type node struct {
	parent Node
	as     uint32
	origin uint32 // AS id of the last hop, 0 if that is a break
	length uint8  // hops from here to the origin, this one included
	flags  uint8
	birth  uint16 // see nodeNews
}

// live tells a node in use from a freed one.
func (n *node) live() bool { return n.length != 0 || n.parent != 0 }

// tree stores every path once, towards the origin, so that paths share what
// they have in common.
type tree struct {
	nodes []node
	free  []Node
	index []treeCell `snapshot:"-"` // open addressing on (parent, AS), at most three quarters full
	shift uint8      `snapshot:"-"`
	live  int
	max   int    `snapshot:"-"`
	unit  uint32 // engine time in units of birth
}

// treeCell is a node's id below 6 bits of its key's hash, which spare nearly every
// look at a node that is not the one; 0 is empty.
type treeCell uint32

func newTree(maxNodes int) tree {
	t := tree{nodes: make([]node, 2, 1024), max: min(maxNodes, nodeMask)}
	t.resize(1024)
	return t
}

func (t *tree) resize(size int) {
	t.index = make([]treeCell, size)
	t.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	for i := 2; i < len(t.nodes); i++ {
		if n := &t.nodes[i]; n.live() {
			t.enter(childHash(n.parent, n.as), Node(i))
		}
	}
}

// restored makes the index anew, which a snapshot does without.
func (t *tree) restored() {
	size := len(t.index)
	for t.live*4 > size*3 {
		size *= 2
	}
	t.resize(size)
}

func childHash(parent Node, as uint32) uint64 { return flat.Hash64(uint64(parent)<<32 | uint64(as)) }

// tag returns the bits of a hash that a cell keeps, in their place. They are not
// those that choose the cell.
func tag(h uint64) treeCell { return treeCell(h << nodeBits) }

// enter gives a node that the index lacks a cell.
func (t *tree) enter(h uint64, n Node) {
	i := int(h >> t.shift)
	for t.index[i] != 0 {
		i = (i + 1) & (len(t.index) - 1)
	}
	t.index[i] = tag(h) | treeCell(n)
}

// find returns the node of as in front of parent, 0 if there is none.
func (t *tree) find(h uint64, parent Node, as uint32) Node {
	mask := len(t.index) - 1
	for i := int(h >> t.shift); ; i = (i + 1) & mask {
		c := t.index[i]
		if c == 0 {
			return 0
		}
		if (c^tag(h))>>nodeBits != 0 {
			continue
		}
		if n := Node(c & nodeMask); t.nodes[n].parent == parent && t.nodes[n].as == as {
			return n
		}
	}
}

// guess returns the node that find will very likely return, from the first two
// cells, without branching on what stands in them.
func (t *tree) guess(h uint64) Node {
	i := int(h >> t.shift)
	c, next := t.index[i], t.index[(i+1)&(len(t.index)-1)]
	if (c^tag(h))>>nodeBits != 0 {
		c = next
	}
	return Node(c & nodeMask)
}

// child returns the node of as in front of parent, creating it; 0 when the
// tree is full. news says that what shows the path is news.
func (t *tree) child(parent Node, as uint32, news bool) Node {
	h := childHash(parent, as)
	if n := t.find(h, parent, as); n != 0 {
		return n
	}
	if t.live >= t.max {
		return 0
	}
	n := node{parent: parent, as: as, origin: as, length: 1}
	switch {
	case parent == emptyTail:
		n.length = 0
	case parent != 0:
		p := &t.nodes[parent]
		n.origin, n.length, n.birth = p.origin, p.length+1, p.birth
		n.flags = p.flags & (nodeLoop | nodeGap | nodeNews | nodeEra)
		if p.as == 0 {
			n.flags |= nodeGap
		}
		if as != 0 && t.holds(parent, as) {
			n.flags |= nodeLoop
		}
	}
	if news {
		n.flags = n.flags&^nodeEra | nodeNews | uint8(t.unit>>12)&nodeEra
		n.birth = uint16(t.unit)
	}
	id := Node(len(t.nodes))
	if k := len(t.free); k > 0 {
		id, t.free = t.free[k-1], t.free[:k-1]
		t.nodes[id] = n
	} else {
		t.nodes = append(t.nodes, n)
	}
	t.enter(h, id)
	if t.live++; t.live*4 > len(t.index)*3 {
		t.resize(2 * len(t.index))
	}
	return id
}

// young reports whether the way from h to the origin holds news of the last
// Young. A node is never older than its parent.
func (t *tree) young(h *node) bool {
	birth := uint32(h.birth) | uint32(h.flags&nodeEra)<<12
	return h.flags&nodeNews != 0 && (t.unit-birth)&birthMask <= youngUnits
}

// youngHops returns those of the judged hops of next that are young and whose
// edge to the hop behind them is not one of prev's.
func (t *tree) youngHops(next Node, judged uint64, prev Node) (mask uint64) {
	for i, m := 0, next; judged>>i != 0; i++ {
		h := &t.nodes[m]
		if !t.young(h) {
			break // so is what lies behind it
		}
		if judged>>i&1 != 0 && !t.holdsEdge(prev, h.as, t.nodes[h.parent].as) {
			mask |= 1 << i
		}
		m = h.parent
	}
	return mask
}

// holdsEdge reports whether b stands right behind a on n's path.
func (t *tree) holdsEdge(n Node, a, b uint32) bool {
	for t.nodes[n].length > 1 {
		h := &t.nodes[n]
		if n = h.parent; h.as == a && t.nodes[n].as == b {
			return true
		}
	}
	return false
}

// loose reports whether hops of n's path are on the way to no known origin.
func (t *tree) loose(n Node) bool {
	h := &t.nodes[n]
	return h.origin == 0 || h.flags&nodeGap != 0 || h.as == 0
}

// holds reports whether as is a hop of n's path.
func (t *tree) holds(n Node, as uint32) bool {
	for ; t.nodes[n].length != 0; n = t.nodes[n].parent {
		if t.nodes[n].as == as {
			return true
		}
	}
	return false
}

// Tail appends the hops of n's path behind the vantage point, nearest first; 0
// is a break.
func (r *RIB) Tail(dst []route.ASN, n Node) []route.ASN {
	for ; r.tree.nodes[n].length != 0; n = r.tree.nodes[n].parent {
		dst = append(dst, r.as.asn(r.tree.nodes[n].as))
	}
	return dst
}
