package correlate

import "detour/processor/flat"

// heldUnits are what was first seen on the routes of an incident. It stays
// fresh while the incident is open and is forgotten when it closes: a path that
// holds an open leaker teaches nothing (DETECTION §4).
type heldUnits struct {
	since   stamp // when the evidence of the incident began
	pairs   []uint64
	edges   []edgeID
	triples []uint64
	thirds  []uint64
}

// holdPath holds what the path taught since the incident began. A path is looked
// at once for an incident.
func (c *Correlator) holdPath(p *incident, id pathID) {
	if !c.paths.mark(id, p.opening) {
		return
	}
	path := c.paths.get(id)
	if len(path) == 0 {
		return
	}
	k, h, o := c.known, &p.units, path[len(path)-1]
	for i, x := range path[:len(path)-1] {
		next := path[i+1]
		if x == 0 || next == 0 {
			continue
		}
		if o != 0 && k.holdPair(x, o, h.since) {
			h.pairs = append(h.pairs, pack(x, o))
		}
		e := k.edgeID(x, next)
		if e == 0 {
			continue
		}
		if s, ok := holdStamp(k.edges[e].since, h.since); ok {
			k.edges[e].since = s
			h.edges = append(h.edges, e)
		}
		h.triples = holdIn(&k.triples, pack(uint32(e), o), h.since, h.triples)
		if i+2 < len(path) {
			h.thirds = holdIn(&k.thirds, pack(uint32(e), path[i+2]), h.since, h.thirds)
		}
	}
}

func holdIn(m *flat.Table[uint64, stamp], key uint64, since stamp, list []uint64) []uint64 {
	s := m.Get(key)
	if s == nil {
		return list
	}
	held, ok := holdStamp(*s, since)
	if *s = held; ok {
		list = append(list, key)
	}
	return list
}

// release forgets what was held. It leaves blanks behind, which no first report
// fills: which shards have still to report a node depends on their number, and
// one alone has none to report. A changed route that shows the unit to a prefix
// that lacked it fills them, see remember.
func (k *knowledge) release(h *heldUnits) {
	for _, key := range h.pairs {
		k.forgetPair(key)
	}
	for _, e := range h.edges {
		k.edges[e].since = never
	}
	for _, key := range h.triples {
		blank(&k.triples, key)
		if e := &k.edges[key>>32]; e.origins > 0 {
			e.origins--
		}
	}
	for _, key := range h.thirds {
		blank(&k.thirds, key)
	}
	k.blanks += len(h.edges) + len(h.triples) + len(h.thirds)
	*h = heldUnits{}
}

// remember fills the blanks about hop i of a path, which was told as new to its
// prefix.
func (k *knowledge) remember(path []asID, i int) {
	if k.blanks == 0 || i+1 >= len(path) {
		return
	}
	e := k.edgeID(path[i], path[i+1])
	if e == 0 {
		return
	}
	if !k.edges[e].since.seen() {
		k.edges[e].since = k.now
		k.blanks--
	}
	if key := pack(uint32(e), path[len(path)-1]); k.fill(&k.triples, key) {
		k.edges[e].origins++
	}
	if i+2 < len(path) {
		k.fill(&k.thirds, pack(uint32(e), path[i+2]))
	}
}

func (k *knowledge) fill(m *flat.Table[uint64, stamp], key uint64) bool {
	s := m.Get(key)
	if s == nil || *s != never {
		return false
	}
	*s = k.now
	k.blanks--
	return true
}

func blank(m *flat.Table[uint64, stamp], key uint64) {
	if s := m.Get(key); s != nil {
		*s = never
	}
}

// settle makes what was held old: it is normal from now on.
func (k *knowledge) settle(h *heldUnits) {
	for _, key := range h.pairs {
		k.fresh.at.Del(key)
	}
	for _, e := range h.edges {
		k.edges[e].since = ever
	}
	for _, key := range h.triples {
		if s := k.triples.Get(key); s != nil {
			*s = ever
		}
	}
	for _, key := range h.thirds {
		if s := k.thirds.Get(key); s != nil {
			*s = ever
		}
	}
	*h = heldUnits{}
}
