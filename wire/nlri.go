package wire

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// maxNLRI is the most octets that one prefix takes, path identifier included,
// plus those that putNLRI writes ahead.
const maxNLRI = 4 + 1 + 16

// putNLRI writes the prefixes of family f among ns as one field and returns the
// end and how many they were. Without any it writes nothing.
func putNLRI(p []byte, i int, tag byte, f route.Family, ns []route.NLRI, ids bool) (next, count int) {
	start, at := i, i+1
	i += 2
	for k := range ns {
		n := &ns[k]
		if n.Family != f {
			continue
		}
		count++
		if ids {
			binary.BigEndian.PutUint32(p[i:], n.PathID)
			i += 4
		}
		i = putPrefix(p, i, n.Hi, n.Lo, n.Bits)
	}
	if count == 0 {
		return start, 0
	}
	p[start] = tag
	return putLen(p, at, i), count
}

// putPrefix writes one prefix. It writes 17 octets and counts those that the
// length needs: the rest is overwritten by what follows.
func putPrefix(p []byte, i int, hi, lo uint64, bits uint8) int {
	q := p[i : i+17]
	q[0] = bits
	binary.BigEndian.PutUint64(q[1:], hi)
	binary.BigEndian.PutUint64(q[9:], lo)
	return i + 1 + (int(bits)+7)>>3
}

// checkNLRI tells whether s holds whole prefixes of at most maxBits.
func checkNLRI(b []byte, s span, maxBits byte, ids bool) bool {
	i, end := s.lo(), s.hi()
	b = b[:end]
	skip := 0
	if ids {
		skip = 4
	}
	for i < end {
		i += skip
		if i >= len(b) || b[i] > maxBits {
			return false
		}
		i += 1 + (int(b[i])+7)>>3
	}
	return i == end
}

// appendNLRI4 appends the IPv4 prefixes of s, which checkNLRI has accepted.
// Host bits are masked.
func appendNLRI4(dst []route.NLRI, b []byte, s span, ids bool) []route.NLRI {
	for i, end := s.lo(), s.hi(); i < end; {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, 1)
		}
		dst = dst[:len(dst)+1]
		n := &dst[len(dst)-1] // field by field: a literal would be built elsewhere and copied
		n.PathID = 0
		if ids {
			n.PathID = binary.BigEndian.Uint32(b[i:])
			i += 4
		}
		bits := b[i]
		n.Hi = load8(b, i+1) & (^uint64(0) << (64 - bits))
		n.Lo = 0
		n.Bits = bits
		n.Family = route.IPv4
		i += 1 + (int(bits)+7)>>3
	}
	return dst
}

// appendNLRI6 is appendNLRI4 for IPv6.
func appendNLRI6(dst []route.NLRI, b []byte, s span, ids bool) []route.NLRI {
	for i, end := s.lo(), s.hi(); i < end; {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, 1)
		}
		dst = dst[:len(dst)+1]
		n := &dst[len(dst)-1]
		n.PathID = 0
		if ids {
			n.PathID = binary.BigEndian.Uint32(b[i:])
			i += 4
		}
		bits := b[i]
		hi, lo := route.Mask(bits)
		n.Hi = load8(b, i+1) & hi
		n.Lo = 0
		if bits > 64 {
			n.Lo = load8(b, i+9) & lo
		}
		n.Bits = bits
		n.Family = route.IPv6
		i += 1 + (int(bits)+7)>>3
	}
	return dst
}

// load8 reads up to 8 octets of b at i, left-aligned; those beyond b are zero.
func load8(b []byte, i int) uint64 {
	if i+8 <= len(b) {
		return binary.BigEndian.Uint64(b[i:])
	}
	return load8End(b, i)
}

func load8End(b []byte, i int) uint64 {
	var v [8]byte
	if i < len(b) {
		copy(v[:], b[i:])
	}
	return binary.BigEndian.Uint64(v[:])
}
