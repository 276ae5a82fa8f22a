package wire

import "encoding/binary"

// putPrefix writes one prefix. It writes 17 octets and counts those that the
// length needs: the rest is overwritten by what follows.
func putPrefix(p []byte, i int, hi, lo uint64, bits uint8) int {
	q := p[i : i+17]
	q[0] = bits
	binary.BigEndian.PutUint64(q[1:], hi)
	binary.BigEndian.PutUint64(q[9:], lo)
	return i + 1 + (int(bits)+7)>>3
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
