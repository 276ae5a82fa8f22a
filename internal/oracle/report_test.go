package oracle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/oracle"
	"detour/route"
)

// TestReports holds the last paragraph of §6.
func TestReports(t *testing.T) {
	type nodes = []oracle.NodeReport
	for _, c := range []struct {
		name, peer, path string
		nodes            nodes
		first            route.ASN
	}{
		{
			"every hop with its next one and the origin", "A", "100 701 174 13335",
			nodes{{701, 174, 13335, 13335}, {174, 13335, 0, 13335}, {13335, 0, 0, 13335}},
			701,
		},
		{
			"the second behind it, and the origin, where they differ", "A", "100 701 174 3356 13335",
			nodes{{701, 174, 3356, 13335}, {174, 3356, 13335, 13335}, {3356, 13335, 0, 13335}, {13335, 0, 0, 13335}},
			701,
		},
		{
			"what lies across a break is 0", "A", "100 701 174 64512 3356 13335",
			nodes{{701, 174, 0, 0}, {174, 0, 0, 0}, {3356, 13335, 0, 13335}, {13335, 0, 0, 13335}},
			701,
		},
		{"so towards an unknown origin", "A", "100 701 174 {1 2}", nodes{{701, 174, 0, 0}, {174, 0, 0, 0}}, 701},
		{"a break is no node and no first hop", "A", "100 64512 701", nodes{{701, 0, 0, 701}}, 0},
		{
			"a hop whose chain holds a repeat is not reported", "A", "100 701 174 701 3356 13335",
			nodes{{174, 701, 3356, 13335}, {701, 3356, 13335, 13335}, {3356, 13335, 0, 13335}, {13335, 0, 0, 13335}},
			701,
		},
		{
			"though the repeat be another's", "A", "100 6939 701 174 701 13335",
			nodes{{174, 701, 13335, 13335}, {701, 13335, 0, 13335}, {13335, 0, 0, 13335}},
			6939,
		},
		{
			"breaks do not repeat each other", "A", "100 64512 701 64512 174 13335",
			nodes{{701, 0, 0, 0}, {174, 13335, 0, 13335}, {13335, 0, 0, 13335}},
			0,
		},
		{
			"the vantage point is not in the chain", "A", "100 701 100 13335",
			nodes{{701, 100, 13335, 13335}, {100, 13335, 0, 13335}, {13335, 0, 0, 13335}},
			701,
		},
		{"a virtual first hop is not reported", "A", "701 13335", nodes{{701, 13335, 0, 13335}, {13335, 0, 0, 13335}}, 0},
		{"that of an internal session is", "I", "701 13335", nodes{{701, 13335, 0, 13335}, {13335, 0, 0, 13335}}, 701},
		{"the origin may be the first hop", "A", "100 13335 13335", nodes{{13335, 0, 0, 13335}}, 13335},
		{"an empty tail has neither", "A", "100 100", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, first := oracle.Reports(parsePath(c.path), peers[c.peer])
			if d := cmp.Diff(c.nodes, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("nodes:\n%s", d)
			}
			if first != c.first {
				t.Errorf("first hop %v, want %v", first, c.first)
			}
		})
	}
}

func TestReportsOfACutPath(t *testing.T) {
	p := route.Path{ASNs: asns{100}}
	for a := route.ASN(1001); a <= 1064; a++ {
		p.ASNs = append(p.ASNs, a)
	}
	if nodes, first := oracle.Reports(p, peers["A"]); len(nodes) != 64 || first != 1001 {
		t.Errorf("at the bound: %d nodes, first hop %v", len(nodes), first)
	}
	p.ASNs = append(p.ASNs, 1065)
	nodes, first := oracle.Reports(p, peers["A"])
	if len(nodes) != 64 || nodes[0] != (oracle.NodeReport{AS: 1002, Next: 1003, Third: 1004, Origin: 1065}) || first != 0 {
		t.Errorf("beyond it: %d nodes from %v, first hop %v", len(nodes), nodes[0], first)
	}
}
