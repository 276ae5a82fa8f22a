package wire

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// appendASNs appends the ASNs of a packed fixed32 payload.
func appendASNs(dst []route.ASN, b []byte) []route.ASN {
	n := len(dst)
	dst = slices.Grow(dst, len(b)/4)[:n+len(b)/4]
	for k := n; k < len(dst); k++ {
		dst[k] = route.ASN(binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	return dst
}

// countASNs returns how many ASNs field num of the message at m holds.
func countASNs(b []byte, m span, f *fields, num int) (n int, ok bool) {
	if !f.split {
		l := f.span(num).len()
		return l >> 2, l&3 == 0
	}
	r := pieceReader{b: b[:m.hi()], i: m.lo(), num: uint64(num)}
	for lo, hi, more := r.next(); more; lo, hi, more = r.next() {
		if (hi-lo)&3 != 0 {
			return 0, false
		}
		n += (hi - lo) >> 2
	}
	return n, true
}

// readASNs appends the ASNs of field num, which countASNs has accepted.
func readASNs(dst []route.ASN, b []byte, m span, f *fields, num int) []route.ASN {
	if !f.split {
		s := f.span(num)
		return appendASNs(dst, b[s.lo():s.hi()])
	}
	r := pieceReader{b: b[:m.hi()], i: m.lo(), num: uint64(num)}
	for lo, hi, more := r.next(); more; lo, hi, more = r.next() {
		dst = appendASNs(dst, b[lo:hi])
	}
	return dst
}
