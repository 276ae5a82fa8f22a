package topo

import (
	"math/rand/v2"
	"slices"

	"detour/route"
)

// makeUp6 adds IPv6 prefixes: two in five ASes have a /29 from one of the
// registries' /12s, announce a block of it and, if they have more, parts.
func (t *Table) makeUp6(out []entry, rng *rand.Rand) []entry {
	total := t.cfg.Prefixes6
	if total <= 0 {
		return out
	}
	regions := [...]uint64{0x2400 << 48, 0x2600 << 48, 0x2800 << 48, 0x2a00 << 48, 0x2c00 << 48}
	table := cumulative(lengths6[:])
	blocks := map[route.Prefix]bool{route.MustPrefix("2606:4700::/29"): true}
	used := map[route.Prefix]bool{}
	for made := 0; made < total; {
		v := rng.Int32N(int32(t.g.Len()))
		if a := t.g.asns[v]; mix(uint64(a))%5 >= 2 || slices.Contains(t.cfg.Silent, a) {
			continue
		}
		block := route.Prefix{Bits: 29, Family: route.IPv6}
		for {
			block.Hi = regions[rng.IntN(len(regions))] | rng.Uint64N(1<<17)<<(64-29)
			if !blocks[block] {
				break
			}
		}
		blocks[block] = true
		for range 1 + int(rng.ExpFloat64()*float64(total)/float64(t.g.Len())*4) {
			p := block
			p.Bits = uint8(29 + draw(table, rng))
			p.Hi |= rng.Uint64N(1<<(p.Bits-29)) << (64 - p.Bits)
			if !used[p] {
				used[p] = true
				out = append(out, entry{p, v})
				made++
			}
		}
	}
	return out
}
