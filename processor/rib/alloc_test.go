package rib_test

import (
	"testing"

	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
)

// steady is a shard that has seen all it is going to see.
type steady struct {
	*shard
	now      route.Time
	prefixes []route.NLRI
	paths    [][]route.Path // by peer
	step     int
	origins  []route.ASN
	reported int
	tell     func(rib.NodeReport)
}

// newSteady has three peers, the last with ADD-PATH; 64 prefixes of both
// families, some of them more-specifics; and five paths per peer, with a set, a
// break, a repeat and another origin among them.
func newSteady(t *testing.T) *steady {
	w := &steady{shard: newShard(t, rib.Config{}, 3), now: 1e15}
	w.tell = func(rib.NodeReport) { w.reported++ }
	for i := range uint64(32) {
		w.prefixes = append(w.prefixes,
			route.NLRI{Hi: (10<<24 | i<<16) << 32, Bits: uint8(16 - i%2*8 + i%3), Family: route.IPv4},
			route.NLRI{Hi: 0x2a00<<48 | i<<32, Bits: 32, Family: route.IPv6})
	}
	for _, p := range w.peers {
		set := []route.Segment{{Type: route.ASSequence, Count: 3}, {Type: route.ASSet, Count: 2}}
		w.paths = append(w.paths, []route.Path{
			{ASNs: []route.ASN{p.ASN, 10, 20, 1}},
			{ASNs: []route.ASN{p.ASN, 30, 30, 40, 20, 1}},
			{ASNs: []route.ASN{p.ASN, 10, 64512, 20, 10, 50, 2}},
			{ASNs: []route.ASN{p.ASN, 10, 20, 3, 4}, Segments: set},
			{ASNs: []route.ASN{p.ASN}},
		})
	}
	return w
}

// cycle announces and withdraws every prefix at every peer, a path of its own
// each time, as the shard loop does.
func (w *steady) cycle() {
	w.step++
	w.now += 100 * route.Second // so that every third cycle all is held
	w.r.Advance(w.now)
	for i, n := range w.prefixes {
		for pe := range w.peers {
			addPath := pe == 2
			for range 1 + pe/2 { // an extra id, with ADD-PATH
				path, _ := w.r.Path(rib.Peer(pe), &w.paths[pe][(w.step+i)%5], true)
				w.r.Announce(rib.Peer(pe), n, addPath, path, rib.FromUpdate, &w.ch)
				w.judge()
				if _, first := w.r.Edge(rib.Peer(pe), &path); first {
					w.reported++
				}
				n.PathID++
			}
			if (w.step+i+pe)%4 != 0 {
				continue
			}
			for range 1 + pe/2 {
				n.PathID--
				w.r.Withdraw(rib.Peer(pe), n, addPath, &w.ch)
				w.judge()
			}
		}
	}
	w.r.Sweep()
}

func (w *steady) judge() {
	f := detect.Judge(w.r, &w.ch)
	w.r.State(&w.ch, f.Any())
	w.origins = w.r.Origins(w.origins[:0], &w.ch)
	w.r.Report(w.ch.Next, w.tell)
}

// TestNoAllocationWithoutNovelty holds the promise of the hot path: what was
// seen before costs no allocation, whatever it does to a route.
func TestNoAllocationWithoutNovelty(t *testing.T) {
	w := newSteady(t)
	for range 400 { // eleven hours: all HOLDs end
		w.cycle()
	}
	if w.reported == 0 {
		t.Fatal("nothing was ever reported")
	}
	before := w.reported
	const cycles = 100 // in one run, since AllocsPerRun rounds down
	n := testing.AllocsPerRun(1, func() {
		for range cycles {
			w.cycle()
		}
	})
	if n != 0 {
		t.Errorf("%v allocations in %d announcements", n, cycles*len(w.prefixes)*4)
	}
	if w.reported != before {
		t.Error("something was novel after all")
	}
}
