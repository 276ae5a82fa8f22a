package rib

import "detour/processor/flat"

// Sweep reclaims path-tree nodes, or baselines, that nothing uses, when they have
// doubled since they were last swept. The shard loop calls it between frames.
func (r *RIB) Sweep() {
	if r.tree.live >= r.sweepNodesAt {
		r.sweepNodes()
		r.Counters.Sweeps++
	}
	if r.bases.arena.octets() >= r.sweepBasesAt {
		r.sweepBases()
		r.Counters.Sweeps++
	}
}

// Least numbers of nodes and of octets of baselines that are worth a sweep.
const (
	nodeSweepLeast = 1 << 16
	baseSweepLeast = 1 << 20
)

// sweepNext says at how many a next sweep is due, when live are left: at twice as
// many, but not beyond the bound, where there would be no room before.
func sweepNext(live, least, bound int) int {
	return max(least, min(2*live, max(bound, live+live/16)))
}

// sweepNodes keeps the nodes of routes, of ADD-PATH extras and of peers, with
// their parents.
func (r *RIB) sweepNodes() {
	t := &r.tree
	used := make([]uint64, len(t.nodes)/64+1)
	mark := func(n Node) {
		for ; n > emptyTail && used[n>>6]>>(n&63)&1 == 0; n = t.nodes[n].parent {
			used[n>>6] |= 1 << (n & 63)
		}
	}
	for i := range r.fam {
		for j := range r.fam[i].columns {
			r.fam[i].columns[j].each(func(_ uint32, s *slot) { mark(s.node()) })
		}
	}
	for _, e := range r.pathIDs.all {
		mark(e.node)
	}
	for _, p := range r.peers {
		mark(p.empty)
	}
	t.free, t.live = t.free[:0], 0
	for i := len(t.nodes) - 1; i > int(emptyTail); i-- {
		if used[i>>6]>>(i&63)&1 != 0 {
			t.live++
			if !t.young(&t.nodes[i]) {
				t.nodes[i].flags &^= nodeNews
			}
			continue
		}
		t.nodes[i] = node{}
		t.free = append(t.free, Node(i))
	}
	t.resize(len(t.index))
	clear(r.bases.verdicts) // they name nodes
	clear(r.bases.teaches)
	r.sweepNodesAt = sweepNext(t.live, nodeSweepLeast, t.max)
}

// sweepBases copies the baselines of prefixes into a new arena.
func (r *RIB) sweepBases() {
	b := &r.bases
	old := b.arena
	b.restart()
	moved := flat.Table[uint32, Base]{} // by place in the old arena
	move := func(id Base) Base {
		if id <= emptyBase {
			return id
		}
		to, first := moved.Put(uint32(id))
		if first {
			*to, _ = b.intern(old.at(id).trim()) // there is room for less than there was
		}
		return *to
	}
	for i := range r.fam {
		for k := range r.fam[i].state {
			st := &r.fam[i].state[k]
			st.base, st.old = move(st.base), move(st.old)
		}
	}
	clear(b.verdicts)
	clear(b.teaches)
	r.sweepBasesAt = sweepNext(b.arena.octets(), baseSweepLeast, (arenaMax-1)*arenaSize)
}
