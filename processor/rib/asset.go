package rib

import (
	"encoding/binary"

	"github.com/RoaringBitmap/roaring/v2"
)

// asSet is a set of dense AS ids: a roaring bitmap in its portable form
// (RoaringFormatSpec, "no run containers"), read where it lies. A set of an
// ordinary prefix fits one or two cache lines so; as a Bitmap it is five
// objects.
type asSet []byte

const (
	asSetCookie = 12346
	asSetHead   = 8    // cookie, number of containers
	asSetArray  = 4096 // most members of an array container
)

// has reports whether as is in the set.
func (s asSet) has(as uint32) bool {
	if len(s) < asSetHead {
		return false
	}
	if binary.LittleEndian.Uint32(s) != asSetCookie {
		return s.bitmap().Contains(as)
	}
	n := int(binary.LittleEndian.Uint32(s[4:]))
	for i := range n {
		key := s[asSetHead+4*i:]
		if uint32(binary.LittleEndian.Uint16(key)) != as>>16 {
			continue
		}
		members := int(binary.LittleEndian.Uint16(key[2:])) + 1
		at := binary.LittleEndian.Uint32(s[asSetHead+4*(n+i):])
		if members > asSetArray {
			return s[at:][as&0xffff>>3]>>(as&7)&1 != 0
		}
		return inArray(s[at:][:2*members], uint16(as))
	}
	return false
}

// inArray searches ascending numbers of two octets.
func inArray(a []byte, v uint16) bool {
	lo, hi := 0, len(a)/2
	for hi-lo > 8 {
		if mid := (lo + hi) / 2; binary.LittleEndian.Uint16(a[2*mid:]) <= v {
			lo = mid
		} else {
			hi = mid
		}
	}
	for ; lo < hi; lo++ {
		if binary.LittleEndian.Uint16(a[2*lo:]) == v {
			return true
		}
	}
	return false
}

// bitmap returns the set for the operations of the library. It views s.
func (s asSet) bitmap() *roaring.Bitmap {
	b := roaring.New()
	if len(s) > 0 {
		b.FromBuffer(s) //nolint:errcheck // s was written by the library
	}
	return b
}
