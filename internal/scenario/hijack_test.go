package scenario

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"detour/route"
)

func TestHijacksAreSoundAndOfTheSizeAsked(t *testing.T) {
	k := known(t, 12, false)
	for f := ExactPrefix; f <= ForgedNeighbour; f++ {
		for _, p := range []HijackParams{
			{},
			{Prefixes: 1, Peers: 3, Watched: true},
			{Prefixes: 7, Victims: 3, Peers: 2},
			{Prefixes: 40, Victims: 20, EndAfter: route.Minute, Ramp: route.Second},
		} {
			p.Forgery = f
			for seed := uint64(1); seed <= 3; seed++ {
				t.Run(fmt.Sprintf("%s/%+v/%d", f, p, seed), func(t *testing.T) {
					c := sound(t, k, func() (*Case, error) { return Hijack(k, p, seed) })
					checkHijack(t, k, c, p)
				})
			}
		}
	}
}

func checkHijack(t *testing.T, k *Knowledge, c *Case, p HijackParams) {
	t.Helper()
	w := c.Want
	prefixes, origins := map[route.Prefix]bool{}, map[route.ASN]bool{}
	for _, e := range c.Elements {
		if !e.Bad {
			continue
		}
		prefixes[e.Prefix] = true
		n, known := k.index[e.Prefix]
		if p.Forgery == SubPrefix {
			if known {
				t.Fatalf("%v is in the table", e.Prefix)
			}
			whole := cover(e.Prefix)
			if n, known = k.index[whole]; !known {
				t.Fatalf("%v is no half of a known prefix", e.Prefix)
			}
		}
		victim, last := k.origin(k.at(n)[0]), len(e.Path)-1
		origins[victim] = true
		at := last
		if p.Forgery == ForgedNeighbour {
			if at--; e.Path[last] != victim {
				t.Errorf("path %v: the victim is %v", e.Path, victim)
			}
		} else if has(e.Path, victim) {
			t.Errorf("path %v: the victim %v is on it", e.Path, victim)
		}
		if e.Path[at] != w.Suspect || e.Path[at-1] != w.ExportedTo || k.neighbours(w.Suspect, victim) {
			t.Errorf("path %v of %v, want %+v", e.Path, victim, w)
		}
	}
	if len(prefixes) != max(p.Prefixes, 1) || len(origins) != max(p.Victims, 1) || w.Origins != len(origins) {
		t.Errorf("%d prefixes of %d origins, want %+v", len(prefixes), len(origins), w)
	}
	if (len(c.Watch) > 0) != p.Watched || p.Peers > 0 && w.Peers != p.Peers {
		t.Errorf("%d watched, %d peers", len(c.Watch), w.Peers)
	}
	if last := c.Elements[len(c.Elements)-1]; last.Bad != (p.EndAfter == 0) {
		t.Errorf("the last element is %+v", last)
	}
}

func TestOutagesTakeAllPrefixesOfAnOrigin(t *testing.T) {
	k := known(t, 12, false)
	for _, p := range []OutageParams{
		{Prefixes: 3}, {Prefixes: 5, Share: 0.5, Watched: true}, {Prefixes: 1, Return: 5 * route.Minute},
	} {
		for seed := uint64(1); seed <= 4; seed++ {
			c := sound(t, k, func() (*Case, error) { return Outage(k, p, seed) })
			gone, peers, longer := map[holding]bool{}, map[uint32]bool{}, 0
			for _, e := range c.Elements {
				n := k.index[e.Prefix]
				gone[holding{n, e.Peer}] = e.Path == nil
				peers[e.Peer] = true
				if held, ok := k.held(n, e.Peer); !ok || k.origin(held) != c.Want.Origin {
					t.Errorf("%v at peer %d is no route of %v", e.Prefix, e.Peer, c.Want.Origin)
				} else if e.Bad && e.Path != nil {
					longer++
					if len(e.Path) < len(k.path(held)) || slices.Equal(e.Path, k.path(held)) {
						t.Errorf("%v is explored after %v", e.Path, k.path(held))
					}
				}
			}
			for h, down := range gone {
				if down != (p.Return == 0) {
					t.Errorf("%+v: %v at peer %d: down %v", p, k.prefixes[h.prefix], h.peer, down)
				}
			}
			share := 1.0
			if p.Share > 0 {
				share = p.Share
			}
			if c.Want.Prefixes < p.Prefixes || len(peers) != int(share*float64(len(k.bg.Peers))+0.5) || longer == 0 {
				t.Errorf("%+v: %+v, %d peers, %d explored", p, c.Want, len(peers), longer)
			}
			if want := p.Watched; want != slices.Contains(c.Watch, c.Elements[0].Prefix) {
				t.Errorf("watched: %v", c.Watch)
			}
		}
	}
	if _, err := Outage(k, OutageParams{Prefixes: 1000}, 1); !errors.Is(err, errNoCase) {
		t.Errorf("an origin of 1000 prefixes: %v", err)
	}
	if _, err := Hijack(k, HijackParams{Peers: 13}, 1); !errors.Is(err, errNoCase) {
		t.Errorf("a hijack at 13 of 12 peers: %v", err)
	}
}
