package shard

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"detour/internal/cputime"
	"detour/internal/scenario/topo"
	"detour/processor/rib"
	"detour/route"
)

// start is the engine time at which the table stands.
const start = route.Time(1_767_225_600) * route.Second

// world is a shard that knows a full table, and what is needed to hit it with
// updates.
type world struct {
	rng    *rand.Rand
	rib    *rib.RIB
	table  *topo.Table
	peers  []rib.Peer
	now    route.Time
	routes int
	fill   time.Duration // CPU time that the table took

	hot    [batched]rib.Pending
	change rib.Change
}

// newTable makes up who announces what to whom.
func newTable(prefixes, peers int, list []route.Prefix) (*topo.Table, error) {
	g, err := topo.Generate(topo.Config{ASes: min(75_000, max(1000, prefixes/15))}, 1)
	if err != nil {
		return nil, fmt.Errorf("make table: %w", err)
	}
	cfg := topo.TableConfig{Collector: "bench", Peers: peers, At: start, Unnamed: true}
	if list == nil {
		cfg.Prefixes6 = prefixes / 5
		cfg.Prefixes4 = prefixes - cfg.Prefixes6
	} else {
		cfg.List = share(list, g.ASNs())
	}
	return topo.NewTable(g, cfg, 1)
}

// share deals prefixes, in their order, to networks: neighbours often belong
// together, and few networks have many.
func share(list []route.Prefix, asns []route.ASN) iter.Seq2[route.Prefix, route.ASN] {
	return func(yield func(route.Prefix, route.ASN) bool) {
		rng := rand.New(rand.NewPCG(1, 0x7368617265))
		mean := float64(len(list)) / float64(len(asns))
		asn, left, next := route.ASN(0), 0, 0
		for _, p := range list {
			if left == 0 {
				if next < len(asns) {
					asn, next = asns[next], next+1 // everybody has something
				} else {
					u := rng.Float64()
					asn = asns[int(u*u*u*float64(len(asns)))]
				}
				left = 1 + int(rng.ExpFloat64()*mean/4)
			}
			left--
			if !yield(p, asn) {
				return
			}
		}
	}
}

// newWorld tells an empty shard the table.
func newWorld(table *topo.Table) *world {
	w := &world{rng: rand.New(rand.NewPCG(1, 2)), rib: rib.New(rib.Config{}), table: table, now: start}
	for _, s := range table.Sessions() {
		pe, _ := w.rib.AddPeer(s.Peer)
		w.peers = append(w.peers, pe)
	}
	begin := cputime.Now()
	w.rib.Advance(w.now)
	updates := 0
	for s, u := range table.Each {
		path, ok := w.rib.Path(w.peers[s.ID], &u.Path, false)
		for _, n := range u.Announced {
			if ok {
				w.rib.Announce(w.peers[s.ID], n, false, path, rib.FromTable, &w.change)
				w.routes++
			}
		}
		if updates++; updates&1023 == 0 {
			w.rib.Sweep()
		}
	}
	w.fill = cputime.Now() - begin
	w.now += route.Hour
	return w
}
