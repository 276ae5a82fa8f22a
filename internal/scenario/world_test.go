package scenario

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"detour/route"
)

// graph is a made-up Internet: 1–6 tier 1, 101–150 mid-size, from 1001 stubs.
type graph struct {
	providers, peers, customers map[route.ASN][]route.ASN
	all                         []route.ASN
}

func (g *graph) Providers(a route.ASN) []route.ASN { return g.providers[a] }
func (g *graph) Peers(a route.ASN) []route.ASN     { return g.peers[a] }
func (g *graph) Customers(a route.ASN) []route.ASN { return g.customers[a] }
func (g *graph) ASNs() []route.ASN                 { return g.all }

func (g *graph) sell(provider, customer route.ASN) {
	if !slices.Contains(g.providers[customer], provider) {
		g.providers[customer] = append(g.providers[customer], provider)
		g.customers[provider] = append(g.customers[provider], customer)
	}
}

func (g *graph) peer(a, b route.ASN) {
	if a != b && !slices.Contains(g.peers[a], b) && !slices.Contains(g.providers[a], b) &&
		!slices.Contains(g.providers[b], a) {
		g.peers[a] = append(g.peers[a], b)
		g.peers[b] = append(g.peers[b], a)
	}
}

const (
	testTops  = 6
	testMids  = 50
	testStubs = 420
)

func newGraph(r *rand.Rand) *graph {
	g := &graph{
		providers: map[route.ASN][]route.ASN{}, peers: map[route.ASN][]route.ASN{},
		customers: map[route.ASN][]route.ASN{},
	}
	top := func() route.ASN { return route.ASN(1 + r.IntN(testTops)) }
	mid := func() route.ASN { return route.ASN(101 + r.IntN(testMids)) }
	for a := 1; a <= testTops; a++ {
		g.all = append(g.all, route.ASN(a))
		for b := a + 1; b <= testTops; b++ {
			g.peer(route.ASN(a), route.ASN(b))
		}
	}
	for m := route.ASN(101); m < 101+testMids; m++ {
		g.all = append(g.all, m)
		g.sell(top(), m)
		g.sell(top(), m)
		if m > 110 && r.IntN(2) == 0 {
			g.sell(101+route.ASN(r.IntN(10)), m)
		}
	}
	for m := route.ASN(101); m < 101+testMids; m++ {
		for range 6 {
			g.peer(m, mid())
		}
	}
	for s := route.ASN(1001); s < 1001+testStubs; s++ {
		g.all = append(g.all, s)
		for range 1 + r.IntN(3) {
			if g.sell(mid(), s); r.IntN(3) > 0 {
				g.sell(101+route.ASN(r.IntN(10)), s)
			}
		}
	}
	for _, m := range []map[route.ASN][]route.ASN{g.providers, g.peers, g.customers} {
		for _, list := range m {
			slices.Sort(list)
		}
	}
	return g
}

// routesTo gives every AS its path to an origin by the usual policy: customers'
// routes before peers' before providers', then the shortest, then a neighbour
// that differs by origin; only customers' routes go to peers and providers.
func (g *graph) routesTo(origin route.ASN) map[route.ASN][]route.ASN {
	best := map[route.ASN][]route.ASN{origin: {origin}}
	spread := func(from []route.ASN, to func(route.ASN) []route.ASN) []route.ASN {
		next := map[route.ASN][]route.ASN{}
		for _, a := range from {
			for _, b := range to(a) {
				path := append([]route.ASN{b}, best[a]...)
				if best[b] == nil && (next[b] == nil || rank(a, origin) < rank(next[b][1], origin)) {
					next[b] = path
				}
			}
		}
		var reached []route.ASN
		for b, path := range next {
			best[b] = path
			reached = append(reached, b)
		}
		slices.Sort(reached)
		return reached
	}
	cone := []route.ASN{origin}
	for at := cone; len(at) > 0; cone = append(cone, at...) {
		at = spread(at, g.Providers)
	}
	spread(slices.Sorted(slices.Values(cone)), g.Peers)
	byLength := map[int][]route.ASN{}
	for a, path := range best {
		byLength[len(path)] = append(byLength[len(path)], a)
	}
	for n := 1; n < 20; n++ {
		slices.Sort(byLength[n])
		for _, b := range spread(byLength[n], g.Customers) {
			byLength[len(best[b])] = append(byLength[len(best[b])], b)
		}
	}
	return best
}

func rank(a, origin route.ASN) uint32 { return (uint32(a) + uint32(origin)*7919) * 2654435761 }

// newWorld makes a background of peers: some tier 1, some mid-size, some stubs.
// With server, the last one is a route server of mid-size members. Half of the
// routes are primed, all are announced.
func newWorld(tb testing.TB, seed uint64, peers int, server bool) (*Background, *graph) {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	g := newGraph(r)
	bg := &Background{Name: fmt.Sprintf("made up, %d peers", peers)}
	for i := range peers {
		asn := []route.ASN{101 + route.ASN(i), 1001 + route.ASN(i), 1 + route.ASN(i%testTops), 120 + route.ASN(i)}[i%4]
		bg.Peers = append(bg.Peers, route.Peer{
			Collector: "test", Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), ASN: asn,
		})
	}
	if server {
		bg.Peers[peers-1].ASN = 9000
	}
	for i, origin := range g.all {
		routes := g.routesTo(origin)
		for n := range 3 + r.IntN(6) {
			p := route.MustPrefix(fmt.Sprintf("%d.%d.%d.0/22", 20+i/250, i%250, 4*n))
			switch {
			case n == 0 && r.IntN(8) == 0:
				p = route.MustPrefix(fmt.Sprintf("%d.%d.0.0/16", 120+i/250, i%250))
			case n == 1 && r.IntN(4) == 0:
				p = route.MustPrefix(fmt.Sprintf("2a00:%x::/32", i))
			}
			bg.tellAll(r, p, routes)
		}
	}
	slices.SortStableFunc(bg.Updates, func(a, b Element) int { return cmp.Compare(a.At, b.At) })
	return bg, g
}

const testCut = 1000 * route.Second

func (bg *Background) tellAll(r *rand.Rand, p route.Prefix, routes map[route.ASN][]route.ASN) {
	for peer, id := range bg.Peers {
		path := routes[id.ASN]
		if id.ASN == 9000 {
			m := 101 + route.ASN(r.IntN(10))
			if path = routes[m]; len(path) > 3 {
				continue
			}
		}
		if len(path) > 1 && r.IntN(5) == 0 {
			path = append(slices.Clone(path), path[len(path)-1])
		}
		e := Element{Peer: uint32(peer), Prefix: p, Path: path}
		if r.IntN(2) == 0 {
			e.Table = true
			bg.Prime = append(bg.Prime, e)
			continue
		}
		e.At = 100*route.Second + route.Time(r.Int64N(int64(2*testCut)))
		bg.Updates = append(bg.Updates, e)
		e.Table, e.At = true, 0
		if r.IntN(4) > 0 {
			bg.Prime = append(bg.Prime, e)
		}
	}
}

func known(tb testing.TB, peers int, server bool) *Knowledge {
	tb.Helper()
	bg, g := newWorld(tb, 1, peers, server)
	return NewKnowledge(bg, testCut, g)
}
