package correlate

import "slices"

// pathID names an interned path; 0 is no path, and differs from the path
// without hops (the peer is the origin).
type pathID = uint32

// pathTable holds each path once. Ids stay valid until sweep, which drops the
// paths that nobody names any more.
type pathTable struct {
	hops  []asID
	ends  []uint32 // path id is hops[ends[id-1]:ends[id]]
	cells []pathID // open addressing by content, a power of two, at most half full
	marks []uint32 // by path: the opening that has looked at it; 0 none
	limit int
	sweep int // number of paths at which to look for unused ones
}

const firstSweep = 1 << 16

// meanHops bounds the memory of paths by limit × meanHops ids.
const meanHops = 16

func newPathTable(limit int) *pathTable {
	return &pathTable{
		ends: make([]uint32, 1), marks: make([]uint32, 1), cells: make([]pathID, 64),
		limit: limit, sweep: min(firstSweep, limit),
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

// intern returns the id of a path, and false when the table is full.
func (p *pathTable) intern(path []asID) (pathID, bool) {
	mask := uint64(len(p.cells) - 1)
	at := hashPath(path) & mask
	for ; p.cells[at] != 0; at = (at + 1) & mask {
		if slices.Equal(p.get(p.cells[at]), path) {
			return p.cells[at], true
		}
	}
	if p.count() >= p.limit || len(p.hops)+len(path) > p.limit*meanHops {
		return 0, false
	}
	p.hops = append(p.hops, path...)
	p.ends = append(p.ends, uint32(len(p.hops)))
	p.marks = append(p.marks, 0)
	p.cells[at] = pathID(p.count())
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
	p.cells = make([]pathID, 2*len(p.cells))
	mask := uint64(len(p.cells) - 1)
	for id := pathID(1); int(id) <= p.count(); id++ {
		at := hashPath(p.get(id)) & mask
		for p.cells[at] != 0 {
			at = (at + 1) & mask
		}
		p.cells[at] = id
	}
}

// keep drops every path that visit does not show, and gives those that it
// shows their new ids in place.
func (p *pathTable) keep(visit func(rename func(*pathID))) {
	live := newPathTable(p.limit)
	names := make([]pathID, p.count()+1)
	visit(func(id *pathID) {
		if *id == 0 {
			return
		}
		if names[*id] == 0 {
			names[*id], _ = live.intern(p.get(*id)) // never full: it holds a part of what p holds
		}
		*id = names[*id]
	})
	live.sweep = min(max(firstSweep, 2*live.count()), p.limit)
	*p = *live
}

// hashPath mixes the hops; only the place in the table depends on it.
func hashPath(path []asID) uint64 {
	h := uint64(len(path)) * 0x9e3779b97f4a7c15
	for _, as := range path {
		h = (h ^ uint64(as)) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return h
}
