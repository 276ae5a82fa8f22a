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
	for i := range s.containers() {
		key, members, at := s.container(i)
		switch {
		case key != as>>16:
		case members > asSetArray:
			return s[at:][as&0xffff>>3]>>(as&7)&1 != 0
		default:
			return inArray(s[at:][:2*members], uint16(as))
		}
	}
	return false
}

// containers returns how many runs of 2¹⁶ ids the set has members in.
func (s asSet) containers() int { return int(binary.LittleEndian.Uint32(s[4:])) }

// container returns the upper half of the ids of a container, how many members it
// has, and where they stand.
func (s asSet) container(i int) (key uint32, members int, at uint32) {
	head := s[asSetHead+4*i:]
	key = uint32(binary.LittleEndian.Uint16(head))
	members = int(binary.LittleEndian.Uint16(head[2:])) + 1
	return key, members, binary.LittleEndian.Uint32(s[asSetHead+4*(s.containers()+i):])
}

// members appends the members of the set, ascending.
func (s asSet) members(dst []uint32) []uint32 {
	if len(s) < asSetHead {
		return dst
	}
	from := len(dst)
	if binary.LittleEndian.Uint32(s) == asSetCookie {
		for i := range s.containers() {
			key, members, at := s.container(i)
			if members > asSetArray {
				return append(dst[:from], s.bitmap().ToArray()...)
			}
			for ; members > 0; members-- {
				dst = append(dst, key<<16|uint32(binary.LittleEndian.Uint16(s[at:])))
				at += 2
			}
		}
		return dst
	}
	return append(dst, s.bitmap().ToArray()...)
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
