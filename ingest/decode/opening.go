package decode

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// What the octets before a value are in the usual case: flags, type and, but of
// AS_PATH, length.
const (
	openOrigin  = flagTransitive<<16 | attrOrigin<<8 | 1
	openPath    = flagTransitive<<8 | attrASPath
	openNextHop = flagTransitive<<16 | attrNextHop<<8 | 4
)

// opening reads the well-formed ORIGIN, AS_PATH of one AS_SEQUENCE and NEXT_HOP
// with which nearly every block begins, in that order, and returns where it
// stopped. It is a short cut: whatever is unusual it leaves, untouched, to
// others, which would read the same.
func opening(k *block, buf []byte, at, end int, u *route.Update) int {
	if end-at < 13 || !k.session.AS4 {
		return at
	}
	v := binary.BigEndian.Uint64(buf[at:]) // ORIGIN and the header of AS_PATH
	code := uint8(v >> 32)
	if v>>40 != openOrigin || code > route.OriginIncomplete || v>>16&^(flagExtendedLength<<8)&0xffff != openPath {
		return at
	}
	from, n := at+7, int(v>>8&0xff)
	if v>>16&(flagExtendedLength<<8) != 0 {
		from, n = at+8, int(v&0xffff)
	}
	next := from + n
	if next > end || buf[from] != uint8(route.ASSequence) {
		return at
	}
	asns := int(buf[from+1])
	if asns == 0 || n != 2+4*asns || !shortPath(buf, from+2, asns, &u.Path) {
		return at
	}
	u.Origin = code
	u.Flags |= route.FlagHasOrigin | route.FlagHasPath
	k.others = true
	k.seen[0] |= 1<<attrOrigin | 1<<attrASPath
	if end-next < 7 || binary.BigEndian.Uint32(buf[next:])>>8 != openNextHop {
		return next
	}
	copy(u.NextHop.Bytes[:4], buf[next+3:next+7])
	u.NextHop.Len = 4
	k.seen[0] |= 1 << attrNextHop
	return next + 7
}

// shortPath reads the n four-octet ASNs at buf[at:] into the empty p. It goes
// eight at a time, past the last one, because where a loop over so few ends
// cannot be foreseen. It returns false, and leaves p empty, at the end of buf and
// when an ASN is 0.
func shortPath(buf []byte, at, n int, p *route.Path) bool {
	last := len(buf) - 8
	if at+4*n > last+4 {
		return false // the last ASN would not stand in the upper half of a load
	}
	if cap(p.ASNs) < n+7 {
		p.ASNs = slices.Grow(p.ASNs, n+7)
	}
	asns := p.ASNs[:cap(p.ASNs)]
	zero := uint64(0)
	for i := 0; i < n; i += 8 {
		a := binary.BigEndian.Uint64(buf[min(at, last):])
		b := binary.BigEndian.Uint64(buf[min(at+8, last):])
		c := binary.BigEndian.Uint64(buf[min(at+16, last):])
		d := binary.BigEndian.Uint64(buf[min(at+24, last):])
		out := (*[8]route.ASN)(asns[i:])
		out[0], out[1] = route.ASN(a>>32), route.ASN(a)
		out[2], out[3] = route.ASN(b>>32), route.ASN(b)
		out[4], out[5] = route.ASN(c>>32), route.ASN(c)
		out[6], out[7] = route.ASN(d>>32), route.ASN(d)
		zero |= zeroHalves(a) | zeroHalves(b) | zeroHalves(c) | zeroHalves(d)
		at += 32
	}
	if zero != 0 && slices.Contains(asns[:n], 0) { // else it stands behind the path
		return false
	}
	p.ASNs = asns[:n]
	return true
}

// zeroHalves is 0 when neither half of v is.
func zeroHalves(v uint64) uint64 {
	const low = 1<<32 | 1
	return (v - low) &^ v & (low << 31)
}
