package oracle

import (
	"slices"

	"detour/route"
)

func (s *Shard) periodOf(p route.Prefix) route.Time {
	phase := route.Time(s.hash(p) % uint64(ageTime))
	return (s.now + phase) / ageTime
}

// touch lets newcomers enter the baseline, then ages it (§3).
func (s *Shard) touch(st *prefixState) {
	s.settle(st)
	period := s.periodOf(st.prefix)
	if period <= st.period {
		return
	}
	st.period = period
	if st.known {
		g, any := s.heldRoutes(st, st.holds)
		st.old = st.current.clone()
		if any {
			st.current = g
		}
	}
}

// settle ends the HOLD of newcomers.
func (s *Shard) settle(st *prefixState) {
	var entered []route.ASN
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
			entered = append(entered, w.asn)
		}
	}
	for _, u := range st.upRoutes() {
		for _, a := range entered {
			if slices.Contains(u.onPath(), a) && (u.loose() || !st.current.origins[u.origin]) {
				st.current.loose = true
			}
		}
	}
}

// heldRoutes returns the ASes and origins of the slots that are up and held and
// whose path is wanted.
func (s *Shard) heldRoutes(st *prefixState, want func(path) bool) (g generation, any bool) {
	g = emptyGeneration()
	for _, sl := range st.slots {
		if s.held(sl) && want(sl.path) {
			g.add(sl.path)
			any = true
		}
	}
	return g, any
}

// upRoutes returns the paths of all routes that are up; extra ADD-PATH ids are
// as long as they are known.
func (st *prefixState) upRoutes() (all []path) {
	for _, sl := range st.slots {
		if !sl.down {
			all = append(all, sl.path)
		}
	}
	for _, d := range st.ids {
		for _, u := range d.extras {
			all = append(all, u)
		}
	}
	return all
}

// uses reports whether a route that is up runs through w.
func (st *prefixState) uses(w who) bool {
	g := emptyGeneration()
	for _, u := range st.upRoutes() {
		g.add(u)
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
		st.current, _ = s.heldRoutes(st, func(path) bool { return true })
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
