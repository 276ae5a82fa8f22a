package topo

import (
	"math/rand/v2"
	"slices"

	"detour/route"
)

// atomsMax bounds the ways in which one AS announces its prefixes.
const atomsMax = 12

// split cuts every AS's prefixes into atoms and gives each a policy. About 60 %
// are plain and a quarter of the prefixes are prepended somewhere. Small
// networks of known incidents announce all they have to everyone, so that
// stories find them where they look.
func (t *Table) split(rng *rand.Rand) {
	spare := spareNetworks()
	for v := range t.g.Len() {
		first, end := t.owners[v].prefix, t.owners[v+1].prefix
		t.owners[v].atom = uint32(len(t.atoms))
		if first == end {
			continue
		}
		providers := t.g.near(int32(v), Provider)
		if spare[t.g.asns[v]] && end-first < 100 {
			providers = nil
		}
		n := 1
		for len(providers) > 1 && n < atomsMax && n < int(end-first) && rng.IntN(100) < 45 {
			n++
		}
		for i := range n {
			a := atom{end: first + (end-first)*uint32(i+1)/uint32(n)}
			if len(providers) > 0 {
				a.choose(providers, rng)
			}
			t.atoms = append(t.atoms, a)
		}
	}
	t.owners[t.g.Len()].atom = uint32(len(t.atoms))
}

func (a *atom) choose(providers []int32, rng *rand.Rand) {
	n := rng.IntN(100)
	switch {
	case n < 60:
		return
	case len(providers) == 1 || n >= 95:
		if n >= 85 {
			a.policy = longer
		}
	case n < 85:
		a.policy = favours
	default:
		a.policy = single
	}
	a.extra = uint8(1 + rng.IntN(3))
	a.by = providers[rng.IntN(len(providers))]
}

// plan returns how node v announces atom a.
func (t *Table) plan(v int32, a atom) Plan {
	origin := t.g.asns[v]
	plan := Own(origin)
	seed := &plan.Seeds[0]
	long := slices.Repeat(seed.Path, 1+int(a.extra))
	switch a.policy {
	case longer:
		seed.Path = long
	case favours, single:
		for _, p := range t.g.near(v, Provider) {
			if p != a.by {
				seed.NotTo = append(seed.NotTo, t.g.asns[p])
			}
		}
		if a.policy == favours && len(seed.NotTo) > 0 {
			plan.Seeds = append(plan.Seeds, Seed{At: origin, Path: long, To: seed.NotTo})
		}
	}
	return plan
}

// Atom is a run of an AS's prefixes that are announced alike, so that every
// vantage point has one path for all of them.
type Atom struct {
	Origin   route.ASN
	Prefixes []route.Prefix // sorted; shared, read-only
	Index    uint32         // among the table's atoms
	First    uint32         // place of the first prefix among all of the table, which has Len
	plan     func() Plan
}

// Plan returns how the atom is announced, for a Solver; the caller may change it.
func (a Atom) Plan() Plan { return a.plan() }

// Atoms returns the atoms of an AS.
func (t *Table) Atoms(origin route.ASN) []Atom {
	v, ok := t.g.index[origin]
	if !ok {
		return nil
	}
	var out []Atom
	for i := t.owners[v].atom; i < t.owners[v+1].atom; i++ {
		out = append(out, t.atomOf(v, i))
	}
	return out
}

// atomOf returns atom index, which is one of node v.
func (t *Table) atomOf(v int32, index uint32) Atom {
	first := t.owners[v].prefix
	if index > t.owners[v].atom {
		first = t.atoms[index-1].end
	}
	a := t.atoms[index]
	return Atom{
		Origin: t.g.asns[v], Prefixes: t.prefixes[first:a.end], Index: index, First: first,
		plan: func() Plan { return t.plan(v, a) },
	}
}
