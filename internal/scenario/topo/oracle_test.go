package topo

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"detour/route"
)

// oracle finds the same paths the slow and plain way: every AS looks at what
// all its neighbours hold, takes the best, and this is repeated until nothing
// moves. Nothing of the solver but the order of ties is used.
type oracle struct {
	g    *Graph
	plan Plan
	tie  func(at, next route.ASN) uint64
	best map[route.ASN]held
}

// held is a route at an AS.
type held struct {
	path  []route.ASN // the AS itself first
	class int         // 0 own or of a customer, 1 of a peer, 2 of a provider
	own   bool
	seed  int
}

func (o *oracle) cut(from, to route.ASN) bool {
	for _, c := range o.plan.Cut {
		if c == [2]route.ASN{from, to} || c == [2]route.ASN{to, from} {
			return true
		}
	}
	return false
}

// offers lists the routes that a can choose from.
func (o *oracle) offers(a route.ASN) (out []held) {
	for i, s := range o.plan.Seeds {
		if s.To == nil && s.At == a {
			return []held{{path: s.Path, own: true, seed: i}}
		}
	}
	for i, s := range o.plan.Seeds {
		if slices.Contains(s.To, a) && !slices.Contains(s.Path, a) && !o.cut(s.At, a) {
			r, linked := o.g.Relation(a, s.At)
			if !linked {
				r = Customer
			}
			out = append(out, o.come(a, r, held{path: s.Path, seed: i}))
		}
	}
	for _, r := range []Rel{Provider, Sibling, Peer, Customer} {
		for _, b := range o.g.Near(a, r) {
			h, ok := o.best[b]
			toAll := r == Provider || r == Sibling // b is that to a, so gives a everything
			if !ok || h.class != 0 && !toAll || slices.Contains(h.path, a) || o.cut(a, b) {
				continue
			}
			if h.own && slices.Contains(o.plan.Seeds[h.seed].NotTo, a) {
				continue
			}
			out = append(out, o.come(a, r, h))
		}
	}
	return out
}

// come is h as a gets it from a neighbour that is r to it.
func (o *oracle) come(a route.ASN, r Rel, h held) held {
	class := map[Rel]int{Customer: 0, Peer: 1, Provider: 2, Sibling: h.class}[r]
	return held{path: append([]route.ASN{a}, h.path...), class: class, seed: h.seed}
}

func (o *oracle) better(x, y held) bool {
	if x.class != y.class {
		return x.class < y.class
	}
	if len(x.path) != len(y.path) {
		return len(x.path) < len(y.path)
	}
	a, b := o.tie(x.path[0], x.path[1]), o.tie(y.path[0], y.path[1])
	return a < b || a == b && x.path[1] < y.path[1]
}

// settle runs to the fixpoint.
func (o *oracle) settle(t *rapid.T) {
	o.best = map[route.ASN]held{}
	for range 10 * o.g.Len() {
		next := map[route.ASN]held{}
		for _, a := range o.g.ASNs() {
			offers := o.offers(a)
			for i, h := range offers {
				if i == 0 || o.better(h, next[a]) {
					next[a] = h
				}
			}
		}
		same := len(next) == len(o.best)
		for a, h := range next {
			same = same && slices.Equal(h.path, o.best[a].path)
		}
		if o.best = next; same {
			return
		}
	}
	t.Fatalf("the oracle does not settle")
}

// drawGraph makes a small graph whose providers have smaller numbers.
func drawGraph(t *rapid.T) *Graph {
	n := rapid.IntRange(2, 12).Draw(t, "ASes")
	g, err := NewGraph(func(yield func(a, b route.ASN, r Rel) bool) {
		for b := 2; b <= n; b++ {
			for a := 1; a < b; a++ {
				switch k := rapid.IntRange(0, 11).Draw(t, "link"); {
				case k < 4:
					yield(route.ASN(b), route.ASN(a), Provider)
				case k < 6:
					yield(route.ASN(a), route.ASN(b), Peer)
				case k == 6:
					yield(route.ASN(b), route.ASN(a), Sibling)
				}
			}
		}
		yield(1, 2, Peer) // where nothing links them yet
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func drawPlan(t *rapid.T, g *Graph) Plan {
	as := rapid.SampledFrom(g.ASNs())
	origin := as.Draw(t, "origin")
	plan := Own(origin)
	if rapid.Bool().Draw(t, "prepends to some") {
		plan.Seeds[0].NotTo = rapid.SliceOfN(as, 0, 2).Draw(t, "not to")
		plan.Seeds = append(plan.Seeds, Seed{
			At: origin, Path: []route.ASN{origin, origin, origin}, To: plan.Seeds[0].NotTo,
		})
		if plan.Seeds[0].NotTo == nil {
			plan.Seeds = plan.Seeds[:1]
		}
	}
	if by := as.Draw(t, "hijacker"); by != origin && rapid.Bool().Draw(t, "hijack") {
		plan.Seeds = append(plan.Seeds, Seed{At: by, Path: []route.ASN{by}})
	}
	for range rapid.IntRange(0, 2).Draw(t, "cuts") {
		plan.Cut = append(plan.Cut, [2]route.ASN{as.Draw(t, "cut from"), as.Draw(t, "cut to")})
	}
	return plan
}

func compare(t *rapid.T, s *Solver, o *oracle, vps []route.ASN) {
	for _, a := range vps {
		got, ok := s.Path(nil, a)
		want, ok2 := o.best[a]
		if ok != ok2 || !slices.Equal(got, want.path) {
			t.Fatalf("AS%v: %v, want %v\nplan %+v", a, got, want.path, o.plan)
		}
		if r, _ := s.Route(a); ok && !want.own && (r.Hops != len(got)-1 || r.Seed != want.seed) {
			t.Fatalf("AS%v: %+v of path %v, want seed %d", a, r, got, want.seed)
		}
	}
}

func TestBestPathsAreThoseOfTheFixpoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		vps := rapid.SliceOfNDistinct(rapid.SampledFrom(g.ASNs()), 1, 4, rapid.ID).Draw(t, "vantage points")
		all, some := g.NewSolver(nil), g.NewSolver(vps)
		for range 2 { // the second plan meets what the first left behind
			plan := drawPlan(t, g)
			o := &oracle{g: g, plan: plan}
			all.Solve(plan)
			some.Solve(plan)
			o.tie = func(at, next route.ASN) uint64 { return all.tie(g.index[at], next) }
			o.settle(t)
			compare(t, all, o, g.ASNs())
			compare(t, some, o, vps)
		}
	})
}

// TestLeaksSpreadAsTheFixpointSays leaks what one AS has to a neighbour that
// policy would not give it, over the origin's own announcement and alone.
func TestLeaksSpreadAsTheFixpointSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		s := g.NewSolver(nil)
		as := rapid.SampledFrom(g.ASNs())
		plan := Own(as.Draw(t, "origin"))
		s.Solve(plan)
		leaker, to := as.Draw(t, "leaker"), as.Draw(t, "to")
		path, ok := s.Path(nil, leaker)
		if !ok || leaker == to {
			return
		}
		plan.Seeds = append(plan.Seeds, Seed{At: leaker, Path: path, To: []route.ASN{to}})
		if rapid.Bool().Draw(t, "a more-specific that only the leaker has") {
			plan.Seeds = plan.Seeds[1:]
		}
		s.Solve(plan)
		o := &oracle{g: g, plan: plan, tie: func(at, next route.ASN) uint64 { return s.tie(g.index[at], next) }}
		o.settle(t)
		compare(t, s, o, g.ASNs())
	})
}
