package scenario

import (
	"slices"
	"testing"

	"detour/route"
)

// seeds of each kind that the tests below look at.
const storySeeds = 8

func eachCase(t *testing.T, k *Knowledge, kind string, look func(*testing.T, *Case)) {
	t.Helper()
	for seed := uint64(1); seed <= storySeeds; seed++ {
		c, err := Benign(k, kind, seed)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.Name, func(t *testing.T) { look(t, c) })
	}
}

// hops is the path without prepends.
func hops(path []route.ASN) []route.ASN { return slices.Compact(slices.Clone(path)) }

// TestNobodyLeaksInAnEverydayEvent wants that a network which hands a provider or
// peer what another one told it does so in the background too.
func TestNobodyLeaksInAnEverydayEvent(t *testing.T) {
	k := known(t, 12, false)
	type triple [3]route.ASN
	valleys := func(path []route.ASN) (out []triple) {
		for i := 1; i+1 < len(path); i++ {
			if k.above(path[i-1], path[i]) && k.above(path[i+1], path[i]) {
				out = append(out, triple(path[i-1:i+2]))
			}
		}
		return out
	}
	usual := map[triple]bool{}
	for _, w := range k.paths {
		for _, v := range valleys(w.unique) {
			usual[v] = true
		}
	}
	for _, kind := range BenignKinds() {
		eachCase(t, k, kind, func(t *testing.T, c *Case) {
			for _, e := range slices.Concat(c.Prime, c.Elements) {
				for _, v := range valleys(hops(e.Path)) {
					if !usual[v] {
						t.Errorf("%v: %v on %v", e.Prefix, v, e.Path)
					}
				}
			}
		})
	}
}

func TestResetSendsTheTableAgain(t *testing.T) {
	k := known(t, 12, false)
	for kind, stated := range map[string]bool{"session reset": true, "session reset without state messages": false} {
		eachCase(t, k, kind, func(t *testing.T, c *Case) {
			peer := c.Elements[0].Peer
			last, other, states := map[route.Prefix][]route.ASN{}, 0, []route.Kind{}
			for _, e := range c.Elements {
				if e.Peer != peer {
					t.Fatalf("peer %d and peer %d", peer, e.Peer)
				}
				if e.Kind != route.KindUpdate {
					states = append(states, e.Kind)
					continue
				}
				last[e.Prefix] = e.Path
			}
			for p, path := range last {
				held, ok := k.held(k.index[p], peer)
				if !ok {
					t.Fatalf("%v was not held", p)
				}
				if !slices.Equal(path, k.raw(held)) {
					other++
				}
			}
			n := len(k.ofPeer[peer])
			if len(last) != n || other*10 > n {
				t.Errorf("%d of %d routes come again, %d of them otherwise", len(last), n, other)
			}
			up := len(states) >= 2 && states[0] == route.KindPeerDown && states[1] == route.KindPeerUp
			if up != stated || !stated && len(states) > 0 {
				t.Errorf("states %v", states)
			}
		})
	}
}

// TestPathsChangeAsTheStorySays looks at each announcement beside the route that
// was held.
func TestPathsChangeAsTheStorySays(t *testing.T) {
	k := known(t, 12, false)
	for kind, right := range map[string]func(e Element, held []route.ASN) bool{
		"prepend change": func(e Element, held []route.ASN) bool {
			return slices.Equal(hops(e.Path), hops(held)) && len(e.Path) > len(hops(held))
		},
		"ROA mistake": func(e Element, held []route.ASN) bool { return slices.Equal(e.Path, held) },
		"origin migration": func(e Element, held []route.ASN) bool {
			u, h := hops(e.Path), hops(held)
			return slices.Equal(u[:len(u)-1], h) || slices.Equal(u[:len(u)-1], h[:len(h)-1])
		},
		"peer full→partial": func(e Element, _ []route.ASN) bool { return e.Path == nil },
		"tier-1 outage": func(e Element, held []route.ASN) bool {
			return e.Path == nil || !slices.Equal(hops(e.Path), hops(held)) && e.Path[len(e.Path)-1] == held[len(held)-1]
		},
		"ASN renumbering": func(e Element, held []route.ASN) bool {
			u, h, differ := hops(e.Path), hops(held), 0
			for i := range u {
				if u[i] != h[i] {
					differ++
				}
			}
			return len(u) == len(h) && differ == 1
		},
	} {
		eachCase(t, k, kind, func(t *testing.T, c *Case) {
			for _, e := range c.Elements {
				held, ok := k.held(k.index[e.Prefix], e.Peer)
				if !ok || !right(e, k.raw(held)) {
					t.Fatalf("%v at peer %d: %v, held %v", e.Prefix, e.Peer, e.Path, k.raw(held))
				}
			}
		})
	}
}

func TestBlackholesAreMarkedHostRoutes(t *testing.T) {
	k := known(t, 12, false)
	eachCase(t, k, "RTBH", func(t *testing.T, c *Case) {
		for _, e := range c.Elements {
			marked := slices.Equal(e.Communities, []byte{255, 255, 2, 154}) // 65535:666
			if int(e.Prefix.Bits) != e.Prefix.Family.MaxBits() || marked != (e.Path != nil) {
				t.Fatalf("%v: %v, communities %v", e.Prefix, e.Path, e.Communities)
			}
		}
	})
}

func TestShutdownIsMarkedAndComesBack(t *testing.T) {
	k := known(t, 12, false)
	eachCase(t, k, "graceful shutdown", func(t *testing.T, c *Case) {
		marked, last := 0, map[holding]Element{}
		for _, e := range c.Elements {
			if e.Communities != nil {
				marked++
			}
			last[holding{k.index[e.Prefix], e.Peer}] = e
		}
		for h, e := range last {
			if held, _ := k.held(h.prefix, h.peer); !slices.Equal(e.Path, k.raw(held)) || e.Communities != nil {
				t.Errorf("%v at peer %d ends with %v, held %v", e.Prefix, e.Peer, e.Path, k.raw(held))
			}
		}
		if marked != len(last) || marked < fewestMoved {
			t.Errorf("%d marked of %d routes", marked, len(last))
		}
	})
}

func TestMoreSpecificsLieInTheirOriginsPrefixes(t *testing.T) {
	k := known(t, 12, false)
	for kind, longest := range map[string]uint8{
		"traffic-engineering more-specifics": 1, "optimiser of one's own prefixes": 1, "/16 into /24s": 8,
	} {
		eachCase(t, k, kind, func(t *testing.T, c *Case) {
			for _, e := range c.Elements {
				whole := e.Prefix
				for range longest {
					if _, known := k.index[whole]; !known || whole == e.Prefix {
						whole = cover(whole)
					}
				}
				n, known := k.index[whole]
				if _, there := k.index[e.Prefix]; there || !known || k.origin(k.at(n)[0]) != e.Path[len(e.Path)-1] {
					t.Fatalf("%v in %v: %v", e.Prefix, whole, e.Path)
				}
			}
		})
	}
}

func TestZombiesLeaveMostPrefixesOfAnOrigin(t *testing.T) {
	k := known(t, 12, false)
	eachCase(t, k, "zombies and their return", func(t *testing.T, c *Case) {
		last, began := map[holding][]route.ASN{}, c.Elements[0].At
		early := map[holding]bool{}
		for _, e := range c.Elements {
			h := holding{k.index[e.Prefix], e.Peer}
			last[h] = e.Path
			if e.At < began+130*route.Second {
				early[h] = true
			}
		}
		gone, origins := map[int32]bool{}, map[route.ASN]int{}
		stuck := 0
		for h, path := range last {
			if path != nil {
				t.Errorf("%v stays at peer %d", k.prefixes[h.prefix], h.peer)
			}
			if !early[h] {
				stuck++
			}
			if o := k.origin(k.at(h.prefix)[0]); !gone[h.prefix] {
				gone[h.prefix] = true
				origins[o]++
			}
		}
		for o, n := range origins {
			if all := k.prefixCount(k.originated(o)); n*4 > all {
				t.Errorf("%v loses %d of %d prefixes", o, n, all)
			}
		}
		if stuck == 0 || stuck*10 > len(last) {
			t.Errorf("%d of %d routes stay for a while", stuck, len(last))
		}
	})
}

func TestRoaMistakesMakeTheOriginsRoutesInvalid(t *testing.T) {
	k := known(t, 12, false)
	eachCase(t, k, "ROA mistake", func(t *testing.T, c *Case) {
		for _, v := range c.VRPs {
			short := v.MaxLength < v.Prefix.Bits+1 && v.Origin == c.Elements[0].Path[len(c.Elements[0].Path)-1]
			if v.MaxLength < v.Prefix.Bits || !short && !k.unseen(v.Origin) {
				t.Errorf("%+v", v)
			}
		}
		for _, e := range c.Elements {
			if !slices.ContainsFunc(c.VRPs, func(v VRP) bool {
				return v.Prefix.Contains(e.Prefix) && (e.Prefix.Bits > v.MaxLength || v.Origin != e.Path[len(e.Path)-1])
			}) {
				t.Errorf("%v %v is not invalid", e.Prefix, e.Path)
			}
		}
	})
}

func TestBeaconsComeAndGo(t *testing.T) {
	k := known(t, 12, false)
	eachCase(t, k, "beacons", func(t *testing.T, c *Case) {
		turns, was := map[holding]int{}, map[holding]bool{}
		for _, e := range c.Elements {
			if !slices.Contains(beaconPrefixes(), e.Prefix) || e.Path != nil && e.Path[len(e.Path)-1] != beaconOrigin {
				t.Fatalf("%v: %v", e.Prefix, e.Path)
			}
			h := holding{int32(e.Prefix.Hi >> 40), e.Peer}
			if down := e.Path == nil; down != was[h] {
				turns[h]++
				was[h] = down
			}
		}
		for h, n := range turns {
			if n != 8 || was[h] {
				t.Errorf("%d turns, down at the end: %v", n, was[h])
			}
		}
	})
}

func TestNewVantagePointsBringTheirTable(t *testing.T) {
	k := known(t, 12, false)
	for kind, peers := range map[string]int{
		"new peer": 1, "peer partial→full": 1, "new route-server member": 1,
		"new upstream of a peer with peers behind it": 2,
	} {
		eachCase(t, k, kind, func(t *testing.T, c *Case) {
			if len(c.NewPeers) != peers || (kind == "new peer") != (len(c.Prime) == 0) {
				t.Fatalf("%d new peers, %d table entries", len(c.NewPeers), len(c.Prime))
			}
			for _, p := range c.NewPeers {
				if !k.unseen(p.ASN) || slices.Contains(k.bg.Peers, p) || !p.Addr.IsValid() {
					t.Errorf("new peer %+v", p)
				}
			}
		})
	}
}
