package fulltable

import (
	"math/rand/v2"

	"detour/internal/scenario/chance"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// ChurnConfig shapes ordinary traffic.
type ChurnConfig struct {
	From, To route.Time
	Rate     float64 // route elements a second in the long run; default 100

	Busy        []route.ASN // origins that are behind BusyPercent of all events
	BusyPercent int

	Duplicates int                  // percent of announcements that change nothing; default 28, negative for none
	Except     func(route.ASN) bool // origins that stay as they are; nil for none
	Steady     func(route.ASN) bool // origins of which no prefix goes at many peers; nil for none
}

// Churn is what peers of a full table send in quiet times: changed prepends,
// origins and their providers that lose a link and take another, choices among
// equal paths, prefixes that go and come back, with other paths tried on the
// way, and duplicates. Most of it comes from few origins. Every path is one that
// policy routing gives for some state of the graph, so none has a valley, and no
// element is Bad.
type Churn struct {
	cfg   ChurnConfig
	table *topo.Table
	seed  uint64
}

// NewChurn prepares churn over a table. The mix of kinds is by construction.
func NewChurn(t *topo.Table, cfg ChurnConfig, seed uint64) *Churn {
	if cfg.Rate <= 0 {
		cfg.Rate = 100
	}
	switch {
	case cfg.Duplicates == 0:
		cfg.Duplicates = 28
	case cfg.Duplicates < 0:
		cfg.Duplicates = 0
	}
	return &Churn{cfg: cfg, table: t, seed: seed}
}

// Bounds of an event's life. A change is over at every peer before it is taken
// back, and nothing else happens to its prefixes until all is over.
const (
	settleMax = 40 * route.Second
	holdMin   = 60 * route.Second
	holdMax   = 25 * route.Minute
)

// churning is one iteration over a Churn.
type churning struct {
	*Churn
	rng    *rand.Rand
	solver *topo.Solver
	vps    []route.ASN

	out   *agenda[scenario.Element]
	backs *agenda[back]
	busy  []route.Time // by prefix: until when something happens to it
	dark  map[route.ASN][]darkness

	announced, duplicates int
}

// Elements yields the churn in order of time, from From to before To. What was
// changed shortly before To stays changed.
func (c *Churn) Elements(yield func(scenario.Element) bool) {
	r := &churning{
		Churn: c, rng: rand.New(rand.NewPCG(c.seed, 0x63687572)), solver: c.table.NewSolver(), vps: c.table.PeerASNs(),
		out:   newAgenda[scenario.Element](c.cfg.From, 2*settleMax),
		backs: newAgenda[back](c.cfg.From, holdMax+route.Minute),
		busy:  make([]route.Time, c.table.Len()), dark: map[route.ASN][]darkness{},
	}
	send := func(at route.Time, e scenario.Element) bool {
		return at < c.cfg.To && yield(e)
	}
	for now := c.cfg.From; now < c.cfg.To; {
		more := r.backs.until(now, func(at route.Time, b back) bool {
			r.takeBack(at, b)
			return r.out.until(at, send)
		})
		if !more || !r.out.until(now, send) {
			return
		}
		n := r.event(now)
		now += route.Time(r.rng.ExpFloat64() * float64(n) / c.cfg.Rate * float64(route.Second))
	}
	r.out.until(c.cfg.To+grain, send)
}

// event lets something happen and returns how many elements it will come to.
func (r *churning) event(now route.Time) int {
	a, ok := r.idle(now)
	if !ok {
		return 1
	}
	if r.duplicates*100 < r.cfg.Duplicates*r.announced {
		return r.duplicate(now, a)
	}
	switch n := r.rng.IntN(100); {
	case n < 15:
		return r.prepends(now, a)
	case n < 45:
		return r.failsOver(now, a)
	case n < 75:
		return r.flips(now, a)
	case n < 90:
		return r.flaps(now, a)
	}
	return r.upstream(now, a)
}

// patch is a run of an atom's prefixes that an event is about.
type patch struct {
	topo.Atom
	run  []route.Prefix
	busy []route.Time // the run's part of churning.busy
}

// idle draws a run to which nothing happens just now; few are drawn often.
func (r *churning) idle(now route.Time) (patch, bool) {
	n := uint64(r.table.NumAtoms())
	for range 50 {
		var a topo.Atom
		if len(r.cfg.Busy) > 0 && r.rng.IntN(100) < r.cfg.BusyPercent {
			atoms := r.table.Atoms(r.cfg.Busy[r.rng.IntN(len(r.cfg.Busy))])
			if len(atoms) == 0 {
				continue
			}
			a = atoms[r.rng.IntN(len(atoms))]
		} else {
			u := r.rng.Float64()
			a = r.table.AtomAt(uint32(chance.Mix(r.seed, uint64(u*u*u*float64(n)), 5) % n))
		}
		if p, ok := r.patch(a, now); ok {
			return p, true
		}
	}
	return patch{}, false
}

// patch draws a run of an atom, and reports whether all of it may be touched.
func (r *churning) patch(a topo.Atom, now route.Time) (patch, bool) {
	n := min(1+int(r.rng.ExpFloat64()*4), 60, len(a.Prefixes))
	from := r.rng.IntN(len(a.Prefixes) - n + 1)
	p := patch{a, a.Prefixes[from : from+n], r.busy[int(a.First)+from:][:n]}
	for _, until := range p.busy {
		if until > now {
			return p, false
		}
	}
	return p, r.cfg.Except == nil || !r.cfg.Except(a.Origin)
}

func (p patch) keep(until route.Time) {
	for i := range p.busy {
		p.busy[i] = until
	}
}
