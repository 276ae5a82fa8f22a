package topo

import (
	"fmt"
	"math/rand/v2"

	"detour/route"
)

// Config sizes a made-up Internet.
type Config struct {
	ASes      int // default 75,000; from 1,000 to 100,000
	PeerLinks int // wanted links between peers; default 3.3 for each AS
}

// Bounds of Config.ASes: the named networks must be a small part, and the AS
// numbers in use suffice for no more.
const (
	asesMin = 1000
	asesMax = 100_000
)

// Generate makes up an Internet: a clique of tier-1 networks, 15 % transit
// networks in three tiers whose customer cones have a heavy tail, multi-homed
// edge networks, and peering at exchange points that grows with their size
// squared. The networks of known incidents are among them with the neighbours
// that file named.go gives them. Shares and sizes are by construction.
func Generate(cfg Config, seed uint64) (*Graph, error) {
	if cfg.ASes == 0 {
		cfg.ASes = 75_000
	}
	if cfg.ASes < asesMin || cfg.ASes > asesMax {
		return nil, fmt.Errorf("generate graph: %d networks, want %d to %d", cfg.ASes, asesMin, asesMax)
	}
	if cfg.PeerLinks == 0 {
		cfg.PeerLinks = cfg.ASes * 33 / 10
	}
	m := &maker{
		rng:    rand.New(rand.NewPCG(seed, 0x746f706f)),
		used:   make(map[route.ASN]int32, cfg.ASes),
		linked: make(map[uint64]struct{}, 4*cfg.ASes),
	}
	m.places(cfg.ASes)
	m.namedLinks()
	m.customers()
	m.peering(cfg.PeerLinks)
	return NewGraph(func(yield func(a, b route.ASN, r Rel) bool) {
		for _, l := range m.links {
			if !yield(l.a, l.b, l.r) {
				return
			}
		}
	})
}

// regions is how many parts of the world there are; the first are the largest.
const regions = 24

// maker holds an Internet in the making. Networks are numbered in the order of
// their tiers.
type maker struct {
	rng    *rand.Rand
	used   map[route.ASN]int32
	ases   []place
	first  [tiers + 1]int32 // the tiers' ranges in ases
	linked map[uint64]struct{}
	links  []link
}

// place is one network in the making.
type place struct {
	asn    route.ASN
	tier   tier
	region uint8
	named  *namedAS
}

// places gives every tier its networks, the named ones first.
func (m *maker) places(total int) {
	want := [tiers]int{
		tierOne: 0, tierLarge: total / 500, tierMid: total / 40, tierContent: total / 250,
	}
	want[tierSmall] = total*15/100 - want[tierLarge] - want[tierMid]
	for t := range tiers {
		m.first[t] = int32(len(m.ases))
		for _, list := range [][]namedAS{named, namedEdges} {
			for i := range list {
				if n := &list[i]; n.tier == t {
					m.add(n.asn, t, n)
				}
			}
		}
		for len(m.ases)-int(m.first[t]) < want[t] || t == tierStub && len(m.ases) < total {
			m.add(m.number(t), t, nil)
		}
	}
	m.first[tiers] = int32(len(m.ases))
}

func (m *maker) add(asn route.ASN, t tier, n *namedAS) {
	m.used[asn] = int32(len(m.ases))
	m.ases = append(m.ases, place{asn: asn, tier: t, region: m.region(), named: n})
}

// region draws a part of the world, the first as likely as 1, the next as 1/2.
func (m *maker) region() uint8 {
	for {
		if r := m.rng.IntN(regions); m.rng.IntN(r+1) == 0 {
			return uint8(r)
		}
	}
}

// numbers are the ranges that AS numbers come from, about as the registries
// have handed them out.
var numbers = [...][2]uint32{
	{1, 64495}, {131072, 153500}, {196608, 216500}, {262144, 275000}, {327680, 329500}, {393216, 402500},
}

// number draws an AS number that is public and free; old ones for transit.
func (m *maker) number(t tier) route.ASN {
	for {
		span := numbers[0]
		if old := map[bool]int{true: 75, false: 48}[t < tierContent]; m.rng.IntN(100) >= old {
			span = numbers[1+m.rng.IntN(len(numbers)-1)]
		}
		a := route.ASN(span[0] + m.rng.Uint32N(span[1]-span[0]))
		if _, taken := m.used[a]; !taken && a.Public() && !isNamed(a) {
			return a
		}
	}
}

func isNamed(a route.ASN) bool {
	for _, list := range [][]namedAS{named, namedEdges} {
		for i := range list {
			if list[i].asn == a {
				return true
			}
		}
	}
	return false
}

// link makes b r to a, unless they have a link, and says whether it did.
func (m *maker) link(a, b int32, r Rel) bool {
	key := uint64(min(a, b))<<32 | uint64(max(a, b))
	if _, is := m.linked[key]; is || a == b {
		return false
	}
	m.linked[key] = struct{}{}
	m.links = append(m.links, link{m.ases[a].asn, m.ases[b].asn, r})
	return true
}

// namedLinks sets down what the table says, before anything is made up.
func (m *maker) namedLinks() {
	for i := range m.ases {
		n := m.ases[i].named
		if n == nil {
			continue
		}
		n.each(func(b route.ASN, r Rel) bool {
			m.link(int32(i), m.used[b], r)
			return true
		})
	}
}
