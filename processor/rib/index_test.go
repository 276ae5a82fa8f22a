package rib

import (
	"maps"
	"math/rand/v2"
	"testing"

	"detour/route"
)

// randomPrefixes returns n different prefixes of a family, all lengths among
// them and many at the same few addresses.
func randomPrefixes(rnd *rand.Rand, f route.Family, n int) map[route.Prefix]uint32 {
	all := map[route.Prefix]uint32{}
	for len(all) < n {
		p := route.Prefix{Hi: rnd.Uint64(), Family: f, Bits: uint8(rnd.IntN(f.MaxBits() + 1))}
		if f == route.IPv6 {
			p.Lo = rnd.Uint64()
		}
		if rnd.IntN(2) == 0 {
			p.Hi, p.Lo = 0x0a20_0000_0000_0000, 0 // 10.32.0.0, a20::
		}
		hi, lo := route.Mask(p.Bits)
		if f == route.IPv4 {
			hi &= 0xffff_ffff << 32
		}
		p.Hi, p.Lo = p.Hi&hi, p.Lo&lo
		if _, ok := all[p]; !ok {
			all[p] = uint32(len(all) + 1)
		}
	}
	return all
}

// TestIndexIsAMap holds the prefix index against a map, through its growth.
func TestIndexIsAMap(t *testing.T) {
	for _, f := range []route.Family{route.IPv4, route.IPv6} {
		rnd := rand.New(rand.NewPCG(1, uint64(f)))
		want := randomPrefixes(rnd, f, 5000)
		var x index
		for p, id := range want {
			if got := x.find(p); got != 0 {
				t.Fatalf("%v has id %d before it is there", p, got)
			}
			x.add(p, id)
			if got := x.find(p); got != id {
				t.Fatalf("%v has id %d, want %d", p, got, id)
			}
		}
		if cells := len(x.v4) + len(x.v6); x.n != 5000 || cells != 8192 {
			t.Errorf("%d prefixes in %d cells", x.n, cells)
		}
		for p, id := range want {
			if got := x.find(p); got != id {
				t.Fatalf("%v has id %d, want %d", p, got, id)
			}
		}
		for p := range randomPrefixes(rnd, f, 5000) {
			if got := x.find(p); got != want[p] {
				t.Fatalf("%v has id %d, want %d", p, got, want[p])
			}
		}
		got := map[route.Prefix]uint32{}
		x.each(f, func(p route.Prefix, id uint32) { got[p] = id })
		if !maps.Equal(got, want) {
			t.Errorf("family %d: each differs", f)
		}
	}
}

// TestIndexCellHoldsTheGreatest holds that key and id do not meet in a cell.
func TestIndexCellHoldsTheGreatest(t *testing.T) {
	var x index
	const most = 1<<idBits - 1
	last, first := route.MustPrefix("255.255.255.255/32"), route.MustPrefix("0.0.0.0/0")
	x.add(last, most)
	x.add(first, 1)
	if a, b := x.find(last), x.find(first); a != most || b != 1 {
		t.Errorf("ids %d and %d", a, b)
	}
	if id := x.find(route.MustPrefix("255.255.255.255/31")); id != 0 {
		t.Errorf("a prefix that is not there has id %d", id)
	}
}
