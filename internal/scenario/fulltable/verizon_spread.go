package fulltable

import (
	"cmp"
	"slices"

	"detour/internal/scenario/chance"

	"detour/internal/scenario/topo"
	"detour/route"
)

// spreader finds who hears what of each unit.
type spreader struct {
	v      *Verizon
	solver *topo.Solver
	vps    []route.ASN
	way    [][]route.ASN // by peer: its path to the propagator; nil without
	forced []bool        // by peer; nil: nobody is forced
	cuts   [][2]route.ASN
	buf    []route.ASN
	heard  []bool // by peer
}

// newSpreader finds the peers' ways to the propagator.
func newSpreader(v *Verizon) *spreader {
	s := &spreader{v: v, solver: v.table.NewSolver(), vps: v.table.PeerASNs()}
	s.heard = make([]bool, len(s.vps))
	s.ways()
	for _, x := range v.table.Graph().Peers(Propagator) { // half of its peerings go first at the end
		if chance.Mix(v.seed, uint64(x))%2 == 0 {
			s.cuts = append(s.cuts, [2]route.ASN{Propagator, x})
		}
	}
	return s
}

// spread lays out every chosen prefix and the paths at every peer.
func (s *spreader) spread(origins []*victim) {
	v := s.v
	for _, o := range origins {
		exact, parts := o.take(v.cfg.Exact)
		for i, t := range o.atoms {
			s.unit(t, exact, i, true)
			s.unit(t, parts, i, false)
		}
		v.facts.Prefixes += len(exact) + len(parts)
		v.facts.MoreSpecifics += len(parts)
		v.facts.Origins++
	}
	for _, h := range s.heard {
		if h {
			v.facts.Peers++
		}
	}
}

// ways finds every peer's path to the propagator and, where peers are forced,
// the nearest of those that do not sit there themselves.
func (s *spreader) ways() {
	s.solver.Solve(topo.Own(Propagator))
	s.way = make([][]route.ASN, len(s.vps))
	order := make([]int, len(s.vps))
	for i, a := range s.vps {
		s.way[i], _ = s.solver.Path(nil, a)
		order[i] = i
	}
	n := s.v.cfg.Peers
	if n <= 0 {
		return
	}
	distance := func(i int) int {
		w := s.way[i]
		switch {
		case len(w) == 0 || slices.Contains(w, s.v.cfg.Behind) || slices.Contains(w, Source):
			return 1000
		case len(w) == 1:
			return 100
		}
		return len(w)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(distance(a), distance(b)) })
	s.forced = make([]bool, len(s.vps))
	for _, i := range order[:min(n, len(order))] {
		s.forced[i] = true
	}
}

// unit adds the picks of one atom and their paths.
func (s *spreader) unit(t target, picks []pick, atom int, exact bool) {
	first := len(s.v.leaked)
	for _, p := range picks {
		if p.atom == atom {
			s.v.leaked = append(s.v.leaked, leakedRoute{prefix: p.prefix, unit: int32(len(s.v.bases))})
		}
	}
	if len(s.v.leaked) == first {
		return
	}
	u := unit{origin: t.atom.Origin, exact: exact}
	leak := leakOf(t)
	var plan topo.Plan
	if exact {
		plan = t.atom.Plan()
		s.solver.Solve(plan)
		u.before = s.paths(func(path []route.ASN, _ int) []route.ASN { return path })
	}
	plan.Seeds = append(plan.Seeds, leak)
	s.solver.Solve(plan)
	u.leak = s.paths(func(path []route.ASN, peer int) []route.ASN {
		var before []route.ASN
		if exact {
			before = s.v.paths.get(u.before + peer)
		}
		return s.leakAt(path, peer, leak, s.kept(peer, before))
	})
	plan.Cut = s.cuts
	s.solver.Solve(plan)
	u.later = s.paths(func(path []route.ASN, peer int) []route.ASN {
		now := s.v.paths.get(u.leak + peer)
		if path = s.natural(path, peer, leak); now == nil || slices.Equal(path, now) {
			return nil
		}
		return path
	})
	s.v.bases = append(s.v.bases, u)
}

// paths stores what choose makes of every peer's best path and returns the
// place of the first.
func (s *spreader) paths(choose func(path []route.ASN, peer int) []route.ASN) int {
	first := len(s.v.paths.at)
	for i, a := range s.vps {
		s.buf, _ = s.solver.Path(s.buf[:0], a)
		s.v.paths.add(choose(s.buf, i))
	}
	return first
}

// natural returns the path if it is a leaked one.
func (s *spreader) natural(path []route.ASN, peer int, leak topo.Seed) []route.ASN {
	if !s.chose(s.solver, peer, leak) {
		return nil
	}
	return path
}

// chose reports whether a peer's best route in a solution is the leaked one.
func (s *spreader) chose(solver *topo.Solver, peer int, leak topo.Seed) bool {
	r, ok := solver.Route(s.vps[peer])
	return ok && slices.Equal(solver.Plan().Seeds[r.Seed].Path, leak.Path)
}

// kept returns the way to the propagator that a peer would keep to though
// shorter paths exist: any if it is forced, else the one that its path to the
// prefix takes already. Operators prefer a provider whatever the length of its
// paths; without that no leak of an exact prefix would spread in this model.
func (s *spreader) kept(peer int, before []route.ASN) []route.ASN {
	if s.forced != nil {
		return s.way[peer]
	}
	return before[:slices.Index(before, Propagator)+1]
}

// takes reports whether a peer hears of a leak: by choice, or on the way that it
// keeps to.
func (s *spreader) takes(solver *topo.Solver, peer int, leak topo.Seed, way []route.ASN) bool {
	if s.forced != nil && !s.forced[peer] {
		return false
	}
	return s.chose(solver, peer, leak) || len(way) > 0 && !meet(way, leak.Path)
}

// leakAt returns the leaked path of a peer, nil if it does not hear of it.
func (s *spreader) leakAt(path []route.ASN, peer int, leak topo.Seed, way []route.ASN) []route.ASN {
	if !s.takes(s.solver, peer, leak, way) {
		return nil
	}
	s.heard[peer] = true
	if s.chose(s.solver, peer, leak) {
		return path
	}
	return slices.Concat(way, leak.Path)
}

func meet(a, b []route.ASN) bool {
	return slices.ContainsFunc(a, func(x route.ASN) bool { return slices.Contains(b, x) })
}
