package rib_test

import (
	"testing"

	"detour/internal/snapshot"
	"detour/processor/rib"
	"detour/route"
)

// TestARestoredRIBSweepsWithinALowerBound: with fewer nodes allowed than there
// were, it still reclaims what nothing uses, and takes new paths again.
func TestARestoredRIBSweepsWithinALowerBound(t *testing.T) {
	const bound = 70_000
	s := newShard(t, rib.Config{}, 1)
	hop := route.ASN(100_000)
	news := func() bool {
		path := make([]route.ASN, 60)
		for i := range path {
			hop++
			path[i] = hop
		}
		p, ok := s.path(0, path...)
		if ok {
			s.r.Announce(0, route.MustPrefix("10.0.0.0/8").NLRI(0), false, p, rib.FromUpdate, &s.ch)
		}
		return ok
	}
	for range 1100 { // 66,000 nodes, of which nothing uses most
		news()
	}
	s.r.Sweep()
	for range 1200 {
		news()
	}
	c, err := snapshot.For(s.r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := c.Append(nil, s.r)
	if err != nil {
		t.Fatal(err)
	}
	s.r = rib.New(rib.Config{MaxNodes: bound})
	if err := c.Decode(body, s.r); err != nil {
		t.Fatal(err)
	}
	s.r.Restored()
	if news() {
		t.Fatal("there was room: the test shows nothing")
	}
	s.r.Sweep()
	if !news() {
		t.Error("no room behind a sweep")
	}
}
