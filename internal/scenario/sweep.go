package scenario

import (
	"fmt"

	"detour/route"
)

// Backgrounds that sweeps name. Whoever runs them knows the recordings.
const (
	FivePeers       = "5 peers"  // a primed collector with a table of 50,000 prefixes
	TwentyNinePeers = "29 peers" // primed with what it announces itself
	SeventySixPeers = "76 peers" // the same, with a sparse table
)

// Sweep is a list of cases for one background.
type Sweep struct {
	Name       string
	Background string
	Runs       []Run
}

// Run makes one case of a sweep. Cell groups runs to a line of a table.
type Run struct {
	Cell string
	Seed uint64
	Make func(*Knowledge) (*Case, error)
}

// HeldOut reports whether the run is one of those that thresholds were never
// chosen on.
func (r Run) HeldOut() bool { return HeldOut(r.Seed) }

const (
	seedsOfLeak   = 25
	seedsOfBenign = 100
)

// Sweeps returns everything that the evaluation runs on recordings.
func Sweeps() []Sweep {
	plain := crossLeaks([]int{20, 100, 1000}, []int{1, 3}, LeakParams{MoreSpecific: 0.5})
	out := []Sweep{
		{"600 leaks", FivePeers, plain},
		{
			"600 leaks with a full feed behind the leaker", FivePeers,
			crossLeaks([]int{20, 100, 1000}, []int{1, 3}, LeakParams{MoreSpecific: 0.5, FullFeed: true}),
		},
		{
			"leaks of 1000 prefixes at 29 peers", TwentyNinePeers,
			crossLeaks([]int{1000}, []int{1, 3, 10}, LeakParams{MoreSpecific: 0.5}),
		},
		{
			"leaks of 100 prefixes at 76 peers", SeventySixPeers,
			crossLeaks([]int{100}, []int{40, 1}, LeakParams{MoreSpecific: 0.5}),
		},
		{"leaks of other shapes", FivePeers, shapes()},
		{"hijacks", TwentyNinePeers, hijacks()},
		{"outages", SeventySixPeers, outages()},
	}
	for _, bg := range []string{FivePeers, TwentyNinePeers, SeventySixPeers} {
		out = append(out, Sweep{"everyday events, " + bg, bg, everyday()})
	}
	return out
}

// crossLeaks crosses the first four roles with sizes and peers.
func crossLeaks(prefixes, peers []int, base LeakParams) (out []Run) {
	for role := StubProviders; role <= ProviderToPeer; role++ {
		for _, n := range prefixes {
			for _, v := range peers {
				p := base
				p.Role, p.Prefixes, p.Peers = role, n, v
				out = append(out, leakRuns(fmt.Sprintf("%s, %d prefixes, %d peers", role, n, v), p)...)
			}
		}
	}
	return out
}

func leakRuns(cell string, p LeakParams) []Run {
	return runs(cell, seedsOfLeak, func(k *Knowledge, seed uint64) (*Case, error) { return Leak(k, p, seed) })
}

func runs(cell string, seeds uint64, makeCase func(*Knowledge, uint64) (*Case, error)) (out []Run) {
	for seed := uint64(1); seed <= seeds; seed++ {
		out = append(out, Run{cell, seed, func(k *Knowledge) (*Case, error) { return makeCase(k, seed) }})
	}
	return out
}

// shapes varies one thing at a time of a leak of 100 prefixes at 3 peers.
func shapes() (out []Run) {
	for _, v := range []struct {
		cell string
		p    LeakParams
	}{
		{"exact prefixes only", LeakParams{}},
		{"more-specifics only", LeakParams{MoreSpecific: 1}},
		{"ramp of 10 s", LeakParams{MoreSpecific: 0.5, Ramp: 10 * route.Second}},
		{"ramp of 300 s", LeakParams{MoreSpecific: 0.5, Ramp: 300 * route.Second}},
		{"five waves", LeakParams{MoreSpecific: 0.5, Waves: 5}},
		{"prepended six times", LeakParams{MoreSpecific: 0.5, Prepend: 5}},
		{"own routes unknown", LeakParams{MoreSpecific: 0.5, OwnUnknown: true}},
		{"withdrawn after a minute", LeakParams{MoreSpecific: 0.5, EndAfter: route.Minute}},
		{"route-server member", LeakParams{MoreSpecific: 0.5, Role: RouteServerMember}},
	} {
		roles := []Role{StubProviders, MidProviders, PeerToProvider, ProviderToPeer}
		if v.p.Role == RouteServerMember {
			roles = []Role{RouteServerMember}
		}
		for _, role := range roles {
			v.p.Role, v.p.Prefixes, v.p.Peers = role, 100, 3
			out = append(out, leakRuns(v.cell+", "+role.String(), v.p)...)
		}
	}
	return out
}

func hijacks() (out []Run) {
	for f := ExactPrefix; f <= ForgedNeighbour; f++ {
		for _, size := range []HijackParams{
			{Prefixes: 1, Peers: 3, Watched: true},
			{Prefixes: 5, Victims: 3, Peers: 3},
			{Prefixes: 10, Victims: 10},
			{Prefixes: 100, Victims: 40},
		} {
			size.Forgery = f
			cell := fmt.Sprintf("%s, %d prefixes of %d origins, %d peers", f, size.Prefixes, max(size.Victims, 1), size.Peers)
			out = append(out, runs(cell, seedsOfLeak, func(k *Knowledge, seed uint64) (*Case, error) {
				return Hijack(k, size, seed)
			})...)
		}
	}
	return out
}

func outages() (out []Run) {
	for _, p := range []OutageParams{
		{Prefixes: 1, Watched: true, Return: 4 * route.Minute}, {Prefixes: 5, Share: 0.8}, {Prefixes: 20},
	} {
		cell := fmt.Sprintf("%d prefixes or more, share %.1f", p.Prefixes, p.Share)
		out = append(out, runs(cell, seedsOfLeak, func(k *Knowledge, seed uint64) (*Case, error) {
			return Outage(k, p, seed)
		})...)
	}
	return out
}

// everyday makes a hundred of each kind.
func everyday() (out []Run) {
	for _, kind := range BenignKinds() {
		out = append(out, runs(kind, seedsOfBenign, func(k *Knowledge, seed uint64) (*Case, error) {
			return Benign(k, kind, seed)
		})...)
	}
	return out
}
