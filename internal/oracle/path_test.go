package oracle_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/oracle"
	"detour/route"
)

type asns = []route.ASN

func TestCleanPath(t *testing.T) {
	for _, c := range []struct {
		name, peer, path string
		tail             asns
		virtual          bool
		judged           int
	}{
		{"the peer's ASN goes", "A", "100 701 13335", asns{701, 13335}, false, 2},
		{"prepends become one hop", "A", "100 100 701 701 701 13335 13335", asns{701, 13335}, false, 2},
		{"confederation segments go", "A", "(64600 64601) 100 [64700] 701", asns{701}, false, 1},
		{"neighbours across a confederation segment are one", "A", "100 701 (64600) 701 13335", asns{701, 13335}, false, 2},
		{"a set of one is that AS", "A", "100 701 {13335}", asns{701, 13335}, false, 2},
		{"a larger set is a break", "A", "100 701 {13335 3356}", asns{701, 0}, false, 2},
		{"a private ASN is a break", "A", "100 64512 701", asns{0, 701}, false, 2},
		{
			"AS_TRANS, 0 and documentation are breaks, a run of them one", "A", "100 701 23456 0 64496 13335",
			asns{701, 0, 13335},
			false, 3,
		},
		{"a private peer's own ASN at the front is no break", "P", "64512 701", asns{701}, false, 1},
		{"nor are its prepends", "P", "64512 64512 701", asns{701}, false, 1},
		{"further on it is one", "P", "64512 701 64512 13335", asns{701, 0, 13335}, false, 3},
		{"another first hop is behind a virtual one", "A", "701 13335", asns{701, 13335}, true, 2},
		{"a break in front is behind a virtual one", "A", "64512 100 701", asns{0, 100, 701}, true, 3},
		{"an empty path has no first hop", "A", "", nil, true, 0},
		{"the peer's own route has an empty tail", "A", "100 100", nil, false, 0},
		{"the first repeat ends judging", "A", "100 701 3356 701 13335", asns{701, 3356, 701, 13335}, false, 2},
		{"the vantage point is an earlier hop", "A", "100 701 100 13335", asns{701, 100, 13335}, false, 1},
		{"behind a virtual hop it is unknown", "A", "701 100 13335", asns{701, 100, 13335}, true, 3},
		{"except on internal sessions", "I", "701 12654 13335", asns{701, 12654, 13335}, true, 1},
		{"breaks do not repeat each other", "A", "100 64512 701 64512 13335", asns{0, 701, 0, 13335}, false, 4},
		{"a repeat in last place", "A", "100 13335 701 13335", asns{13335, 701, 13335}, false, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			tail, virtual, judged := oracle.CleanPath(parsePath(c.path), peers[c.peer])
			if d := cmp.Diff(c.tail, tail, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("tail:\n%s", d)
			}
			if virtual != c.virtual || judged != c.judged {
				t.Errorf("virtual %t, judged %d; want %t, %d", virtual, judged, c.virtual, c.judged)
			}
		})
	}
}

func TestUnknownPeerASNIsNoFirstHop(t *testing.T) {
	tail, virtual, _ := oracle.CleanPath(parsePath("0 701"), route.Peer{Collector: "c"})
	if !virtual || !slices.Equal(tail, asns{0, 701}) {
		t.Errorf("tail %v, virtual %t", tail, virtual)
	}
}

func TestLongPathsLoseTheirNearHops(t *testing.T) {
	p := route.Path{ASNs: asns{100}}
	for a := route.ASN(1001); a <= 1066; a++ {
		p.ASNs = append(p.ASNs, a)
	}
	tail, virtual, judged := oracle.CleanPath(p, peers["A"])
	if len(tail) != 64 || tail[0] != 1003 || tail[63] != 1066 || virtual || judged != 64 {
		t.Errorf("%d hops from %d to %d, virtual %t, judged %d", len(tail), tail[0], tail[63], virtual, judged)
	}
}

func TestCleanPathLeavesItsInputAlone(t *testing.T) {
	p := parsePath("100 100 64512 701")
	before := slices.Clone(p.ASNs)
	oracle.CleanPath(p, peers["A"])
	if d := cmp.Diff(before, p.ASNs); d != "" {
		t.Error(d)
	}
}
