package oracle

import "detour/route"

func (s *Shard) periodOf(p route.Prefix) route.Time {
	phase := route.Time(s.hash(p) % uint64(ageTime))
	return (s.now + phase) / ageTime
}

// touch ages the baseline, then lets newcomers enter it (§3).
func (s *Shard) touch(st *prefixState) {
	if period := s.periodOf(st.prefix); st.period < period {
		st.period = period
		if st.known {
			st.old = st.current.clone()
			if g, any := s.heldRoutes(st); any {
				st.current = g
			}
		}
	}
	for w, first := range st.newcomers {
		if int64(s.now/route.Second)-first < holdSeconds {
			continue
		}
		delete(st.newcomers, w)
		if !st.uses(w) {
			continue
		}
		st.inherited = false
		if w.origin {
			st.current.origins[w.asn] = true
		} else {
			st.current.ases[w.asn] = true
		}
	}
}

// heldRoutes returns the ASes and origins of the slots that are up and held.
func (s *Shard) heldRoutes(st *prefixState) (g generation, any bool) {
	g = emptyGeneration()
	for _, sl := range st.slots {
		if s.held(sl) {
			g.add(sl.path)
			any = true
		}
	}
	return g, any
}

// uses reports whether a route that is up runs through w; the routes of extra
// ADD-PATH ids are up as long as they are known.
func (st *prefixState) uses(w who) bool {
	g := emptyGeneration()
	for _, sl := range st.slots {
		if !sl.down {
			g.add(sl.path)
		}
	}
	for _, d := range st.ids {
		for _, u := range d.extras {
			g.add(u)
		}
	}
	if w.origin {
		return g.origins[w.asn]
	}
	return g.ases[w.asn]
}

// judgeOld judges the path of a slot that is about to change (§4.4).
func (s *Shard) judgeOld(st *prefixState, sl *slot) {
	if !s.held(sl) || st.known && !st.holds(sl.path) {
		return
	}
	sl.heldLength()
	if !st.known {
		st.current, _ = s.heldRoutes(st)
		st.known = true
	}
	st.inherited = false
	st.dropKnownNewcomers()
}

// holds reports whether every on-path hop of u is in the baseline, and its
// origin is or is unknown.
func (st *prefixState) holds(u path) bool {
	for _, a := range u.onPath() {
		if !st.has(who{asn: a}) {
			return false
		}
	}
	return u.origin == 0 || st.has(who{u.origin, true})
}

func (st *prefixState) dropKnownNewcomers() {
	for w := range st.newcomers {
		if st.has(w) {
			delete(st.newcomers, w)
		}
	}
}

// register notes the newcomers of u: judged hops, then the origin (§4.6).
func (s *Shard) register(st *prefixState, u path) {
	if !st.known {
		return
	}
	var all []who
	for _, i := range u.judgedHops() {
		all = append(all, who{asn: u.tail[i]})
	}
	if u.origin != 0 {
		all = append(all, who{u.origin, true})
	}
	for _, w := range all {
		_, listed := st.newcomers[w]
		switch {
		case st.has(w) || listed:
		case len(st.newcomers) >= maxNewcomers:
			s.RefusedNewcomers++
		default:
			st.newcomers[w] = int64(s.now / route.Second)
		}
	}
}
