package wire

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// column is a column under construction: the first n octets of b. Room is made
// for much at once, so that what is appended needs one comparison.
type column struct {
	b []byte
	n int
}

func (c *column) bytes() []byte { return c.b[:c.n] }

// room returns the memory behind what stands, of at least k octets.
func (c *column) room(k int) []byte {
	if len(c.b)-c.n < k {
		c.grow(k)
	}
	return c.b[c.n:]
}

func (c *column) grow(k int) {
	c.b = slices.Grow(c.b[:c.n], max(k, 4096))
	c.b = c.b[:cap(c.b)]
}

// putASNs appends ASNs. Most paths have four to eight, which are copied without
// a branch that depends on how many: the first four, then the last four.
func (c *column) putASNs(asns []route.ASN) {
	p := c.room(4*len(asns) + 4)
	c.n += 4 * len(asns)
	if n := len(asns); n >= 4 && n <= 8 {
		copyFour(p, asns)
		copyFour(p[4*(n-4):], asns[n-4:])
		return
	}
	for len(asns) >= 4 {
		copyFour(p, asns)
		asns, p = asns[4:], p[16:]
	}
	for i, a := range asns {
		binary.LittleEndian.PutUint32(p[4*i:], uint32(a))
	}
}

func copyFour(p []byte, a []route.ASN) {
	_, _ = p[15], a[3]
	binary.LittleEndian.PutUint64(p, uint64(a[0])|uint64(a[1])<<32)
	binary.LittleEndian.PutUint64(p[8:], uint64(a[2])|uint64(a[3])<<32)
}
