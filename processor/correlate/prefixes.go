package correlate

import "detour/route"

// prefixID names a prefix that evidence spoke of lately; 0 is none.
type prefixID = uint32

// prefixTable gives prefixes ids for as long as something refers to them: a
// window, the recent evidence, or an incident.
type prefixTable struct {
	ids     map[route.Prefix]prefixID
	entries []prefixEntry // by id
	free    []prefixID
	sweep   int        // number of entries at which to look for unused ones
	again   route.Time // what was used before this is not looked for once more
	limit   int
	refused *uint64
}

// dropPause keeps a full table from being looked through for every prefix.
const dropPause = 10 * route.Second

type prefixEntry struct {
	prefix route.Prefix
	used   route.Time // last
	refs   uint32     // incidents that hold it
}

const firstPrefixSweep = 1 << 14

func newPrefixTable(limit int, refused *uint64) prefixTable {
	return prefixTable{
		ids: make(map[route.Prefix]prefixID), entries: make([]prefixEntry, 1),
		sweep: min(firstPrefixSweep, limit), limit: limit, refused: refused,
	}
}

// id returns the id of a prefix that is used at t; 0 at the limit. What was not
// used since before may lose its id.
func (p *prefixTable) id(prefix route.Prefix, t, before route.Time) prefixID {
	if id := p.ids[prefix]; id != 0 {
		e := &p.entries[id]
		e.used = max(e.used, t)
		return id
	}
	if len(p.ids) >= p.sweep && before >= p.again {
		p.drop(before)
		p.again = before + dropPause
	}
	if len(p.ids) >= p.limit {
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
	p.ids[prefix] = id
	return id
}

// drop takes back the ids that nothing has used since before.
func (p *prefixTable) drop(before route.Time) {
	for id := 1; id < len(p.entries); id++ {
		e := &p.entries[id]
		if e.prefix.Family == 0 || e.refs > 0 || e.used >= before {
			continue
		}
		delete(p.ids, e.prefix)
		*e = prefixEntry{}
		p.free = append(p.free, prefixID(id))
	}
	p.sweep = min(p.limit, max(firstPrefixSweep, 2*len(p.ids)))
}

func (p *prefixTable) prefix(id prefixID) route.Prefix { return p.entries[id].prefix }
