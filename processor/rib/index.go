package rib

import (
	"math/bits"

	"detour/processor/flat"
	"detour/route"
)

// index finds the id of a prefix. IPv4 cells are one word: a 38-bit key
// (address and length) above a 26-bit id. IPv6 cells hold the whole prefix.
// Ids start at 1; an entry is never removed.
type index struct {
	v4    []uint64
	v6    []cell6
	n     int
	shift uint8
}

type cell6 struct {
	hi, lo uint64
	bits   uint32
	id     uint32
}

const idBits = 26

func key4(p route.Prefix) uint64 { return p.Hi>>32<<6 | uint64(p.Bits) }

func hash6(hi, lo uint64, bits uint8) uint64 {
	return flat.Hash64(hi ^ flat.Hash64(lo^uint64(bits)<<56))
}

func (x *index) find(p route.Prefix) uint32 {
	if x.n == 0 {
		return 0
	}
	if p.Family == route.IPv4 {
		return x.find4(key4(p))
	}
	mask := len(x.v6) - 1
	for i := int(hash6(p.Hi, p.Lo, p.Bits) >> x.shift); ; i = (i + 1) & mask {
		c := &x.v6[i]
		if c.id == 0 || (c.hi == p.Hi && c.lo == p.Lo && c.bits == uint32(p.Bits)) {
			return c.id
		}
	}
}

func (x *index) find4(key uint64) uint32 {
	mask := len(x.v4) - 1
	for i := int(flat.Hash64(key) >> x.shift); ; i = (i + 1) & mask {
		c := x.v4[i]
		if c == 0 {
			return 0
		}
		if c>>idBits == key {
			return uint32(c & (1<<idBits - 1))
		}
	}
}

// touch reads the cell where p would stand if nothing else were in the way, so that
// the processor fetches it. The index must not be empty.
func (x *index) touch(p route.Prefix) uint64 {
	if len(x.v4) != 0 {
		return x.v4[flat.Hash64(key4(p))>>x.shift]
	}
	return x.v6[hash6(p.Hi, p.Lo, p.Bits)>>x.shift].hi
}

// add enters a prefix that is not there.
func (x *index) add(p route.Prefix, id uint32) {
	if x.n*4 >= (len(x.v4)+len(x.v6))*3 {
		x.grow(p.Family)
	}
	x.n++
	if p.Family == route.IPv4 {
		x.place4(key4(p)<<idBits | uint64(id))
		return
	}
	x.place6(cell6{hi: p.Hi, lo: p.Lo, bits: uint32(p.Bits), id: id})
}

func (x *index) place4(c uint64) {
	mask := len(x.v4) - 1
	i := int(flat.Hash64(c>>idBits) >> x.shift)
	for x.v4[i] != 0 {
		i = (i + 1) & mask
	}
	x.v4[i] = c
}

func (x *index) place6(c cell6) {
	mask := len(x.v6) - 1
	i := int(hash6(c.hi, c.lo, uint8(c.bits)) >> x.shift)
	for x.v6[i].id != 0 {
		i = (i + 1) & mask
	}
	x.v6[i] = c
}

func (x *index) grow(f route.Family) {
	size := max(1024, 2*(len(x.v4)+len(x.v6)))
	x.shift = uint8(64 - bits.TrailingZeros(uint(size)))
	if f == route.IPv4 {
		old := x.v4
		x.v4 = make([]uint64, size)
		for _, c := range old {
			if c != 0 {
				x.place4(c)
			}
		}
		return
	}
	old := x.v6
	x.v6 = make([]cell6, size)
	for _, c := range old {
		if c.id != 0 {
			x.place6(c)
		}
	}
}

// each calls f for every prefix, in no useful order.
func (x *index) each(fam route.Family, f func(p route.Prefix, id uint32)) {
	for _, c := range x.v4 {
		if c != 0 {
			k := c >> idBits
			f(route.Prefix{Hi: k >> 6 << 32, Bits: uint8(k & 63), Family: fam}, uint32(c&(1<<idBits-1)))
		}
	}
	for _, c := range x.v6 {
		if c.id != 0 {
			f(route.Prefix{Hi: c.hi, Lo: c.lo, Bits: uint8(c.bits), Family: fam}, c.id)
		}
	}
}
