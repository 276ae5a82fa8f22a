package eval

import (
	"context"
	"fmt"
	"slices"

	"detour/internal/scenario"
	"detour/route"
)

// loadPart measures what ordinary traffic costs and how much noise it makes, by
// the number of peers.
func loadPart() part {
	return part{name: "load", title: "Ordinary traffic by number of peers", run: (*suite).load}
}

func (s *suite) load(ctx context.Context) (*Part, error) {
	p := &Part{Notes: []string{
		"Hidden: transit networks that are on the way from some peer to 90 % (30 %) of the origins that this peer reaches: " +
			"a full-feed peer sits behind them.",
		"Judging: the correlator's time for a record, median over ranges of evidence, and the longest for one range.",
		"29 and 76 peers are their own table, so that their traffic holds nothing new.",
	}}
	for _, w := range []struct {
		world string
		peers int // the fullest, 0 is all
	}{{world5, 0}, {world29, 10}, {world29, 0}, {world76, 0}, {worldMade, 0}, {worldMany, 0}} {
		if s.Short && (w.world == world76 || w.world == worldMany) || !s.hasAll(specOf(w.world).needs()) {
			continue
		}
		world, err := s.world(ctx, w.world)
		if err != nil {
			return nil, err
		}
		if w.peers > 0 {
			world = world.fewer(w.peers)
		}
		var c costs
		o, err := world.Run(ctx, Setup{Mature: true, costs: &c}, nil)
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, loadRow(world, o, &c))
	}
	return p, nil
}

// fewer is the world with its n fullest peers only; no case can be laid over it.
func (w *World) fewer(n int) *World {
	held := make([]int, len(w.Peers))
	for i := range w.bg.Prime {
		held[w.bg.Prime[i].Peer]++
	}
	order := make([]uint32, len(w.Peers))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(a, b uint32) int { return held[b] - held[a] })
	number := map[uint32]uint32{}
	bg := &scenario.Background{Name: w.Name}
	for _, old := range order[:min(n, len(order))] {
		number[old] = uint32(len(bg.Peers))
		bg.Peers = append(bg.Peers, w.Peers[old])
	}
	keep := func(list []scenario.Element) (out []scenario.Element) {
		for _, e := range list {
			if id, ok := number[e.Peer]; ok {
				e.Peer = id
				out = append(out, e)
			}
		}
		return out
	}
	bg.Prime, bg.Updates = keep(w.bg.Prime), keep(w.bg.Updates)
	return NewWorld(bg, w.Cut-begins(bg), nil)
}

func loadRow(w *World, o *Outcome, c *costs) Row {
	span := w.Cut + least - begins(w.bg)
	before, after := &o.Primed, &o.Line
	minutes := seconds(span) / 60
	hidden90, hidden30, transits := hidden(w.bg)
	share := func(n int) string { return fmt.Sprintf("%d of %d", n, transits) }
	records := after.Shards.Records - before.Shards.Records
	pairs := after.Correlate.Pairs - before.Correlate.Pairs
	return Row{Key: fmt.Sprintf("%d peers (%s)", len(w.Peers), w.Name), Values: []Value{
		{Name: "prefixes", V: float64(after.Shards.IPv4 + after.Shards.IPv6)},
		{Name: "elements/s", V: float64(after.Elements-before.Elements) / seconds(span)},
		{Name: "evidence/s", V: float64(records) / seconds(span), Better: Less},
		{Name: "fresh pairs/min", V: float64(pairs) / minutes},
		{Name: "noise", V: float64(after.Correlate.Noise)},
		{Name: "hidden 90 %", V: float64(hidden90), Text: share(hidden90)},
		{Name: "hidden 30 %", V: float64(hidden30), Text: share(hidden30)},
		{Name: "all tests but one", V: float64(after.Correlate.NearMisses)},
		c.cost("ns per record", costQuiet),
		{Name: "longest range µs", V: float64(after.SlowestRange.Microseconds()), Better: Less, Clock: true},
	}}
}

// hidden counts the transit networks of a table that stand before so much of
// some peer's table that a leak of theirs would show little new.
func hidden(bg *scenario.Background) (most, some, transits int) {
	type pair struct {
		peer   uint32
		as, to route.ASN
	}
	seen := map[pair]struct{}{}
	behind := map[pair]int{} // to is 0
	reached := map[uint32]int{}
	all := map[route.ASN]struct{}{}
	for i := range bg.Prime {
		e := &bg.Prime[i]
		if len(e.Path) == 0 || e.Path[len(e.Path)-1] == 0 {
			continue
		}
		origin := e.Path[len(e.Path)-1]
		own := pair{e.Peer, 0, origin}
		if _, ok := seen[own]; !ok {
			seen[own] = struct{}{}
			reached[e.Peer]++
		}
		for _, as := range e.Path[1:] {
			p := pair{e.Peer, as, origin}
			if _, ok := seen[p]; ok || as == origin || as == 0 || as == bg.Peers[e.Peer].ASN {
				continue
			}
			seen[p] = struct{}{}
			behind[pair{e.Peer, as, 0}]++
			all[as] = struct{}{}
		}
	}
	is90, is30 := map[route.ASN]bool{}, map[route.ASN]bool{}
	for p, n := range behind {
		if of := reached[p.peer]; of >= 100 { // a peer with a handful of routes hides nothing
			is90[p.as] = is90[p.as] || n*10 >= of*9
			is30[p.as] = is30[p.as] || n*10 >= of*3
		}
	}
	count := func(m map[route.ASN]bool) (n int) {
		for _, yes := range m {
			if yes {
				n++
			}
		}
		return n
	}
	return count(is90), count(is30), len(all)
}
