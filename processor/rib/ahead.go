package rib

import (
	"detour/processor/flat"
	"detour/route"
)

// Pending is an update that is about to be applied. Its peer counts for Ahead
// alone.
type Pending struct {
	Peer   Peer
	Update *route.Update
}

// aheadMax bounds the elements that one call of Ahead looks at; the others are
// looked up when they are applied.
const aheadMax = 512

// ahead is what looking ahead found. Each step is taken for all updates before the
// next one, and touches memory without branching on what it reads: so the
// processor waits for many cache misses together, not for one after the other.
type ahead struct {
	paths []pathAhead
	asns  []route.ASN    // the tails of paths, back to back
	ids   []uint32       // their AS ids
	walks []int32        // paths that have hops to go
	elems [2][]elemAhead // by family
	sink  uint64         // what was touched ends here, so that the compiler keeps it
}

// pathAhead is a path of which the tree's part is found.
type pathAhead struct {
	from, to int32 // in asns
	left     int32 // hops that are not found, from the near end
	node     Node  // of those that are
	hash     uint64
	flags    PathFlags
	peer     Peer
}

// elemAhead is one route element of a family.
type elemAhead struct {
	prefix route.Prefix
	peer   Peer
	id     uint32
	slot   slot
	base   Base
}

// noAS stands in for an AS that found no room.
const noAS = ^uint32(0)

// Ahead looks up what applying updates will need. It changes no routes; PathAhead
// gives the paths, until the next call of Ahead, Path or Sweep.
func (r *RIB) Ahead(updates []Pending) {
	a := &r.ahead
	a.reset()
	for i := range updates {
		p := &updates[i]
		if len(p.Update.Announced) > 0 {
			r.pathBegins(p.Peer, &p.Update.Path)
		} else {
			a.paths = append(a.paths, pathAhead{peer: p.Peer})
		}
		for _, n := range p.Update.Withdrawn {
			a.add(p.Peer, n)
		}
		for _, n := range p.Update.Announced {
			a.add(p.Peer, n)
		}
	}
	r.walk()
	for i := range r.fam {
		if f := &r.fam[i]; f.index.n > 0 && len(a.elems[i]) > 0 {
			r.touchPrefixes(f, a.elems[i])
			r.touchRoutes(f, a.elems[i])
		}
	}
}

func (a *ahead) reset() {
	a.paths, a.asns, a.ids = a.paths[:0], a.asns[:0], a.ids[:0]
	a.walks = a.walks[:0]
	a.elems[0], a.elems[1] = a.elems[0][:0], a.elems[1][:0]
}

func (a *ahead) add(pe Peer, n route.NLRI) {
	list := &a.elems[n.Family>>1&1]
	if len(*list) == aheadMax {
		return
	}
	*list = append(*list, elemAhead{peer: pe, prefix: n.Prefix()})
}

// pathBegins cleans a path and enters its ASes.
func (r *RIB) pathBegins(pe Peer, path *route.Path) {
	a := &r.ahead
	tail, flags := r.clean(path, &r.peers[pe])
	from := int32(len(a.asns))
	a.asns = append(a.asns, tail...)
	for _, asn := range tail {
		id, ok := r.as.id(asn)
		if !ok {
			id = noAS
		}
		a.ids = append(a.ids, id)
	}
	if len(tail) > 0 {
		a.walks = append(a.walks, int32(len(a.paths)))
	}
	to := int32(len(a.asns))
	a.paths = append(a.paths, pathAhead{from: from, to: to, left: to - from, flags: flags, peer: pe})
}

// walk goes from each origin towards the vantage point, one hop of all paths at a
// time, as far as the tree goes.
func (r *RIB) walk() {
	a, t := &r.ahead, &r.tree
	for len(a.walks) > 0 {
		sum := uint64(0)
		for _, i := range a.walks {
			p := &a.paths[i]
			p.hash = childHash(p.node, a.ids[p.from+p.left-1])
			sum += uint64(t.index[p.hash>>t.shift])
		}
		for _, i := range a.walks {
			sum += uint64(t.nodes[t.guess(a.paths[i].hash)].as)
		}
		a.sink += sum
		rest := a.walks[:0]
		for _, i := range a.walks {
			p := &a.paths[i]
			n := t.find(p.hash, p.node, a.ids[p.from+p.left-1])
			if n == 0 {
				continue
			}
			p.node = n
			if p.left--; p.left > 0 {
				rest = append(rest, i)
			}
		}
		a.walks = rest
	}
}

// touchPrefixes finds the elements' prefixes.
func (r *RIB) touchPrefixes(f *family, elems []elemAhead) {
	sum := uint64(0)
	for i := range elems {
		sum += f.index.touch(elems[i].prefix)
	}
	for i := range elems {
		elems[i].id = f.index.find(elems[i].prefix)
	}
	r.ahead.sink += sum
}

// touchRoutes looks at what is known of the prefixes, of the peers' routes, and
// then at what these point to. Id 0 is a place like any other.
func (r *RIB) touchRoutes(f *family, elems []elemAhead) {
	sum := uint64(0)
	for i := range elems {
		elems[i].base = f.state[elems[i].id].base
	}
	for i := range elems { // column.get, taken apart: its call would cost a tenth of all
		e := &elems[i]
		if c := &f.columns[e.peer]; int(e.id>>chunkBits) < len(c.dense) {
			if chunk := c.dense[e.id>>chunkBits]; chunk != nil {
				e.slot = chunk[e.id&(1<<chunkBits-1)]
			}
		} else if c.dense == nil {
			e.slot = c.get(e.id)
		}
	}
	for i := range elems {
		sum += r.recent.touch(slotKey(f.route, elems[i].peer, elems[i].id))
	}
	for i := range elems {
		sum += uint64(r.tree.nodes[elems[i].slot.node()].length)
	}
	for i := range elems {
		sum += uint64(r.bases.arena.at(elems[i].base)[0])
	}
	r.ahead.sink += sum
}

// PathAhead is Path for the update at place i of the last call of Ahead.
func (r *RIB) PathAhead(i int, news bool) (Path, bool) {
	p := &r.ahead.paths[i]
	return r.finish(&r.peers[p.peer], r.ahead.asns[p.from:p.to], r.ahead.ids[p.from:p.to], p, news)
}

// touch reads the cell where a key would stand.
func (c *recent) touch(key uint64) uint64 {
	if len(c.cells) == 0 {
		return 0
	}
	return c.cells[flat.Hash64(key)>>c.shift]
}
