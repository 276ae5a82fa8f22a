package rib

import (
	"slices"
	"unsafe"

	"detour/route"
)

// primed names the slots of a column that priming has filled and that no update has
// touched since: those, and empty ones, priming may fill again. It takes room only
// while a peer is primed.
type primed []*slotBits

// slotBits has one for each slot of a chunk.
type slotBits [1 << chunkBits / 64]uint64

func (p primed) has(id uint32) bool {
	i := int(id >> chunkBits)
	return i < len(p) && p[i] != nil && p[i][id&(1<<chunkBits-1)>>6]>>(id&63)&1 != 0
}

func (p *primed) set(id uint32) {
	i := int(id >> chunkBits)
	for i >= len(*p) {
		*p = append(*p, nil)
	}
	if (*p)[i] == nil {
		(*p)[i] = new(slotBits)
	}
	(*p)[i][id&(1<<chunkBits-1)>>6] |= 1 << (id & 63)
}

// touch notes that an update has spoken of the slot.
func (p primed) touch(id uint32) {
	if i := int(id >> chunkBits); i < len(p) && p[i] != nil {
		p[i][id&(1<<chunkBits-1)>>6] &^= 1 << (id & 63)
	}
}

func (p primed) octets() int {
	n := 8 * cap(p)
	for _, b := range p {
		if b != nil {
			n += int(unsafe.Sizeof(*b))
		}
	}
	return n
}

// EndPriming notes that a peer's table was given: nothing of it is filled again,
// unless its session is reset.
func (r *RIB) EndPriming(pe Peer) {
	for i := range r.fam {
		r.fam[i].columns[pe].primed = nil
	}
}

// Primed appends the prefixes of a peer's routes that WithdrawPrimed would take back,
// in order. It goes through all prefixes.
func (r *RIB) Primed(pe Peer, family route.Family, list []route.NLRI) []route.NLRI {
	f := r.family(family)
	c := &f.columns[pe]
	if c.primed == nil {
		return list
	}
	r.Work += uint64(f.index.n)
	from := len(list)
	f.index.each(family, func(p route.Prefix, id uint32) {
		if c.primed.has(id) && c.get(id).up() {
			list = append(list, p.NLRI(0))
		}
	})
	slices.SortFunc(list[from:], func(a, b route.NLRI) int { return a.Prefix().Compare(b.Prefix()) })
	return list
}

// WithdrawPrimed takes back a route that updates taken as a table withdraw, if priming
// has filled it: silently, as if its session had ended for this route alone. It teaches
// nothing; its path stays.
func (r *RIB) WithdrawPrimed(pe Peer, n route.NLRI, addPath bool, ch *Change) {
	*ch = Change{}
	f := r.family(n.Family)
	id := f.index.find(n.Prefix())
	if id == 0 || !f.columns[pe].primed.has(id) || !f.columns[pe].get(id).up() {
		return
	}
	key := slotKey(f.route, pe, id)
	if !addPath {
		r.pathIDs.drop(key)
	} else if !r.pathIDs.has(key, n.PathID) || !r.pathIDs.withdraw(key, n.PathID) {
		return
	}
	s := f.columns[pe].at(id, len(f.state))
	if next, _ := r.pathIDs.main(key); next != 0 {
		ch.Next, ch.Unique = next, r.tree.nodes[next].length+1
		r.fill(f, id, key, s, ch)
		return
	}
	ch.Prev, ch.Outcome = s.node(), Unfilled
	f.forget(&f.state[id], *s)
	s.reset()
}
