package fulltable

import (
	"fmt"
	"time"

	"detour/internal/scenario/topo"
	"detour/route"
)

// Networks of 2019-06-24: the source's optimiser made more-specifics, its
// customer the leaker gave them to its other provider, the propagator.
const (
	Propagator route.ASN = 701
	Leaker     route.ASN = 396531
	Source     route.ASN = 33154
)

// VerizonConfig shapes the replica. What accounts of the day state is the
// default: roles, times, how many prefixes and origins. The ramp, the share of
// more-specifics, who stands right of the source and which prefixes they were
// are not known; they are by construction.
type VerizonConfig struct {
	Start    route.Time // of the first leaked route; default 2019-06-24 10:34:21 UTC
	Ramp     route.Time // in which all routes appear; default 60 s
	Hold     route.Time // from Start until the end begins; default until 12:37:00
	End      route.Time // in which all routes go; default 2 min
	Prefixes int        // at least; default 20,000
	Origins  int        // default 2,400
	Exact    int        // percent of prefixes that the table has as they are; default 50, negative for none
	Behind   route.ASN  // whom the source learned from; default 3356
	Peers    int        // 0: whoever's routing takes it; n: n peers, forced; more than there are: all that can
	Churn    int        // percent of prefixes that go and come back meanwhile; default 7, negative for none
}

func (c VerizonConfig) defaults() VerizonConfig {
	set := func(t *route.Time, to route.Time) {
		if *t == 0 {
			*t = to
		}
	}
	set(&c.Start, route.TimeOf(time.Date(2019, 6, 24, 10, 34, 21, 0, time.UTC)))
	set(&c.Ramp, route.Minute)
	set(&c.Hold, 2*route.Hour+2*route.Minute+39*route.Second)
	set(&c.End, 2*route.Minute)
	count := func(n *int, to int) {
		switch {
		case *n == 0:
			*n = to
		case *n < 0:
			*n = 0
		}
	}
	count(&c.Prefixes, 20_000)
	count(&c.Origins, 2400)
	count(&c.Exact, 50)
	count(&c.Churn, 7)
	if c.Behind == 0 {
		c.Behind = 3356
	}
	return c
}

// Verizon is the leak of 2019-06-24 over a table, as its peers hear it: for
// every leaked prefix a route that ends in 701 396531 33154, whoever stands
// behind, and that one's own path to the origin. Origins follow Zipf's law with
// AS13335 first; 104.20.0.0/20 is among the covers and comes as two /21.
//
// More-specifics spread by policy alone, to nearly everyone. A route for an exact
// prefix is longer than what most have: it goes to those who choose it, and to
// those whose path to the prefix led through the propagator before, for they
// keep to it. Where few peers do, exact prefixes are fewer than asked for and
// more-specifics take their place; Facts tells.
//
// A peer that stands on the path, and one that reaches the propagator only
// through somebody who does, never hears of a route, forced or not.
type Verizon struct {
	cfg   VerizonConfig
	table *topo.Table
	seed  uint64

	leaked []leakedRoute
	bases  []unit // what routes of one atom and sort have in common
	paths  store
	facts  VerizonFacts
}

// VerizonFacts counts what the replica holds.
type VerizonFacts struct {
	Prefixes, Origins, MoreSpecifics int
	Peers                            int        // that hear of at least one prefix
	Start, Ends, Gone                route.Time // the first leaked route, the first and the last withdrawal
}

// Facts returns the size of the leak.
func (v *Verizon) Facts() VerizonFacts { return v.facts }

// leakedRoute is one prefix of the leak.
type leakedRoute struct {
	prefix route.Prefix
	unit   int32
	starts route.Time // after Start
	ends   route.Time // after Start
}

// unit is what the leaked routes of one atom have in common: paths by peer.
type unit struct {
	origin route.ASN
	exact  bool
	leak   int // place in store.at of the first peer's leaked path
	later  int // of the longer way that is tried while the leak ends
	before int // of the path without the leak, for exact ones
}

// NewVerizon prepares the replica over a table. It fails where the table has
// not enough prefixes, or the graph lacks one of the networks or their links.
func NewVerizon(t *topo.Table, cfg VerizonConfig, seed uint64) (*Verizon, error) {
	v := &Verizon{cfg: cfg.defaults(), table: t, seed: seed}
	if v.cfg.Hold < v.cfg.Ramp {
		return nil, fmt.Errorf("prepare the leak of 2019: it ends after %d s, before the ramp of %d s",
			v.cfg.Hold/route.Second, v.cfg.Ramp/route.Second)
	}
	for _, l := range [][2]route.ASN{{Leaker, Propagator}, {Leaker, Source}, {Source, v.cfg.Behind}} {
		if r, ok := t.Graph().Relation(l[0], l[1]); !ok || r != topo.Provider {
			return nil, fmt.Errorf("prepare the leak of 2019: AS%v is no provider of AS%v", l[1], l[0])
		}
	}
	s := newSpreader(v)
	c := newChooser(v, s)
	if err := c.choose(); err != nil {
		return nil, fmt.Errorf("prepare the leak of 2019: %w", err)
	}
	s.spread(c.origin)
	v.schedule()
	return v, nil
}
