package fulltable

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"detour/internal/scenario/topo"
	"detour/route"
)

// chooser picks the origins and prefixes of the leak.
type chooser struct {
	v      *Verizon
	s      *spreader
	rng    *rand.Rand
	solver *topo.Solver // of whom the source learned from, and of some peers
	sample []int        // these peers, one of which must hear of a prefix; not the propagator if there are others
	origin []*victim
}

// victim is one origin with what of it could be leaked.
type victim struct {
	asn          route.ASN
	atoms        []target
	exact, parts []pick // unused first
	share        int    // prefixes to leak
}

// target is an atom that reaches the source without passing the leak's networks.
type target struct {
	atom topo.Atom
	path []route.ASN // of whom the source learned from, to the origin
}

// pick is one prefix that could be leaked.
type pick struct {
	prefix route.Prefix
	atom   int // in victim.atoms
}

// sampleMax bounds how many peers are asked whether they hear of a prefix.
const sampleMax = 20

func newChooser(v *Verizon, s *spreader) *chooser {
	c := &chooser{v: v, s: s, rng: rand.New(rand.NewPCG(v.seed, 0x32303139))}
	ask := []route.ASN{v.cfg.Behind}
	add := func(i int) {
		if a := s.vps[i]; len(c.sample) < sampleMax && (s.forced == nil || s.forced[i]) {
			c.sample, ask = append(c.sample, i), append(ask, a)
		}
	}
	at := slices.Index(s.vps, Propagator)
	for i := range s.vps {
		if i != at {
			add(i)
		}
	}
	if at >= 0 && len(c.sample) == 0 {
		add(at)
	}
	c.solver = v.table.Graph().NewSolver(ask)
	return c
}

// audible reports whether a peer of the sample hears of a leak under plan; ways
// are those of the sample that its peers keep to.
func (c *chooser) audible(plan topo.Plan, leak topo.Seed, ways [][]route.ASN) bool {
	plan.Seeds = append(plan.Seeds, leak)
	c.solver.Solve(plan)
	for i, peer := range c.sample {
		if c.s.takes(c.solver, peer, leak, ways[i]) {
			return true
		}
	}
	return false
}

// heads are networks that accounts of the day name as hit, AS13335 first.
func heads() []route.ASN {
	return []route.ASN{13335, 16509, 20940, 32934, 714, 15169, 63949, 54113, 2906, 8075}
}

// mustLeak are more-specifics that accounts of the day name.
func mustLeak() []route.Prefix {
	return []route.Prefix{
		route.MustPrefix("104.20.0.0/21"), route.MustPrefix("104.20.8.0/21"), route.MustPrefix("52.84.32.0/22"),
	}
}

// choose picks origins and how many prefixes each gives, and then which.
func (c *chooser) choose() error {
	want := c.v.cfg.Origins
	all := slices.Clone(c.v.table.Graph().ASNs())
	c.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, a := range append(heads(), all...) {
		if len(c.origin) == want {
			break
		}
		if len(c.origin) >= len(heads()) && slices.Contains(heads(), a) {
			continue
		}
		if o := c.victim(a); o != nil {
			c.origin = append(c.origin, o)
		}
	}
	if len(c.origin) < want {
		return fmt.Errorf("%d origins can be leaked, want %d", len(c.origin), want)
	}
	if n := min(len(heads()), want); want > n {
		slices.SortStableFunc(c.origin[n:], func(a, b *victim) int { return cmp.Compare(b.supply(), a.supply()) })
	}
	return c.divide()
}

func (o *victim) supply() int { return len(o.exact) + len(o.parts) }

// victim returns what of an origin could be leaked, nil if nothing.
func (c *chooser) victim(a route.ASN) *victim {
	if slices.Contains([]route.ASN{Propagator, Leaker, Source, c.v.cfg.Behind}, a) {
		return nil
	}
	o := &victim{asn: a}
	for _, atom := range c.v.table.Atoms(a) {
		c.solver.Solve(atom.Plan())
		path, ok := c.solver.Path(nil, c.v.cfg.Behind)
		if !ok || slices.ContainsFunc(path, func(b route.ASN) bool { return b == Propagator || b == Leaker || b == Source }) {
			continue
		}
		c.add(o, target{atom, path})
	}
	if o.supply() == 0 {
		return nil
	}
	for _, list := range [][]pick{o.exact, o.parts} {
		c.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	must := mustLeak()
	slices.SortStableFunc(o.parts, func(x, y pick) int {
		is := func(p pick) int { return map[bool]int{false: 1}[slices.Contains(must, p.prefix)] }
		return cmp.Compare(is(x), is(y))
	})
	return o
}

// add lists what of an atom somebody would hear of.
func (c *chooser) add(o *victim, t target) {
	leak := leakOf(t)
	kept, forced := make([][]route.ASN, len(c.sample)), make([][]route.ASN, len(c.sample))
	for i, peer := range c.sample { // the solver still holds the atom's own announcement
		path, _ := c.solver.Path(nil, c.s.vps[peer])
		kept[i], forced[i] = c.s.kept(peer, path), c.s.kept(peer, nil)
	}
	exact, parts := c.audible(t.atom.Plan(), leak, kept), c.audible(topo.Plan{}, leak, forced)
	n := len(o.atoms)
	o.atoms = append(o.atoms, t)
	for _, p := range t.atom.Prefixes {
		if p.Family != route.IPv4 {
			continue
		}
		if exact {
			o.exact = append(o.exact, pick{p, n})
		}
		for _, half := range halves(p) {
			if parts && !c.v.table.Has(o.asn, half) {
				o.parts = append(o.parts, pick{half, n})
			}
		}
	}
}

// leakOf is what the leaker says of a target, to the propagator alone.
func leakOf(t target) topo.Seed {
	return topo.Seed{
		At: Leaker, Path: append([]route.ASN{Leaker, Source}, t.path...), To: []route.ASN{Propagator},
	}
}

// halves returns the two more-specifics of p, none where they would be too long
// to spread.
func halves(p route.Prefix) []route.Prefix {
	if p.Bits >= 24 {
		return nil
	}
	lo, hi := p, p
	lo.Bits++
	hi.Bits++
	hi.Hi |= 1 << (64 - hi.Bits)
	return []route.Prefix{lo, hi}
}

// divide gives rank k of the origins a share of 1/k as far as it has prefixes,
// at least one; what is missing then comes from those that have more, without
// overtaking the first.
func (c *chooser) divide() error {
	harmonic := 0.0
	for k := range c.origin {
		harmonic += 1 / float64(k+1)
	}
	sum := 0
	for k, o := range c.origin {
		want := int(float64(c.v.cfg.Prefixes)/harmonic/float64(k+1) + 0.5)
		o.share = min(max(want, 1), o.supply())
		sum += o.share
	}
	for moved := true; sum < c.v.cfg.Prefixes && moved; {
		moved = false
		for k, o := range c.origin {
			most := o.supply()
			if k > 0 {
				most = min(most, c.origin[0].share-1)
			}
			if more := min(most-o.share, 1+o.share/10, c.v.cfg.Prefixes-sum); more > 0 {
				o.share += more
				sum += more
				moved = true
			}
		}
	}
	if sum < c.v.cfg.Prefixes {
		return fmt.Errorf("%d prefixes can be leaked, want %d", sum, c.v.cfg.Prefixes)
	}
	return nil
}

// take splits an origin's share into prefixes of the table and parts of them.
func (o *victim) take(exactPercent int) (exact, parts []pick) {
	n := min((o.share*exactPercent+50)/100, len(o.exact))
	if rest := o.share - n; rest > len(o.parts) {
		n = o.share - len(o.parts)
	}
	return o.exact[:n], o.parts[:o.share-n]
}
