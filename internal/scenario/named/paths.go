package named

import (
	"slices"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// atomOf returns the atom of an origin that holds a prefix.
func (t *teller) atomOf(origin route.ASN, p route.Prefix) (topo.Atom, bool) {
	for _, a := range t.Table.Atoms(origin) {
		if slices.Contains(a.Prefixes, p) {
			return a, true
		}
	}
	return topo.Atom{}, false
}

// watch adds prefixes that an operator would watch.
func (t *teller) watch(origin route.ASN, prefixes ...route.Prefix) {
	for _, p := range prefixes {
		t.out.Watch = append(t.out.Watch, Watched{p, origin})
	}
}

// vrps says what the RPKI holds from a moment on, 0 from the start.
func (t *teller) vrps(from route.Time, list ...scenario.VRP) {
	if from != 0 {
		from += t.start
	}
	t.out.VRPs = append(t.out.VRPs, VRPSet{from, list})
}

// prime puts prefixes into every peer's table, announced as plan says.
func (t *teller) prime(plan topo.Plan, prefixes ...route.Prefix) {
	for peer, path := range t.paths(plan) {
		if path == nil {
			continue
		}
		for _, p := range prefixes {
			t.out.Prime = append(t.out.Prime, scenario.Element{
				Peer: uint32(peer), Kind: route.KindUpdate, Prefix: p, Path: path, Table: true,
			})
		}
	}
	for _, p := range prefixes {
		t.held[p] = true
	}
}

// through reports which paths an AS stands on.
func through(a route.ASN) func([]route.ASN) bool {
	return func(path []route.ASN) bool { return slices.Contains(path, a) }
}

// endsIn reports which paths end in an AS.
func endsIn(a route.ASN) func([]route.ASN) bool {
	return func(path []route.ASN) bool { return len(path) > 0 && path[len(path)-1] == a }
}

// gone reports which paths are none.
func gone(path []route.ASN) bool { return len(path) == 0 }
