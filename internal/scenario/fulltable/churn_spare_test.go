package fulltable

import (
	"testing"

	"detour/internal/scenario"
	"detour/route"
)

// TestChurnIsNoOutage holds that no network of several prefixes loses most of
// them at most peers: that would be news.
func TestChurnIsNoOutage(t *testing.T) {
	table := table(t, 12)
	cfg := ChurnConfig{
		From: churnFrom, To: churnFrom + 40*route.Minute, Rate: 60,
		Busy: []route.ASN{13335}, BusyPercent: 20, Steady: func(a route.ASN) bool { return a == 13335 },
	}
	type seat struct {
		p    route.Prefix
		peer uint32
	}
	down, lost, low, most := map[seat]bool{}, map[route.Prefix]int{}, map[route.ASN]int{}, 0
	h := newHeld(table)
	half := len(table.PeerASNs()) / 2
	NewChurn(table, cfg, 1).Elements(func(e scenario.Element) bool {
		s, o := seat{e.Prefix, e.Peer}, h.atoms[e.Prefix].Origin
		if down[s] == (e.Path == nil) {
			return true
		}
		down[s] = e.Path == nil
		if e.Path == nil {
			if lost[e.Prefix]++; lost[e.Prefix] == half {
				low[o]++
			}
		} else {
			if lost[e.Prefix] == half {
				low[o]--
			}
			lost[e.Prefix]--
		}
		most = max(most, low[o])
		if n := len(table.Prefixes(o)); low[o] >= 3 && 2*low[o] > n {
			t.Fatalf("AS%v has lost %d of %d prefixes", o, low[o], n)
		}
		if o == 13335 && low[o] > 0 {
			t.Fatalf("AS%v, which is steady, has lost %v", o, e.Prefix)
		}
		return true
	})
	if most < 3 {
		t.Errorf("at most %d prefixes of a network go at a time: nothing was tried", most)
	}
}
