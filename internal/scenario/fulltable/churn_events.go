package fulltable

import (
	"slices"

	"detour/internal/scenario/chance"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// back takes a change back.
type back struct {
	prefixes []route.Prefix
	changes  []change
}

// change is what one peer does.
type change struct {
	peer          int
	before, after []route.ASN   // nil for none
	tried         [][]route.ASN // on the way from one to the other
}

// prepends lets the origin make its path longer.
func (r *churning) prepends(now route.Time, a patch) int {
	plan := a.Plan()
	more := slices.Repeat([]route.ASN{a.Origin}, 1+r.rng.IntN(3))
	seed := &plan.Seeds[r.rng.IntN(len(plan.Seeds))]
	seed.Path = slices.Concat(more, seed.Path)
	return r.apply(now, a, plan, 0)
}

// failsOver cuts a link of the origin that a peer's path uses.
func (r *churning) failsOver(now route.Time, a patch) int {
	plan := a.Plan()
	if path := r.somePath(plan); len(path) > 1 {
		plan.Cut = [][2]route.ASN{{path[len(path)-2], path[len(path)-1]}}
	}
	return r.apply(now, a, plan, 40)
}

// flips lets one AS choose otherwise among equal paths.
func (r *churning) flips(now route.Time, a patch) int {
	plan := a.Plan()
	if path := r.somePath(plan); len(path) > 0 {
		plan.Resalt = []route.ASN{path[r.rng.IntN(len(path))]}
	}
	return r.apply(now, a, plan, 5)
}

// flaps takes the prefixes away.
func (r *churning) flaps(now route.Time, a patch) int {
	return r.apply(now, a, topo.Plan{}, 60)
}

// coneMax bounds how many customers of one provider move at once.
const coneMax = 25

// upstream cuts a link between a provider of the origin and one of its own, for
// some of the provider's customers.
func (r *churning) upstream(now route.Time, a patch) int {
	path := r.somePath(a.Plan())
	if len(path) < 3 {
		return 1
	}
	provider, above := path[len(path)-2], path[len(path)-3]
	n := 0
	customers := r.table.Graph().Customers(provider)
	from := r.rng.IntN(len(customers) + 1)
	for i := range min(len(customers), coneMax) {
		for _, b := range r.table.Atoms(customers[(from+i)%len(customers)]) {
			if p, ok := r.patch(b, now); ok {
				plan := b.Plan()
				plan.Cut = [][2]route.ASN{{provider, above}}
				n += r.apply(now, p, plan, 30)
			}
		}
	}
	return max(n, 1)
}

// duplicate sends again what some peers have.
func (r *churning) duplicate(now route.Time, a patch) int {
	r.solver.Solve(a.Plan())
	n := 0
	for range 1 + r.rng.IntN(3) {
		peer := r.rng.IntN(len(r.vps))
		path, ok := r.solver.Path(nil, r.vps[peer])
		if !ok {
			continue
		}
		at := now + 2*grain + route.Time(r.rng.Int64N(int64(2*route.Second)))
		n += r.put(at, peer, a.run, path)
	}
	r.duplicates += n
	a.keep(now + 4*route.Second)
	return max(n, 1)
}

// somePath returns a random peer's path under plan without prepends, nil if it
// has none.
func (r *churning) somePath(plan topo.Plan) []route.ASN {
	r.solver.Solve(plan)
	path, _ := r.solver.Path(nil, r.vps[r.rng.IntN(len(r.vps))])
	return slices.Compact(path)
}

// apply moves every peer from its path to that under plan, and puts the way
// back on the agenda. Of the peers that change, explore percent try other paths
// first. It returns the number of elements of both.
func (r *churning) apply(now route.Time, a patch, plan topo.Plan, explore int) int {
	r.solver.Solve(a.Plan())
	var changes []change
	for i, vp := range r.vps {
		c := change{peer: i}
		c.before, _ = r.solver.Path(nil, vp)
		if r.rng.IntN(100) < explore {
			c.tried = r.others(vp)
		}
		changes = append(changes, c)
	}
	r.solver.Solve(plan)
	changes = slices.DeleteFunc(changes, func(c change) bool {
		after, _ := r.solver.Path(nil, r.vps[c.peer])
		return slices.Equal(c.before, after)
	})
	if len(changes) == 0 {
		return 1
	}
	a, dark := r.spare(now, a, changes)
	if len(a.run) == 0 {
		return 1
	}
	n := 0
	for i := range changes {
		c := &changes[i]
		c.after, _ = r.solver.Path(nil, r.vps[c.peer])
		n += r.send(now, a.run, *c)
		c.tried = nil
	}
	u := r.rng.Float64()
	over := now + holdMin + route.Time(u*u*float64(holdMax-holdMin))
	r.backs.put(over, back{a.run, changes})
	a.keep(over + settleMax)
	if dark {
		r.dark[a.Origin] = append(r.dark[a.Origin], darkness{over + settleMax, len(a.run)})
	}
	return 2 * n
}

// spare keeps an origin of three prefixes or more from losing most of them at a
// time at many peers: that would be an outage, and no ordinary traffic. A steady
// one loses none. It returns what of the patch may change, and whether it goes for many.
func (r *churning) spare(now route.Time, a patch, changes []change) (patch, bool) {
	lost := 0
	for _, c := range changes {
		if _, ok := r.solver.Path(nil, r.vps[c.peer]); !ok {
			lost++
		}
	}
	n := len(r.table.Prefixes(a.Origin))
	steady := r.cfg.Steady != nil && r.cfg.Steady(a.Origin)
	if 3*lost < len(r.vps) || n < 3 && !steady {
		return a, false
	}
	most := n / 2
	if steady {
		most = 0
	}
	r.dark[a.Origin] = slices.DeleteFunc(r.dark[a.Origin], func(d darkness) bool { return d.until < now })
	for _, d := range r.dark[a.Origin] {
		most -= d.prefixes
	}
	most = max(0, min(most, len(a.run)))
	a.run, a.busy = a.run[:most], a.busy[:most]
	return a, true
}

// darkness is how many prefixes of an origin are gone at many peers until when.
type darkness struct {
	until    route.Time
	prefixes int
}

// takeBack lets peers return, without detours.
func (r *churning) takeBack(at route.Time, b back) {
	for _, c := range b.changes {
		r.send(at, b.prefixes, change{peer: c.peer, before: c.after, after: c.before})
	}
}

// others returns up to three paths that a peer would try if its own went.
func (r *churning) others(vp route.ASN) [][]route.ASN {
	var out [][]route.ASN
	for _, next := range r.solver.Alternatives(vp) {
		if path, ok := r.solver.Path([]route.ASN{vp}, next); ok {
			out = append(out, path)
		}
		if len(out) == 1+r.rng.IntN(3) {
			break
		}
	}
	return out
}

// send puts one peer's change on the agenda and returns the number of elements.
func (r *churning) send(now route.Time, run []route.Prefix, c change) int {
	h := chance.Mix(r.seed, uint64(c.peer), 6)
	at := now + 2*grain + chance.Between(h, 0, 12*route.Second) + route.Time(r.rng.Int64N(int64(3*route.Second)))
	n := 0
	held := c.before
	for _, path := range append(c.tried, c.after) {
		if !slices.Equal(path, held) {
			n += r.put(at, c.peer, run, path)
			held = path
		}
		at += route.Second + route.Time(r.rng.Int64N(int64(6*route.Second)))
	}
	return n
}

// put sends a path, nil to withdraw, for some prefixes.
func (r *churning) put(at route.Time, peer int, run []route.Prefix, path []route.ASN) int {
	for _, p := range run {
		r.out.put(at, scenario.Element{At: at, Peer: uint32(peer), Kind: route.KindUpdate, Prefix: p, Path: path})
	}
	if path != nil {
		r.announced += len(run)
	}
	return len(run)
}
