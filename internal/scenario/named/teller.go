package named

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"

	"detour/internal/scenario/chance"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// teller tells one scenario over a world.
type teller struct {
	*World
	graph  *topo.Graph
	solver *topo.Solver // of the peers, and of the networks that act
	vps    []route.ASN
	rng    *rand.Rand
	seed   uint64
	start  route.Time
	out    *Event

	held    map[route.Prefix]bool // what the table has
	touched map[route.ASN]bool
	victims map[route.ASN]bool // origins that something bad happens to
}

func newTeller(w *World, s *Scenario) *teller {
	seed := uint64(0)
	for _, c := range s.Name {
		seed = chance.Mix(seed, uint64(c))
	}
	t := &teller{
		World: w, graph: w.Table.Graph(), vps: w.Table.PeerASNs(), seed: seed,
		rng: rand.New(rand.NewPCG(seed, 0x6e616d65)), start: route.TimeOf(s.begins), out: &Event{},
		held: map[route.Prefix]bool{}, touched: map[route.ASN]bool{}, victims: map[route.ASN]bool{},
	}
	for i := range uint32(w.Table.NumAtoms()) {
		for _, p := range w.Table.AtomAt(i).Prefixes {
			t.held[p] = true
		}
	}
	t.act()
	return t
}

// act makes the solver answer for networks that act, beside the peers.
func (t *teller) act(who ...route.ASN) {
	t.solver = t.graph.NewSolver(append(slices.Clone(t.vps), who...))
}

// group is prefixes of one origin that are announced alike. before is how, ahead
// of the incident; the zero Plan says that nobody does.
type group struct {
	origin   route.ASN
	prefixes []route.Prefix
	before   topo.Plan
	hears    func(peer int, p route.Prefix) bool // who learns of changes at all; nil is everybody
}

// change is what happens to a group at a moment: it is announced as plan says
// from then on.
type change struct {
	at    route.Time // after the start
	over  route.Time // in which its prefixes follow each other
	plan  topo.Plan
	on    *topo.Solver              // of the world as it is from then on; nil is as ever
	tries []topo.Plan               // what is explored on the way
	bad   func([]route.ASN) bool    // which paths a detector should find; nil is none
	slow  func(peer int) route.Time // further delay of a peer; nil is none
}

// play tells the changes of a group, in the order of time, at all peers.
func (t *teller) play(g group, changes ...change) {
	if len(g.before.Seeds) > 0 {
		t.touched[g.origin] = true // churn would undo what is told
	}
	now := t.paths(g.before)
	last := make([]route.Time, len(t.vps)*len(g.prefixes)) // of the latest element of each route
	for n, c := range changes {
		var tries [][][]route.ASN
		for _, p := range c.tries {
			tries = append(tries, t.paths(p))
		}
		next := t.pathsOn(c.on, c.plan)
		for peer := range t.vps {
			if slices.Equal(now[peer], next[peer]) {
				continue
			}
			for i, p := range g.prefixes {
				if g.hears != nil && !g.hears(peer, p) {
					continue
				}
				m := moment{peer: peer, prefix: p, dice: chance.Mix(t.seed, p.Hi, p.Lo, uint64(p.Bits), uint64(n), uint64(peer))}
				m.at = t.start + c.at + t.after(g, i, c.over) + t.slowness(peer)
				if c.slow != nil {
					m.at += c.slow(peer)
				}
				m.at += chance.Between(chance.Mix(t.seed, p.Hi>>40, uint64(i/bunch), uint64(n), uint64(peer)), 0, 2*route.Second)
				m.at = max(m.at, last[peer*len(g.prefixes)+i]+route.Second)
				last[peer*len(g.prefixes)+i] = t.move(g.origin, m, now[peer], next[peer], tries, c.bad)
			}
		}
		now = next
	}
}

// bunch is how many prefixes of a group travel together.
const bunch = 8

// after is the place of prefix i of a group within a ramp.
func (t *teller) after(g group, i int, over route.Time) route.Time {
	first := g.prefixes[i/bunch*bunch]
	return chance.Between(chance.Mix(t.seed, first.Hi, first.Lo, 11), 0, over)
}

// moment is when one peer hears of a prefix.
type moment struct {
	peer   int
	prefix route.Prefix
	at     route.Time
	dice   uint64
}

// move tells how one peer gets from a path to the next, with what it tries, and
// returns when it is there.
func (t *teller) move(
	origin route.ASN, m moment, now, next []route.ASN, tries [][][]route.ASN, bad func([]route.ASN) bool,
) route.Time {
	tell := func(path []route.ASN) {
		e := scenario.Element{At: m.at, Peer: uint32(m.peer), Kind: route.KindUpdate, Prefix: m.prefix, Path: path}
		if e.Bad = bad != nil && bad(path); e.Bad {
			t.victims[origin] = true
		}
		t.out.Elements = append(t.out.Elements, e)
	}
	held := now
	for k, paths := range tries {
		try := paths[m.peer]
		takes := chance.Mix(m.dice, uint64(k))%100 < triesPercent
		if !takes || try == nil || slices.Equal(try, held) || slices.Equal(try, next) {
			continue
		}
		tell(try)
		held = try
		m.at += chance.Between(chance.Mix(m.dice, uint64(k), 1), 3*route.Second, 20*route.Second)
	}
	tell(next)
	return m.at
}

// triesPercent of the peers try a longer path that is there.
const triesPercent = 70

// slowness is how long a peer takes to hear of anything: some seconds for most,
// up to half a minute for three in ten.
func (t *teller) slowness(peer int) route.Time {
	h := chance.Mix(t.seed, uint64(peer), 4)
	if h%10 < 3 {
		return chance.Between(h>>8, 5*route.Second, 33*route.Second)
	}
	return chance.Between(h>>8, route.Second/2, 9*route.Second)
}

// paths returns every peer's path under a plan, nil where it has none.
func (t *teller) paths(p topo.Plan) [][]route.ASN { return t.pathsOn(t.solver, p) }

func (t *teller) pathsOn(s *topo.Solver, p topo.Plan) [][]route.ASN {
	out := make([][]route.ASN, len(t.vps))
	if len(p.Seeds) == 0 {
		return out
	}
	if s == nil {
		s = t.solver
	}
	s.Solve(p)
	for i, a := range t.vps {
		out[i], _ = s.Path(nil, a)
	}
	return out
}

var errNothing = errors.New("no peer hears of anything bad")

// done sorts the event and counts it.
func (t *teller) done() (*Event, error) {
	e := t.out
	slices.SortStableFunc(e.Elements, func(a, b scenario.Element) int { return cmp.Compare(a.At, b.At) })
	e.Touched = func(a route.ASN) bool { return t.touched[a] }
	e.Start = t.start
	if len(e.Elements) == 0 {
		return e, nil
	}
	e.End = e.Elements[len(e.Elements)-1].At
	prefixes, peers := map[route.Prefix]bool{}, map[uint32]bool{}
	for i := range e.Elements {
		if b := &e.Elements[i]; b.Bad {
			prefixes[b.Prefix], peers[b.Peer] = true, true
		}
	}
	if len(prefixes) == 0 {
		return nil, errNothing
	}
	e.Prefixes, e.Origins, e.Peers = len(prefixes), len(t.victims), len(peers)
	return e, nil
}
