package rib

import "unsafe"

// Weight is what the tables of a shard take, in octets, room for more included.
type Weight struct {
	Slots     int // routes
	Paths     int // nodes of the path tree
	PathIndex int
	Prefixes  int // state
	Index     int // prefix to state
	Baselines int // with their index and caches
	Recent    int
	Newcomers int
	Rest      int // AS table, first hops told, ADD-PATH ids
}

// Weigh returns what the tables take. It visits every chunk of slots.
func (r *RIB) Weigh() Weight {
	w := Weight{
		Paths:     cap(r.tree.nodes)*int(unsafe.Sizeof(node{})) + 4*cap(r.tree.free),
		PathIndex: len(r.tree.index) * int(unsafe.Sizeof(treeCell(0))),
		Baselines: len(r.bases.arena.chunks)*arenaSize + 8*len(r.bases.index) +
			len(r.bases.verdicts)*int(unsafe.Sizeof(verdict{})) + len(r.bases.teaches)*int(unsafe.Sizeof(teach{})),
		Recent:    8 * len(r.recent.cells),
		Newcomers: 4 * cap(r.news.words),
		Rest: r.as.ids.Octets() + 4*cap(r.as.asns) + r.edges.Octets() +
			r.pathIDs.heads.Octets() + cap(r.pathIDs.all)*int(unsafe.Sizeof(pathEntry{})),
	}
	for i := range r.fam {
		f := &r.fam[i]
		w.Prefixes += cap(f.state) * int(unsafe.Sizeof(prefixState{}))
		w.Index += 8*len(f.index.v4) + len(f.index.v6)*int(unsafe.Sizeof(cell6{}))
		for k := range f.columns {
			w.Slots += f.columns[k].octets()
		}
	}
	return w
}

// octets returns what a peer's slots take.
func (c *column) octets() int {
	n := c.sparse.Octets() + 8*cap(c.dense) + c.primed.octets()
	for _, ch := range c.dense {
		if ch != nil {
			n += int(unsafe.Sizeof(*ch))
		}
	}
	return n
}
