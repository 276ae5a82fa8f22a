package wire

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// putASNs writes asns as a packed fixed32 field with a one-octet tag.
func putASNs(p []byte, i int, tag byte, asns []route.ASN) int {
	p[i] = tag
	i = putUvarint(p, i+1, uint64(4*len(asns)))
	q := p[i : i+4*len(asns)]
	for _, a := range asns {
		binary.LittleEndian.PutUint32(q, uint32(a))
		q = q[4:]
	}
	return i + 4*len(asns)
}

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

// putSegments writes the segments field (number 17, a two-octet tag).
func putSegments(p []byte, i int, segs []route.Segment) int {
	p[i], p[i+1] = updSegments<<3&0x7f|typeBytes|0x80, updSegments>>4
	at := i + 2
	i += 3
	for _, s := range segs {
		i = putUvarint(p, i, uint64(s.Count)<<3|uint64(s.Type))
	}
	return putLen(p, at, i)
}

// countASNs returns how many ASNs field num of the message at m holds.
func countASNs(b []byte, m span, f *fields, num int) (n int, ok bool) {
	if !f.split {
		l := f.span(num).len()
		return l >> 2, l&3 == 0
	}
	r := pieceReader{b: b[:m.hi()], i: m.lo(), num: uint64(num), native: typeFixed4}
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
	r := pieceReader{b: b[:m.hi()], i: m.lo(), num: uint64(num), native: typeFixed4}
	for lo, hi, more := r.next(); more; lo, hi, more = r.next() {
		dst = appendASNs(dst, b[lo:hi])
	}
	return dst
}

// checkSegments tells whether the segments of an update are valid and cover
// its n ASNs, or are none.
func checkSegments(b []byte, m span, n int) bool {
	sum, count := 0, 0
	r := pieceReader{b: b[:m.hi()], i: m.lo(), num: updSegments, native: typeVarint}
	for lo, hi, more := r.next(); more; lo, hi, more = r.next() {
		for lo < hi {
			var v uint64
			if v, lo = uvarint(b[:hi], lo); lo == 0 {
				return false
			}
			t, c := route.SegmentType(v&7), v>>3
			if t < route.ASSet || t > route.ASConfedSet || c == 0 || c > 0xffff {
				return false
			}
			sum += int(c)
			count++
		}
	}
	return count == 0 || sum == n
}

// readSegments appends the segments of an update that checkSegments accepted.
func readSegments(dst []route.Segment, b []byte, m span) []route.Segment {
	r := pieceReader{b: b[:m.hi()], i: m.lo(), num: updSegments, native: typeVarint}
	for lo, hi, more := r.next(); more; lo, hi, more = r.next() {
		for lo < hi {
			var v uint64
			v, lo = uvarint(b[:hi], lo)
			dst = append(dst, route.Segment{Type: route.SegmentType(v & 7), Count: uint16(v >> 3)})
		}
	}
	return dst
}
