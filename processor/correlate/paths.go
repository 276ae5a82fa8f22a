package correlate

import (
	"slices"

	"detour/route"
)

// pathID names an interned path; 0 is no path, and differs from the path
// without hops (the peer is the origin).
type pathID = uint32

// pathTable holds each path once, by the ASNs of its hops, so that a path which
// is known already costs no look-up of each of them. Ids stay valid until sweep,
// which drops the paths that nobody names any more.
type pathTable struct {
	asns  []route.ASN // path id is asns[ends[id-1]:ends[id]]
	hops  []asID      // the same, by their ids
	ends  []uint32
	cells []pathCell // open addressing by content, a power of two, at most half full
	marks []uint32   // by path: the opening that has looked at it; 0 none
	limit int        `snapshot:"-"`
	sweep int        // number of paths at which to look for unused ones
}

// pathCell holds a part of the hash beside the id, so that few paths are
// compared in vain.
type pathCell struct {
	hash uint32
	id   pathID // 0 is an empty cell
}

// sweepLeast is the least number of paths at which unused ones are looked for.
const sweepLeast = 1 << 16

// meanHops bounds the memory of paths by limit × meanHops ids.
const meanHops = 16

func newPathTable(limit int) *pathTable {
	return &pathTable{
		ends: make([]uint32, 1), marks: make([]uint32, 1), cells: make([]pathCell, 64),
		limit: limit, sweep: min(sweepLeast, limit),
	}
}

func (p *pathTable) count() int { return len(p.ends) - 1 }

// get returns the hops of id, nearest first; nothing for no path.
func (p *pathTable) get(id pathID) []asID {
	if id == 0 {
		return nil
	}
	return p.hops[p.ends[id-1]:p.ends[id]]
}

func (p *pathTable) path(id pathID) []route.ASN { return p.asns[p.ends[id-1]:p.ends[id]] }

// find returns the id of a path, and 0 if it has none.
func (p *pathTable) find(path []route.ASN) pathID {
	return p.cells[p.place(path, hashPath(path))].id
}

// place returns the cell of a path, or the empty one where it belongs.
func (p *pathTable) place(path []route.ASN, hash uint64) uint64 {
	mask := uint64(len(p.cells) - 1)
	at := hash & mask
	for ; p.cells[at].id != 0; at = (at + 1) & mask {
		if p.cells[at].hash == uint32(hash>>32) && slices.Equal(p.path(p.cells[at].id), path) {
			break
		}
	}
	return at
}

// add enters a path that is not yet held, with the ids of its hops. It returns
// false when the table is full.
func (p *pathTable) add(path []route.ASN, hops []asID) (pathID, bool) {
	if p.count() >= p.limit || len(p.hops)+len(hops) > p.limit*meanHops {
		return 0, false
	}
	hash := hashPath(path)
	p.asns = append(p.asns, path...)
	p.hops = append(p.hops, hops...)
	p.ends = append(p.ends, uint32(len(p.hops)))
	p.marks = append(p.marks, 0)
	p.cells[p.place(path, hash)] = pathCell{uint32(hash >> 32), pathID(p.count())}
	if 2*p.count() > len(p.cells) {
		p.grow()
	}
	return pathID(p.count()), true
}

// mark notes that an opening of an incident has looked at a path, and reports
// whether it does so for the first time, or again after a sweep.
func (p *pathTable) mark(id pathID, by uint32) bool {
	if id == 0 || p.marks[id] == by {
		return false
	}
	p.marks[id] = by
	return true
}

func (p *pathTable) grow() {
	p.cells = make([]pathCell, 2*len(p.cells))
	for id := pathID(1); int(id) <= p.count(); id++ {
		hash := hashPath(p.path(id))
		p.cells[p.place(p.path(id), hash)] = pathCell{uint32(hash >> 32), id}
	}
}

// keep drops every path that neither visit shows nor an incident has looked at that
// is open, by its opening, and gives those that visit shows their new ids in place.
// Whether a path was looked at decides what is judged, so it must not be forgotten.
func (p *pathTable) keep(visit func(rename func(*pathID)), open map[uint32]bool) {
	live := newPathTable(p.limit)
	names := make([]pathID, p.count()+1)
	name := func(id pathID) pathID {
		if names[id] == 0 {
			names[id], _ = live.add(p.path(id), p.get(id)) // never full: it holds a part of what p holds
			live.marks[names[id]] = p.marks[id]
		}
		return names[id]
	}
	for id := pathID(1); int(id) <= p.count(); id++ {
		if open[p.marks[id]] {
			name(id)
		}
	}
	visit(func(id *pathID) {
		if *id != 0 {
			*id = name(*id)
		}
	})
	live.sweep = min(max(sweepLeast, 2*live.count()), p.limit)
	*p = *live
}

// hashPath mixes the hops; only the place in the table depends on it.
func hashPath(path []route.ASN) uint64 {
	h := uint64(len(path)) * 0x9e3779b97f4a7c15
	for _, as := range path {
		h = (h ^ uint64(as)) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return h * 0x9e3779b97f4a7c15
}
