package detect_test

import (
	"flag"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"

	"detour/internal/cputime"
	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
)

var benchPrefixes = flag.Int("bench-prefixes", 1_000_000, "prefixes of BenchmarkApply")

const (
	benchPeers   = 40
	benchOrigins = 75_000
)

// world is a made-up table: each origin has a few ways to the core, and each
// peer comes to it over one of them.
type world struct {
	rng   *rand.Rand
	r     *rib.RIB
	peers []rib.Peer
	asns  []route.ASN
	facts int
}

func (w *world) prefix(i int) route.NLRI {
	return route.NLRI{Hi: uint64(0x0B000000+i*256) << 32, Bits: 24, Family: route.IPv4}
}

// path returns way v of origin o as peer p sees it.
func (w *world) path(p, o, v int) route.Path {
	h := uint64(o)*31 + uint64(v)*7
	a := append(w.asns[:0], peerASN(p))
	a = append(a, route.ASN(1000+(uint64(p)+h)%12))
	for i := range h % 4 {
		a = append(a, route.ASN(2000+(h*(i+3))%3000))
	}
	a = append(a, route.ASN(200_000+o))
	w.asns = a
	return route.Path{ASNs: a}
}

func peerASN(p int) route.ASN { return route.ASN(100 + p) }

func newWorld(prefixes int) *world {
	w := &world{rng: rand.New(rand.NewPCG(1, 2)), r: rib.New(rib.Config{})}
	for p := range benchPeers {
		addr := netip.AddrFrom4([4]byte{10, 0, 0, byte(p)})
		pe, _ := w.r.AddPeer(route.Peer{Collector: "bench", Addr: addr, ASN: peerASN(p)})
		w.peers = append(w.peers, pe)
	}
	var ch rib.Change
	w.r.Advance(route.Time(1e15))
	for i := range prefixes {
		for p := range benchPeers {
			raw := w.path(p, i%benchOrigins, p%3)
			path, _ := w.r.Path(w.peers[p], &raw, false)
			w.r.Announce(w.peers[p], w.prefix(i), false, path, rib.FromTable, &ch)
		}
		w.r.Sweep()
	}
	w.facts = 0
	return w
}

// update applies one UPDATE of 1 to 5 prefixes of one origin at one peer: 6 %
// withdrawals, 27 % the path that the route has, 12 % a path through an AS that
// the prefix has not seen, 0.5 % of paths never seen anywhere, else another way
// of the origin. These are the shares of the recordings (DETECTION §3, §1.1;
// parsers.md §2.1).
func (w *world) update(prefixes int) (elements int) {
	var ch rib.Change
	origin, p := w.rng.IntN(benchOrigins), w.rng.IntN(benchPeers)
	dice := w.rng.IntN(1000)
	raw := w.path(p, origin, (p+max(0, dice-600)/100)%3)
	switch {
	case dice >= 995:
		raw.ASNs[1] = route.ASN(60_000 + w.rng.IntN(1000))
	case dice >= 875:
		raw.ASNs[1] = route.ASN(2000 + w.rng.IntN(3000))
	}
	path, _ := w.r.Path(w.peers[p], &raw, true)
	for i := origin % prefixes; i < prefixes && elements < 1+w.rng.IntN(5); i += benchOrigins {
		elements++
		if dice < 60 {
			w.r.Withdraw(w.peers[p], w.prefix(i), false, &ch)
		} else {
			w.r.Announce(w.peers[p], w.prefix(i), false, path, rib.FromUpdate, &ch)
		}
		f := detect.Judge(w.r, &ch)
		w.r.State(&ch, f.Any())
		if f.Any() {
			w.facts++
		}
	}
	return elements
}

// BenchmarkApply measures path look-up, apply and facts per route element, at
// random over a full table, the worst case for the caches. The engine clock
// runs at 20,000 elements per second.
func BenchmarkApply(b *testing.B) {
	prefixes := *benchPrefixes
	if testing.Short() {
		prefixes = 20_000 // to see that it works
	}
	w := newWorld(prefixes)
	now := route.Time(1e15) + route.Hour
	runtime.GC()
	b.ReportAllocs()
	start, elements := cputime.Now(), 0
	for b.Loop() {
		n := w.update(prefixes)
		now += route.Time(n) * 50
		w.r.Advance(now)
		if elements += n; elements&1023 < n {
			w.r.Sweep()
		}
	}
	cpu := cputime.Now() - start
	b.ReportMetric(float64(cpu.Nanoseconds())/float64(elements), "cpu-ns/element")
	b.ReportMetric(float64(elements)/cpu.Seconds()/1e6, "M-elements/cpu-s")
	b.ReportMetric(float64(w.facts)/float64(elements), "facts/element")
}
