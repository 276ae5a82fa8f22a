package rib

import "fmt"

func (r *RIB) Sizes() string {
	cols := 0
	for i := range r.fam {
		for j := range r.fam[i].columns {
			c := &r.fam[i].columns[j]
			for _, d := range c.dense {
				if d != nil {
					cols += 1 << chunkBits * 4
				}
			}
			cols += c.sparse.Len() * 16
		}
	}
	return fmt.Sprintf("nodes live=%d len=%d cap=%d (%d MB) index=%d bases live=%d arena %d MB cols %d MB state4 %d/%d state6 %d/%d idx4 %d MB idx6 %d MB news=%d edges=%d",
		r.tree.live, len(r.tree.nodes), cap(r.tree.nodes), cap(r.tree.nodes)*16>>20, len(r.tree.index),
		r.bases.live, r.bases.arena.octets()>>20, cols>>20, len(r.fam[0].state), cap(r.fam[0].state), len(r.fam[1].state), cap(r.fam[1].state),
		len(r.fam[0].index.v4)*8>>20, len(r.fam[1].index.v6)*24>>20, len(r.news.all), r.edges.Len())
}
