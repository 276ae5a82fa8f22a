package eval

import (
	"context"
	"fmt"
	"math"
	"strings"

	"detour/internal/scenario"
	"detour/route"
)

// leakSweep says what a sweep of random leaks varies.
type leakSweep struct {
	world    string
	mature   bool
	rel      bool // the detector has the relationship file
	roles    []scenario.Role
	prefixes []int
	peers    []int
	runs     int // of each combination
	short    int // of each combination in the short form
	params   scenario.LeakParams
	check    func(p *Part, short bool, list []sample)
}

func fourRoles() []scenario.Role {
	return []scenario.Role{
		scenario.StubProviders, scenario.MidProviders, scenario.PeerToProvider, scenario.ProviderToPeer,
	}
}

// leakPart is the part that runs a sweep.
func leakPart(name, title string, w leakSweep) part {
	return part{
		name: name, title: title, needs: specOf(w.world).needs(), long: w.short == 0,
		run: func(s *suite, ctx context.Context) (*Part, error) { return s.leaks(ctx, name, w) },
	}
}

func (s *suite) leaks(ctx context.Context, name string, w leakSweep) (*Part, error) {
	world, setup, err := s.setting(ctx, w.world, w.mature, w.rel)
	if err != nil {
		return nil, err
	}
	runs := w.runs
	if s.Short {
		runs = w.short
	}
	var cells []*cell
	for _, role := range w.roles {
		for _, prefixes := range w.prefixes {
			for _, peers := range w.peers {
				p := w.params
				p.Role, p.Prefixes, p.Peers = role, prefixes, peers
				cells = append(cells, &cell{
					id:    fmt.Sprintf("%s/%v/%d/%d", name, role, prefixes, peers),
					row:   fmt.Sprintf("%v, %d prefixes, %d peers", role, prefixes, peers),
					world: world, setup: setup, runs: runs,
					make: func(seed uint64) (*scenario.Case, error) { return scenario.Leak(world.Know, p, seed) },
				})
			}
		}
	}
	list, err := s.sweep(ctx, cells)
	if err != nil {
		return nil, err
	}
	part := &Part{Notes: []string{sweepNote}}
	part.addRows(list, recallRow)
	if err := s.background(ctx, part, world, setup); err != nil {
		return nil, err
	}
	if w.check != nil {
		w.check(part, s.Short, list)
	}
	return part, nil
}

const sweepNote = "Delay: from the first bad update at any peer to the opening, median / 95th percentile; bad " +
	"prefixes: distinct ones up to the opening. Paths are spliced from real ones and every listed peer adopts the " +
	"leak, one leak at a time: these are not Internet figures."

// atLeast asks for a share of the runs that were asked for in full; a shorter
// form must reach the share less one run.
func (p *Part) atLeast(name string, asked, of, got, runs int) {
	need := asked
	text := fmt.Sprintf("≥ %d of %d", asked, of)
	if runs != of {
		need = int(math.Floor(float64(asked)*float64(runs)/float64(of))) - 1
		text = fmt.Sprintf("≥ %d of %d (≥ %d of %d)", need, runs, asked, of)
	}
	p.must(name, text, fmt.Sprintf("%d of %d", got, runs), runs > 0 && got >= need)
}

// leakParts are the sweeps of random leaks.
func leakParts() []part {
	plain := leakSweep{
		world: world5, mature: true, roles: fourRoles(), prefixes: []int{20, 100, 1000}, peers: []int{1, 3},
		runs: 25, short: 3, params: scenario.LeakParams{MoreSpecific: 0.5},
	}
	behind := plain
	plain.check = func(p *Part, _ bool, list []sample) {
		runs, found, right, extra, _ := total(list)
		p.atLeast("600 leaks at 5 peers: found", 560, 600, found, runs)
		p.atLeast("600 leaks at 5 peers: named right, of those found", 99, 100, percent(right, found), 100)
		p.must("600 leaks at 5 peers: further incidents", "0", fmt.Sprint(extra), extra == 0)
	}
	behind.params.FullFeed = true
	behind.check = func(p *Part, _ bool, list []sample) {
		runs, found, _, _, _ := total(list)
		p.atLeast("600 leaks with a full-feed peer behind the leaker: found", 540, 600, found, runs)
	}
	unknown := plain
	unknown.prefixes, unknown.peers, unknown.runs, unknown.short = []int{1000}, []int{3}, 50, 0
	unknown.params.OwnUnknown, unknown.check = true, nil
	unknownRel := unknown
	unknownRel.rel = true
	sparse := leakSweep{
		world: world76, mature: true, roles: fourRoles(), prefixes: []int{100}, peers: []int{1, 40}, runs: 25, short: 2,
		params: scenario.LeakParams{MoreSpecific: 0.5},
	}
	toProvider := sparse
	toProvider.roles, toProvider.peers, toProvider.runs, toProvider.short = []scenario.Role{scenario.PeerToProvider},
		[]int{40}, 100, 10
	toProvider.check = func(p *Part, _ bool, list []sample) {
		runs, found, _, _, _ := total(list)
		p.atLeast("Peer→provider leaks at 40 of 76 peers: found", 80, 100, found, runs)
	}
	return []part{
		leakPart("leaks-made", "Random leaks over generated traffic, 12 peers", leakSweep{
			world: worldMade, mature: true, roles: fourRoles(), prefixes: []int{20, 100}, peers: []int{1, 6}, runs: 10, short: 2,
			params: scenario.LeakParams{MoreSpecific: 0.5},
		}),
		leakPart("leaks-5", "Random leaks, 5 peers, warm", plain),
		leakPart("leaks-5-behind", "The same with a full-feed peer behind the leaker", behind),
		leakPart("leaks-5-unseen", "Leakers whose own routes nobody has seen, no relationship file", unknown),
		leakPart("leaks-5-unseen-rel", "The same with the relationship file", unknownRel),
		leakPart("leaks-29", "Random leaks of 1000 prefixes, 29 peers, self-primed", leakSweep{
			world: world29, mature: true, roles: fourRoles(), prefixes: []int{1000}, peers: []int{1, 3, 10}, runs: 25, short: 1,
			params: scenario.LeakParams{MoreSpecific: 0.5},
		}),
		leakPart("leaks-76", "Random leaks of 100 prefixes, 76 peers, sparse table", sparse),
		leakPart("leaks-76-peer", "Peer→provider leaks at 40 of 76 peers", toProvider),
		leakPart("leaks-server", "Route-server members, 29 peers", leakSweep{
			world: world29, mature: true, roles: []scenario.Role{scenario.RouteServerMember}, prefixes: []int{100, 1000},
			peers: []int{0}, runs: 25, params: scenario.LeakParams{MoreSpecific: 0.5},
		}),
	}
}

func percent(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return int(math.Floor(100 * float64(part) / float64(whole)))
}

// rampParts vary how fast a leak spreads, at few and at many peers.
func rampParts() []part {
	var out []part
	for _, w := range []struct {
		world string
		peers []int
		roles []scenario.Role
		runs  int
	}{
		{world29, []int{1, 10}, fourRoles(), 10},
		{world76, []int{40}, fourRoles(), 10},
		{worldMany, []int{200}, []scenario.Role{scenario.MidProviders, scenario.PeerToProvider}, 3},
	} {
		for _, ramp := range []route.Time{10, 60, 300} {
			sweep := leakSweep{
				world: w.world, mature: true, roles: w.roles, prefixes: []int{200}, peers: w.peers, runs: w.runs,
				params: scenario.LeakParams{MoreSpecific: 0.5, Ramp: ramp * route.Second},
			}
			name := fmt.Sprintf("ramp-%s-%d", strings.Fields(w.world)[0], ramp)
			out = append(out, leakPart(name, fmt.Sprintf("Leaks of 200 prefixes over %d s, %s", ramp, w.world), sweep))
		}
	}
	return out
}
