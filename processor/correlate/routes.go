package correlate

import "detour/processor/flat"

// routeTable holds in which incident a route is, by prefix and session. The
// sessions of a prefix stand 64 to a word: nearly all routes of a prefix that
// are bad are in one incident, and one word serves them all.
type routeTable struct {
	words  flat.Table[uint64, routeWord] // by prefix, session/64
	others flat.Table[uint64, uint32]    // by prefix, session: of those whose word is another incident's
	n      int
}

// routeWord says which of 64 sessions have a route in the incident of a slot.
type routeWord struct {
	bits uint64
	slot uint32
}

func wordKey(prefix prefixID, session uint32) (key, bit uint64) {
	return pack(prefix, session>>6), 1 << (session & 63)
}

func (r *routeTable) len() int { return r.n }

// find returns the slot of the incident that holds a route.
func (r *routeTable) find(prefix prefixID, session uint32) (slot uint32, ok bool) {
	if prefix == 0 {
		return 0, false
	}
	key, bit := wordKey(prefix, session)
	if w := r.words.Get(key); w != nil && w.bits&bit != 0 {
		return w.slot, true
	}
	if o := r.others.Get(pack(prefix, session)); o != nil {
		return *o, true
	}
	return 0, false
}

// put brings a route that no incident holds into that of slot; one that an
// incident holds stays there, and its slot is returned.
func (r *routeTable) put(prefix prefixID, session, slot uint32) (was uint32, held bool) {
	if o := r.others.Get(pack(prefix, session)); o != nil {
		return *o, true
	}
	key, bit := wordKey(prefix, session)
	w, added := r.words.Put(key)
	switch {
	case w.bits&bit != 0:
		return w.slot, true
	case added:
		w.slot = slot
		fallthrough
	case w.slot == slot:
		w.bits |= bit
	default:
		o, _ := r.others.Put(pack(prefix, session))
		*o = slot
	}
	r.n++
	return slot, false
}

// del takes a route out of its incident.
func (r *routeTable) del(prefix prefixID, session uint32) {
	key, bit := wordKey(prefix, session)
	if w := r.words.Get(key); w != nil && w.bits&bit != 0 {
		if w.bits &^= bit; w.bits == 0 {
			r.words.Del(key)
		}
		r.n--
		return
	}
	before := r.others.Len()
	r.others.Del(pack(prefix, session))
	r.n += r.others.Len() - before
}
