package fulltable

import (
	"slices"
	"testing"

	"detour/internal/scenario"
	"detour/internal/scenario/topo"
	"detour/route"
)

// held is what the peers of a table have, as elements change it.
type held struct {
	table   *topo.Table
	view    *topo.View
	atoms   map[route.Prefix]topo.Atom
	changed map[route.Prefix]map[uint32][]route.ASN
}

func newHeld(table *topo.Table) *held {
	h := &held{
		table: table, view: table.NewView(), atoms: map[route.Prefix]topo.Atom{},
		changed: map[route.Prefix]map[uint32][]route.ASN{},
	}
	for _, o := range table.Graph().ASNs() {
		for _, a := range table.Atoms(o) {
			for _, p := range a.Prefixes {
				h.atoms[p] = a
			}
		}
	}
	return h
}

func (h *held) path(p route.Prefix, peer uint32) []route.ASN {
	if path, ok := h.changed[p][peer]; ok {
		return path
	}
	path, _ := h.view.AppendPath(nil, int(peer), h.atoms[p])
	return path
}

func (h *held) set(p route.Prefix, peer uint32, path []route.ASN) {
	if h.changed[p] == nil {
		h.changed[p] = map[uint32][]route.ASN{}
	}
	h.changed[p][peer] = path
}

const churnFrom = 1_594_933_200 * route.Second

func TestChurnIsOrdinaryTraffic(t *testing.T) {
	table := table(t, 12)
	cfg := ChurnConfig{
		From: churnFrom, To: churnFrom + 30*route.Minute, Rate: 50, Busy: []route.ASN{13335}, BusyPercent: 25,
		Except: func(a route.ASN) bool { return a%10 == 0 },
	}
	h := newHeld(table)
	last := cfg.From
	var all, dups, gone, busy int
	NewChurn(table, cfg, 1).Elements(func(e scenario.Element) bool {
		a, ok := h.atoms[e.Prefix]
		if !ok || e.Bad || e.Table || e.At < last || e.At >= cfg.To || a.Origin%10 == 0 {
			t.Fatalf("%+v after %v", e, last)
		}
		last = e.At
		before := h.path(e.Prefix, e.Peer)
		switch {
		case e.Path == nil && before == nil:
			t.Fatalf("%v is withdrawn at peer %d, which does not have it", e.Prefix, e.Peer)
		case e.Path == nil:
			gone++
		case slices.Equal(before, e.Path):
			dups++
		}
		checkPath(t, table, e, a.Origin)
		if all++; a.Origin == 13335 {
			busy++
		}
		h.set(e.Prefix, e.Peer, e.Path)
		return true
	})
	if all < 60_000 || all > 130_000 { // 90,000 on the average
		t.Errorf("%d elements", all)
	}
	if share := dups * 100 / (all - gone); share < 22 || share > 34 {
		t.Errorf("%d %% of the announcements are duplicates", share)
	}
	if gone == 0 || gone > all/4 || busy < all/10 || busy > all/2 {
		t.Errorf("%d of %d are withdrawals, %d of AS13335", gone, all, busy)
	}
}

// checkPath holds a path against the graph: links that exist, no valley, no loop.
func checkPath(t *testing.T, table *topo.Table, e scenario.Element, origin route.ASN) {
	t.Helper()
	if e.Path == nil {
		return
	}
	path := slices.Compact(slices.Clone(e.Path))
	if path[0] != table.PeerASNs()[e.Peer] || path[len(path)-1] != origin {
		t.Fatalf("%v of AS%v at peer %d", e.Path, origin, e.Peer)
	}
	if len(slices.Compact(sorted(path))) != len(path) {
		t.Fatalf("loop: %v", path)
	}
	down := false
	for i := len(path) - 1; i > 0; i-- {
		r, ok := table.Graph().Relation(path[i], path[i-1])
		if !ok || down && (r == topo.Provider || r == topo.Peer) {
			t.Fatalf("%v: AS%v gives it to its %v AS%v", path, path[i], r, path[i-1])
		}
		down = down || r == topo.Peer || r == topo.Customer
	}
}

func TestChurnIsTheSameEachTime(t *testing.T) {
	table := table(t, 5)
	cfg := ChurnConfig{From: churnFrom, To: churnFrom + 5*route.Minute, Rate: 40}
	list := func(c *Churn) (out []scenario.Element) {
		c.Elements(func(e scenario.Element) bool { out = append(out, e); return true })
		return out
	}
	same := func(a, b scenario.Element) bool {
		return a.At == b.At && a.Peer == b.Peer && a.Prefix == b.Prefix && slices.Equal(a.Path, b.Path)
	}
	c := NewChurn(table, cfg, 3)
	a := list(c)
	if !slices.EqualFunc(a, list(c), same) || !slices.EqualFunc(a, list(NewChurn(table, cfg, 3)), same) {
		t.Error("two runs differ")
	}
	if slices.EqualFunc(a, list(NewChurn(table, cfg, 4)), same) {
		t.Error("another seed gives the same")
	}
	n := 0
	c.Elements(func(scenario.Element) bool { n++; return n < 10 })
	if n != 10 {
		t.Errorf("it goes on after it was stopped: %d", n)
	}
}
