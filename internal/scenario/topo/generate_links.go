package topo

import (
	"slices"

	"detour/route"
)

// draws holds the networks of one tier in one region as lots: one for being
// there and one more for each customer, so that the rich get richer.
type draws struct {
	all  []int32 // each network once
	lots []int32
}

// providersOf says, for a tier, how likely its providers come from each of the
// transit tiers (in percent) and how likely it has 1, 2, 3 … of them.
var providersOf = [tiers]struct {
	from  [4]int
	count []int
}{
	tierLarge:   {[4]int{100, 0, 0, 0}, []int{10, 40, 35, 15}},
	tierMid:     {[4]int{50, 50, 0, 0}, []int{20, 45, 25, 10}},
	tierSmall:   {[4]int{25, 40, 35, 0}, []int{30, 45, 18, 7}},
	tierContent: {[4]int{40, 40, 20, 0}, []int{5, 30, 30, 15, 12, 8}},
	tierStub:    {[4]int{20, 28, 28, 24}, []int{42, 36, 14, 6, 2}},
}

// customers gives every network below the clique its providers.
func (m *maker) customers() {
	var transit [tierSmall + 1][regions]draws
	for t := range tiers {
		for i := m.first[t]; i < m.first[t+1]; i++ {
			p := &m.ases[i]
			if t > tierOne {
				m.giveProviders(i, &transit)
			}
			if t <= tierSmall && (p.named == nil || !p.named.alone || t <= tierLarge) {
				for r := range regions {
					if t == tierOne || r == int(p.region) || t == tierLarge && m.rng.IntN(3) == 0 {
						d := &transit[t][r]
						d.all = append(d.all, i)
						d.lots = append(d.lots, slices.Repeat([]int32{i}, headStart(p.asn))...)
					}
				}
			}
		}
	}
}

// headStart is how many lots a network begins with. The two networks with most
// customers, and four more, are well ahead of the rest.
func headStart(a route.ASN) int {
	switch a {
	case 174, 3356:
		return 16
	case 1299, 3257, 6461, 6939, 7018:
		return 5
	}
	return 1
}

func (m *maker) giveProviders(i int32, transit *[tierSmall + 1][regions]draws) {
	p := &m.ases[i]
	want := 1 + m.pick(providersOf[p.tier].count)
	if p.named != nil {
		if p.named.alone {
			return
		}
		want = m.rng.IntN(2)
	}
	for tries := 0; want > 0 && tries < 50; tries++ {
		from := m.pick(providersOf[p.tier].from[:])
		region := p.region
		if m.rng.IntN(100) < 12 {
			region = m.region()
		}
		d := &transit[from][region]
		if len(d.all) == 0 {
			continue
		}
		provider := d.lots[m.rng.IntN(len(d.lots))]
		if m.rng.IntN(100) < 25 {
			provider = d.all[m.rng.IntN(len(d.all))]
		}
		if m.link(i, provider, Provider) {
			d.lots = append(d.lots, provider)
			want--
		}
	}
	if p.named == nil && want > 0 && !m.hasProvider(i) { // a thin region: a tier-1 takes it
		m.link(i, m.rng.Int32N(m.first[tierLarge]), Provider)
	}
}

// hasProvider looks at the last link only, which is where a provider would be.
func (m *maker) hasProvider(i int32) bool {
	last := m.links[len(m.links)-1]
	return last.a == m.ases[i].asn && last.r == Provider
}

// pick draws an index with the given weights.
func (m *maker) pick(weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := m.rng.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// peering makes the clique, private peering among large networks, and peering
// at exchange points until about want links are there.
func (m *maker) peering(want int) {
	large := m.first[tierLarge+1]
	for a := range large {
		for b := range a {
			ta, tb := m.ases[a], m.ases[b]
			switch {
			case a < m.first[tierLarge]:
				m.link(a, b, Peer)
			case ta.named != nil && ta.named.alone && tb.tier == tierOne: // as the table says, no more
			case tb.tier == tierOne && m.rng.IntN(100) < 12, tb.tier == tierLarge && m.rng.IntN(100) < 25:
				m.link(a, b, Peer)
			}
		}
	}
	exchanges := m.exchanges()
	sum := 0
	for _, x := range exchanges {
		sum += len(x) * len(x)
	}
	for tries, made := 0, 0; made < want && tries < 8*want; tries++ {
		at := m.rng.IntN(sum)
		for _, x := range exchanges {
			if at -= len(x) * len(x); at >= 0 {
				continue
			}
			a, b := x[m.rng.IntN(len(x))], x[m.rng.IntN(len(x))]
			if m.open(a) && m.open(b) && m.link(a, b, Peer) {
				made++
			}
			break
		}
	}
}

// open draws whether a network agrees to peer.
func (m *maker) open(a int32) bool {
	percent := 100
	switch m.ases[a].tier {
	case tierLarge:
		percent = 25
	case tierMid:
		percent = 70
	}
	return m.rng.IntN(100) < percent
}

// exchanges returns the members of the exchange points, largest first; who
// peers much is there several times.
func (m *maker) exchanges() [][]int32 {
	out := make([][]int32, max(8, len(m.ases)/300))
	join := func(i int32, times, lots int) {
		for range times {
			n := len(out)
			for range 2 { // the least of three draws: large ones fill more
				n = min(n, m.rng.IntN(len(out)))
			}
			for range lots {
				out[n] = append(out[n], i)
			}
		}
	}
	for i := m.first[tierLarge]; i < int32(len(m.ases)); i++ {
		p := &m.ases[i]
		if p.named != nil && p.named.alone && p.tier != tierContent && p.asn != 6939 {
			continue
		}
		switch p.tier {
		case tierLarge:
			join(i, 5+m.rng.IntN(15), 1)
		case tierMid:
			join(i, 1+m.rng.IntN(6), 1)
		case tierSmall:
			join(i, m.rng.IntN(4), 1)
		case tierStub:
			if m.rng.IntN(100) < 15 {
				join(i, 1+m.rng.IntN(2), 1)
			}
		}
		if p.tier == tierContent || p.asn == 6939 {
			join(i, 5+m.rng.IntN(40), 3)
		}
	}
	return out
}
