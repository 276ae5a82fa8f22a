package rib

// Sweep reclaims path-tree nodes and baselines that nothing uses, when either
// has doubled since the last sweep. The shard loop calls it between frames.
func (r *RIB) Sweep() {
	if max(r.tree.live, r.bases.live) < r.sweepAt {
		return
	}
	r.sweepNow()
}

func (r *RIB) sweepNow() {
	r.sweepNodes()
	r.sweepBases()
	clear(r.bases.verdicts)
	clear(r.bases.teaches)
	r.Counters.Sweeps++
	live := max(r.tree.live, r.bases.live)
	r.sweepAt = max(1<<16, min(2*live, max(r.tree.max, live+live/16)))
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
}

func (r *RIB) sweepBases() {
	b := &r.bases
	used := make([]bool, len(b.all))
	used[emptyBase] = true
	for i := range r.fam {
		for _, st := range r.fam[i].state {
			used[st.base], used[st.old] = true, true
		}
	}
	clear(b.byHash)
	b.free, b.live = b.free[:0], 0
	for i := len(b.all) - 1; i > 0; i-- {
		if !used[i] {
			b.all[i] = baseline{}
			b.free = append(b.free, Base(i))
			continue
		}
		b.live++
		h := contentHash(b.all[i])
		b.byHash[h] = append(b.byHash[h], Base(i))
	}
}
