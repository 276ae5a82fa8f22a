package reference

import "detour/route"

// asnIndex numbers AS numbers densely in order of arrival: open addressing, 8
// bytes a slot, at most three quarters full. AS 0 marks an empty slot. The zero
// value is empty.
type asnIndex struct {
	slots []asnSlot
	n     int
}

type asnSlot struct {
	asn   route.ASN
	index uint32
}

// mix is a fixed hash: the same file gives the same table everywhere.
func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

// slot returns the position of a, or the empty one where it would go.
func (x *asnIndex) slot(a route.ASN) int {
	mask := uint64(len(x.slots) - 1)
	i := mix(uint64(a)) & mask
	for x.slots[i].asn != a && x.slots[i].asn != 0 {
		i = (i + 1) & mask
	}
	return int(i)
}

// find returns the number of a; ok is false for AS 0 and whatever is not there.
func (x *asnIndex) find(a route.ASN) (index int, ok bool) {
	if x.n == 0 || a == 0 {
		return 0, false
	}
	s := x.slots[x.slot(a)]
	return int(s.index), s.asn == a
}

// add returns the number of a, which must not be 0, and whether it is new.
func (x *asnIndex) add(a route.ASN) (index int, isNew bool) {
	if 4*(x.n+1) > 3*len(x.slots) {
		old := x.slots
		x.slots = make([]asnSlot, max(16, 2*len(old)))
		for _, s := range old {
			if s.asn != 0 {
				x.slots[x.slot(s.asn)] = s
			}
		}
	}
	s := &x.slots[x.slot(a)]
	if s.asn == a {
		return int(s.index), false
	}
	*s = asnSlot{asn: a, index: uint32(x.n)}
	x.n++
	return x.n - 1, true
}
