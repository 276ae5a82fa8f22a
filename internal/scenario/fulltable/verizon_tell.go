package fulltable

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"detour/internal/scenario/chance"

	"detour/internal/scenario"
	"detour/route"
)

// Bounds of the delays with which peers hear of a change.
const (
	delayMax   = 35 * route.Second
	exploreMax = 20 * route.Second
)

// schedule says when each route comes and goes. The first comes at Start.
func (v *Verizon) schedule() {
	order := rand.New(rand.NewPCG(v.seed, 0x6f726465)).Perm(len(v.leaked))
	n := route.Time(len(v.leaked))
	for place, i := range order {
		r := &v.leaked[i]
		r.starts = v.cfg.Ramp * route.Time(place) / n
		r.ends = v.cfg.Hold + chance.Between(chance.Mix(v.seed, uint64(i), 1), 0, v.cfg.End)
	}
	v.facts.Start = v.cfg.Start
	v.facts.Ends = v.cfg.Start + v.cfg.Hold
	v.facts.Gone = v.facts.Ends + v.cfg.End + delayMax + exploreMax
}

// turn is what happens to a route.
type turn uint8

const (
	comes turn = iota // at first, again after it went, or once more without need
	goes
	ends
	tries // a longer way while it ends
	gone
)

// move is one turn of a leaked route, before peers hear of it.
type move struct {
	at    route.Time
	route int32
	turn  turn
}

// moves lists all turns in order of time.
func (v *Verizon) moves() []move {
	out := make([]move, 0, len(v.leaked)*5/2)
	from, to := v.cfg.Ramp+route.Minute, v.cfg.Hold-3*route.Minute
	for i, r := range v.leaked {
		n := int32(i)
		out = append(out, move{r.starts, n, comes}, move{r.ends, n, ends})
		h := chance.Mix(v.seed, uint64(i), 2)
		if from >= to {
			continue
		}
		when := chance.Between(chance.Mix(h, 1), from, to)
		switch k := int(h % 100); {
		case k < v.cfg.Churn:
			back := when + chance.Between(chance.Mix(h, 2), 45*route.Second, 90*route.Second)
			out = append(out, move{when, n, goes}, move{back, n, comes})
		case k < v.cfg.Churn+againPercent:
			out = append(out, move{when, n, comes})
		}
	}
	slices.SortFunc(out, func(a, b move) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.route, b.route), cmp.Compare(a.turn, b.turn))
	})
	return out
}

// againPercent of the routes are told once more while they stand.
const againPercent = 25

// heard is a move as one peer hears it.
type heard struct {
	route int32
	peer  uint16
	turn  turn
}

// Elements yields the leak in order of time. Leaked routes are Bad; what comes
// back in their place, and withdrawals, are not.
func (v *Verizon) Elements(yield func(scenario.Element) bool) {
	a := newAgenda[heard](v.cfg.Start, delayMax+exploreMax+route.Second)
	tell := func(at route.Time, h heard) bool { return yield(v.element(at, h)) }
	slow := make([]route.Time, len(v.table.PeerASNs()))
	for i := range slow {
		slow[i] = v.slowness(i)
	}
	for _, m := range v.moves() {
		at := v.cfg.Start + m.at
		if !a.until(at, tell) {
			return
		}
		u := v.bases[v.leaked[m.route].unit]
		for peer := range slow {
			if v.paths.get(u.leak+peer) == nil {
				continue
			}
			h := chance.Mix(v.seed, uint64(m.route), uint64(peer))
			v.hear(a, at+slow[peer]+chance.Between(h, 0, 2*route.Second), u, heard{m.route, uint16(peer), m.turn}, h)
		}
	}
	a.until(v.facts.Gone+route.Minute, tell)
}

// hear puts what a peer hears of a move on the agenda.
func (v *Verizon) hear(a *agenda[heard], at route.Time, u unit, h heard, dice uint64) {
	if h.turn != ends {
		a.put(at, h)
		return
	}
	if v.paths.get(u.later+int(h.peer)) != nil && dice>>32%100 < 70 {
		h.turn = tries
		a.put(at, h)
		at += chance.Between(chance.Mix(dice, 3), 3*route.Second, exploreMax)
	}
	h.turn = gone
	a.put(at, h)
}

// slowness is how long a peer takes to hear of what the propagator does: some
// seconds for most, up to half a minute for three in ten.
func (v *Verizon) slowness(peer int) route.Time {
	h := chance.Mix(v.seed, uint64(peer), 4)
	if h%10 < 3 {
		return chance.Between(h>>8, 5*route.Second, delayMax-2*route.Second)
	}
	return chance.Between(h>>8, route.Second/2, 9*route.Second)
}

func (v *Verizon) element(at route.Time, h heard) scenario.Element {
	r := &v.leaked[h.route]
	u := v.bases[r.unit]
	e := scenario.Element{At: at, Peer: uint32(h.peer), Kind: route.KindUpdate, Prefix: r.prefix}
	switch h.turn {
	case comes:
		e.Path, e.Bad = v.paths.get(u.leak+int(h.peer)), true
	case tries:
		e.Path, e.Bad = v.paths.get(u.later+int(h.peer)), true
	default:
		if u.exact {
			e.Path = v.paths.get(u.before + int(h.peer))
		}
	}
	return e
}
