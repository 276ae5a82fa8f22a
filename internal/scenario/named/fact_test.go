package named

import (
	"slices"
	"testing"

	"detour/route"
)

// fact is something that accounts of an incident name: so many bad prefixes, or
// this one, hold these ASes in a row; nil is a withdrawal.
type fact struct {
	prefix   string // empty is any
	holds    []route.ASN
	prefixes int // at least
}

type factList []fact

func facts() map[string]factList {
	six := slices.Repeat([]route.ASN{21217}, 6)
	return map[string]factList{
		"2015-06-12 Telekom Malaysia": {
			{"", []route.ASN{3549, 4788}, 15_000},
		},
		"2017-08-25 Google": {
			{"171.5.0.0/17", []route.ASN{701, 15169, 45629}, 1},
			{"", []route.ASN{701, 15169, 4713}, 313},
			{"", []route.ASN{701, 15169, 9264, 1659}, 2},
		},
		"2019-06-06 SafeHost": {
			{"31.149.0.0/17", slices.Concat([]route.ASN{4134}, six, []route.ASN{13237, 1136}), 1},
			{"46.14.128.0/17", slices.Concat([]route.ASN{4134}, six, []route.ASN{6830, 3303}), 1},
		},
		"2018-11-12 MainOne": {
			{"", []route.ASN{4809, 37282, 15169}, 212},
			{"", []route.ASN{4809, 37282, 13335}, 20},
		},
		"2024-06-27 1.1.1.1": {
			{"1.1.1.0/24", []route.ASN{1031, 262504, 267613, 13335}, 1},
			{"1.1.1.1/32", []route.ASN{267613}, 1},
		},
		"2026-01-02 CANTV": {
			{"", slices.Concat([]route.ASN{52320}, slices.Repeat([]route.ASN{8048}, 11), []route.ASN{6762, 21980}), 8},
		},
		"2020-04-01 Rostelecom": {
			{"2.17.123.0/24", []route.ASN{12389}, 1},
		},
		"2021-04-16 Vodafone Idea": {
			{"", []route.ASN{9498, 55410, 55410, 55410, 55410}, 4000},
		},
		"2008-02-24 YouTube": {
			{"208.65.153.0/24", []route.ASN{3491, 17557}, 1},
			{"208.65.153.0/24", []route.ASN{3491, 17557, 17557}, 1},
		},
		"2018-04-24 Route 53": {
			{"205.251.197.0/24", []route.ASN{8560, 10297}, 1},
			{"205.251.199.0/24", []route.ASN{6939, 10297}, 1},
		},
		"2022-02-03 KLAYswap": {
			{"211.249.221.0/24", []route.ASN{6461, 9457}, 1},
			{"121.53.104.0/24", []route.ASN{6461, 9457}, 1},
		},
		"2022-03-28 Twitter": {
			{"104.244.42.0/24", []route.ASN{8342}, 1},
		},
		"2021-10-04 Facebook": {
			{"129.134.30.0/24", nil, 1},
			{"185.89.219.0/24", nil, 1},
		},
		"2025-07-14 1.1.1.1": {
			{"2606:4700:4700::/48", nil, 1},
		},
	}
}

func (l factList) check(t *testing.T, e *Event) {
	t.Helper()
	for _, c := range l {
		found := map[route.Prefix]bool{}
		for i := range e.Elements {
			x := &e.Elements[i]
			if x.Bad && (c.prefix == "" || x.Prefix == route.MustPrefix(c.prefix)) && holds(x.Path, c.holds) {
				found[x.Prefix] = true
			}
		}
		if len(found) < c.prefixes {
			t.Errorf("%d bad prefixes hold %v, want %d", len(found), c.holds, c.prefixes)
		}
	}
}

// holds reports whether part stands in path; nil is a withdrawal.
func holds(path, part []route.ASN) bool {
	if part == nil {
		return path == nil
	}
	for i := range path {
		if i+len(part) <= len(path) && slices.Equal(path[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// TestMainOneComesInFiveWaves counts how often a prefix comes at one peer.
func TestMainOneComesInFiveWaves(t *testing.T) {
	w := worlds(t)[false]
	s := mainOne()
	e, err := s.Make(w)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[uint32]bool{}
	waves := map[uint32]int{}
	one := e.Elements[0].Prefix
	for i := range e.Elements {
		if x := &e.Elements[i]; x.Prefix == one {
			if x.Bad && !bad[x.Peer] {
				waves[x.Peer]++
			}
			bad[x.Peer] = x.Bad
		}
	}
	for peer, n := range waves {
		if n != 5 {
			t.Errorf("%d waves at peer %d", n, peer)
		}
	}
	if len(waves) < 3 {
		t.Errorf("%d peers see %v", len(waves), one)
	}
}

// TestNobodyHasSeenTheFlood holds that no prefix of the flood is in the table,
// and that every path of it is broken.
func TestNobodyHasSeenTheFlood(t *testing.T) {
	w := worlds(t)[false]
	s := neverSeen()
	e, err := s.Make(w)
	if err != nil {
		t.Fatal(err)
	}
	known := map[route.Prefix]bool{}
	for i := range uint32(w.Table.NumAtoms()) {
		for _, p := range w.Table.AtomAt(i).Prefixes {
			known[p] = true
		}
	}
	for i := range e.Elements {
		x := &e.Elements[i]
		broken := slices.ContainsFunc(x.Path, func(a route.ASN) bool { return !a.Public() })
		if known[x.Prefix] || x.Bad != (x.Path != nil) || x.Bad && !broken {
			t.Fatalf("%+v", x)
		}
	}
}

// TestNoPeerSitsBehindALeaker holds that what leaks was not on the way to nearly
// everybody before: such a peer would blind any detector.
func TestNoPeerSitsBehindALeaker(t *testing.T) {
	w := worlds(t)[false]
	view := w.Table.NewView()
	leakers := []route.ASN{4788, 15169, 21217, 263444, 13335, 37282, 262504, 267613, 8048}
	n, all := map[route.ASN]int{}, 0
	for i := 0; i < w.Table.NumAtoms(); i += 20 {
		a := w.Table.AtomAt(uint32(i))
		all++
		for peer := range w.Table.PeerASNs() {
			path, _ := view.AppendPath(nil, peer, a)
			for _, x := range leakers {
				if slices.Contains(path[:max(len(path)-1, 0)], x) {
					n[x]++
				}
			}
		}
	}
	for _, x := range leakers {
		if n[x]*20 > all {
			t.Errorf("AS%v is on %d paths to %d atoms", x, n[x], all)
		}
	}
}
