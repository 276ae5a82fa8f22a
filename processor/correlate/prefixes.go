package correlate

import (
	"detour/processor/flat"
	"detour/route"
)

// prefixID names a prefix that evidence spoke of lately; 0 is none.
type prefixID = uint32

// prefixTable gives prefixes ids for as long as something refers to them: a
// window, the recent evidence, or an incident.
type prefixTable struct {
	ids4    flat.Table[uint64, prefixID]
	ids6    map[route.Prefix]prefixID
	entries []prefixEntry // by id
	free    []prefixID
	sweep   int        // number of entries at which to look for unused ones
	again   route.Time // what was used before this is not looked for once more
	limit   int        `snapshot:"-"`
	refused *uint64    `snapshot:"-"`
}

// dropPause keeps a full table from being looked through for every prefix.
const dropPause = 10 * route.Second

type prefixEntry struct {
	prefix route.Prefix
	used   route.Time // last
	refs   uint32     // incidents that hold it
	parts  uint32     // of those, in how many it is a new part of a known prefix
	in, at uint32     // the last of them, by its slot plus one, and the place in its list
}

const firstPrefixSweep = 1 << 14

func newPrefixTable(limit int, refused *uint64) prefixTable {
	return prefixTable{
		ids6: make(map[route.Prefix]prefixID), entries: make([]prefixEntry, 1),
		sweep: min(firstPrefixSweep, limit), limit: limit, refused: refused,
	}
}

// id returns the id of a prefix that is used at t; 0 at the limit. What was not
// used since before may lose its id.
func (p *prefixTable) id(prefix route.Prefix, t, before route.Time) prefixID {
	if id := p.find(prefix); id != 0 {
		e := &p.entries[id]
		e.used = max(e.used, t)
		return id
	}
	if p.count() >= p.sweep && before >= p.again {
		p.drop(before)
		p.again = before + dropPause
	}
	if p.count() >= p.limit {
		*p.refused++
		return 0
	}
	e := prefixEntry{prefix: prefix, used: t}
	id := prefixID(len(p.entries))
	if n := len(p.free); n > 0 {
		id, p.free = p.free[n-1], p.free[:n-1]
		p.entries[id] = e
	} else {
		p.entries = append(p.entries, e)
	}
	if prefix.Family == route.IPv4 {
		v, _ := p.ids4.Put(key4(prefix))
		*v = id
	} else {
		p.ids6[prefix] = id
	}
	return id
}

// find returns the id of a prefix, 0 if it has none.
func (p *prefixTable) find(prefix route.Prefix) prefixID {
	if prefix.Family != route.IPv4 {
		return p.ids6[prefix]
	}
	if id := p.ids4.Get(key4(prefix)); id != nil {
		return *id
	}
	return 0
}

// held reports whether an incident that is open, or was lately, has the prefix.
func (p *prefixTable) held(prefix route.Prefix) bool {
	id := p.find(prefix)
	return id != 0 && p.entries[id].refs > 0
}

func (p *prefixTable) count() int { return p.ids4.Len() + len(p.ids6) }

// key4 packs an IPv4 prefix into a word that is never 0.
func key4(p route.Prefix) uint64 { return p.Hi | uint64(p.Bits)<<1 | 1 }

// drop takes back the ids that nothing has used since before.
func (p *prefixTable) drop(before route.Time) {
	for id := 1; id < len(p.entries); id++ {
		e := &p.entries[id]
		if e.prefix.Family == 0 || e.refs > 0 || e.used >= before {
			continue
		}
		if e.prefix.Family == route.IPv4 {
			p.ids4.Del(key4(e.prefix))
		} else {
			delete(p.ids6, e.prefix)
		}
		*e = prefixEntry{}
		p.free = append(p.free, prefixID(id))
	}
	p.sweep = min(p.limit, max(firstPrefixSweep, 2*p.count()))
}

func (p *prefixTable) prefix(id prefixID) route.Prefix { return p.entries[id].prefix }
