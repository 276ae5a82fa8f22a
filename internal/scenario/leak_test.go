package scenario

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"detour/route"
)

func TestLeaksAreSoundAndOfTheSizeAsked(t *testing.T) {
	plain := known(t, 12, false)
	served := known(t, 12, true)
	for _, k := range []*Knowledge{plain, served} {
		for role := StubProviders; role <= RouteServerMember; role++ {
			for _, p := range []LeakParams{
				{Prefixes: 20, Peers: 1},
				{Prefixes: 50, Peers: 3, MoreSpecific: 0.5},
				{Prefixes: 30, Peers: 0, MoreSpecific: 1, FullFeed: true, Prepend: 4},
				{Prefixes: 40, Peers: 2, Waves: 3, EndAfter: 30 * route.Second, OwnUnknown: true, Ramp: route.Second},
			} {
				p.Role = role
				for seed := uint64(1); seed <= 3; seed++ {
					t.Run(fmt.Sprintf("%s/%+v/%d", role, p, seed), func(t *testing.T) {
						c := sound(t, k, func() (*Case, error) { return Leak(k, p, seed) })
						checkLeak(t, k, c, p)
					})
				}
			}
		}
	}
}

// checkLeak holds a leak against its parameters and the relations.
func checkLeak(t *testing.T, k *Knowledge, c *Case, p LeakParams) {
	t.Helper()
	w := c.Want
	prefixes, peers, exact := map[route.Prefix]bool{}, map[uint32]bool{}, 0
	for _, e := range c.Elements {
		if e.Bad {
			prefixes[e.Prefix], peers[e.Peer] = true, true
			checkLeakPath(t, k, e, w, p)
		}
	}
	for q := range prefixes {
		if _, ok := k.index[q]; ok {
			exact++
		}
	}
	if len(prefixes) != p.Prefixes || w.Prefixes != p.Prefixes || len(peers) != w.Peers {
		t.Errorf("%d prefixes at %d peers, want %+v", len(prefixes), len(peers), w)
	}
	if p.Peers > 0 && len(peers) > p.Peers || w.Origins == 0 {
		t.Errorf("%d peers, %d origins", len(peers), w.Origins)
	}
	if p.MoreSpecific == 0 && exact != p.Prefixes || p.MoreSpecific == 1 && exact > p.Prefixes/2 {
		t.Errorf("%d of %d prefixes are in the table", exact, p.Prefixes)
	}
	up := map[Role][2]bool{ // exported to a provider, learned from a provider
		StubProviders: {true, true}, MidProviders: {true, true}, PeerToProvider: {true, false}, ProviderToPeer: {false, true},
	}
	if want, ok := up[p.Role]; ok {
		got := [2]bool{k.customerOf(w.Suspect, w.ExportedTo), k.customerOf(w.Suspect, w.LearnedFrom)}
		if got != want || w.ExportedTo == w.LearnedFrom {
			t.Errorf("roles of %+v: %v", w, got)
		}
	}
	if stub := len(k.rel.Customers(w.Suspect)) == 0; p.Role <= MidProviders && stub != (p.Role == StubProviders) {
		t.Errorf("%v has customers: %v", w.Suspect, !stub)
	}
	checkTable(t, k, c, p)
}

// checkLeakPath wants the triplet on the path, real ways on both sides of it,
// and the leaker on no route that the peer had.
func checkLeakPath(t *testing.T, k *Knowledge, e Element, w *Want, p LeakParams) {
	t.Helper()
	i := slices.Index(e.Path, w.Suspect)
	if i < 0 || e.Path[i+1+p.Prepend] != w.LearnedFrom || i > 0 && w.ExportedTo != 0 && e.Path[i-1] != w.ExportedTo {
		t.Fatalf("path %v, want %+v", e.Path, w)
	}
	for j, a := range e.Path[:len(e.Path)-1] {
		if b := e.Path[j+1]; a != b && !k.neighbours(a, b) && (p.Role != RouteServerMember || b != w.Suspect) {
			t.Errorf("path %v: %v and %v have no session", e.Path, a, b)
		}
	}
	if n, ok := k.index[e.Prefix]; ok {
		tail := k.wayFrom(w.LearnedFrom, n)
		if p.MoreSpecific == 0 && !slices.Equal(tail, e.Path[i+1+p.Prepend:]) {
			t.Errorf("path %v: the network learned from has %v", e.Path, tail)
		}
	}
}

// checkTable looks at the table entries that come with a leak.
func checkTable(t *testing.T, k *Knowledge, c *Case, p LeakParams) {
	t.Helper()
	own, behind := 0, 0
	for _, e := range c.Prime {
		switch {
		case e.Path[len(e.Path)-1] == c.Want.Suspect && k.index[e.Prefix] == 0 && e.Prefix != k.prefixes[0]:
			own++
		case int(e.Peer) == len(k.bg.Peers)+len(c.NewPeers)-1 && len(e.Path) > 2 && e.Path[1] == c.Want.Suspect:
			behind++
		}
	}
	if (own > 0) == p.OwnUnknown {
		t.Errorf("%d own routes, unknown: %v", own, p.OwnUnknown)
	}
	if p.FullFeed && behind < len(k.prefixes)/2 || !p.FullFeed && behind > 0 {
		t.Errorf("%d of %d routes at a peer behind the leaker", behind, len(k.prefixes))
	}
}

func TestSameLeakWithAndWithoutAPeerBehindIt(t *testing.T) {
	k := known(t, 12, false)
	p := LeakParams{Role: MidProviders, Prefixes: 50, Peers: 3}
	a, err := Leak(k, p, 7)
	if err != nil {
		t.Fatal(err)
	}
	p.FullFeed = true
	b, err := Leak(k, p, 7)
	if err != nil {
		t.Fatal(err)
	}
	if *a.Want != *b.Want || len(b.NewPeers) != 1 || len(a.NewPeers) != 0 {
		t.Errorf("%+v with %d new peers, %+v with %d", a.Want, len(a.NewPeers), b.Want, len(b.NewPeers))
	}
}

func TestLeakEndsWhereItBegan(t *testing.T) {
	k := known(t, 12, false)
	c, err := Leak(k, LeakParams{
		Role: StubProviders, Prefixes: 60, MoreSpecific: 0.5, Waves: 2, EndAfter: route.Minute,
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	last := map[holding]Element{}
	second, exploring := 0, 0
	for _, e := range c.Elements {
		n, ok := k.index[e.Prefix]
		if !ok {
			n = -1 - int32(e.Prefix.Hi>>40)
		}
		last[holding{n, e.Peer}] = e
		switch since := e.At - c.Elements[0].At; {
		case e.Bad && since > 330*route.Second:
			exploring++
		case e.Bad && since > 190*route.Second:
			second++
		}
	}
	for h, e := range last {
		var want []route.ASN
		if h.prefix >= 0 {
			if s, ok := k.held(h.prefix, h.peer); ok {
				want = k.raw(s)
			}
		}
		if e.Bad || !slices.Equal(e.Path, want) {
			t.Errorf("%v at %d ends with %v, held %v", e.Prefix, e.Peer, e.Path, want)
		}
	}
	if second < 60 || exploring == 0 {
		t.Errorf("%d bad routes in the second wave, %d at the end", second, exploring)
	}
}

func TestLeakThatFitsNowhereSaysSo(t *testing.T) {
	k := known(t, 4, false)
	for _, p := range []LeakParams{{Prefixes: 100_000, Peers: 1}, {Prefixes: 10, Peers: 5}} {
		if c, err := Leak(k, p, 1); !errors.Is(err, errNoCase) {
			t.Errorf("%+v: %v, %v", p, c, err)
		}
	}
}
