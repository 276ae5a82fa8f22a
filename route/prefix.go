package route

import (
	"encoding/binary"
	"net/netip"
	"strconv"
)

// Family is an address family with SAFI unicast.
type Family uint8

// The families that detour carries.
const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// MaxBits returns the longest prefix length of f, 0 for an unknown family.
func (f Family) MaxBits() int {
	switch f {
	case IPv4:
		return 32
	case IPv6:
		return 128
	}
	return 0
}

// Prefix is an IP prefix as a comparable key. The address stands left-aligned
// in Hi then Lo (an IPv4 address in the upper half of Hi); bits beyond Bits are
// zero. The zero Prefix is no prefix.
type Prefix struct {
	Hi, Lo uint64
	Bits   uint8
	Family Family
}

// NLRI is a prefix as an UPDATE carries it: with an ADD-PATH identifier
// (RFC 7911), which is 0 and meaningless unless the Update has FlagPathIDs. It
// is 24 bytes.
type NLRI struct {
	Hi, Lo uint64
	PathID uint32
	Bits   uint8
	Family Family
}

// Prefix returns n without its path identifier.
func (n NLRI) Prefix() Prefix { return Prefix{Hi: n.Hi, Lo: n.Lo, Bits: n.Bits, Family: n.Family} }

// Mask returns the Hi and Lo masks of a prefix length, counted from the left of
// the 128-bit pair.
func Mask(bits uint8) (hi, lo uint64) {
	if bits <= 64 {
		return ^uint64(0) << (64 - bits), 0
	}
	return ^uint64(0), ^uint64(0) << (128 - bits)
}

// PrefixFrom converts p, masking its host bits. An invalid p gives the zero
// Prefix.
func PrefixFrom(p netip.Prefix) Prefix {
	if !p.IsValid() {
		return Prefix{}
	}
	p = p.Masked()
	if p.Addr().Is4() {
		b := p.Addr().As4()
		return Prefix{Hi: uint64(binary.BigEndian.Uint32(b[:])) << 32, Bits: uint8(p.Bits()), Family: IPv4}
	}
	b := p.Addr().As16()
	return Prefix{
		Hi:     binary.BigEndian.Uint64(b[:8]),
		Lo:     binary.BigEndian.Uint64(b[8:]),
		Bits:   uint8(p.Bits()),
		Family: IPv6,
	}
}

// MustPrefix parses s and panics when it is no prefix. For tests and constants.
func MustPrefix(s string) Prefix { return PrefixFrom(netip.MustParsePrefix(s)) }

// NLRI returns p with a path identifier.
func (p Prefix) NLRI(pathID uint32) NLRI {
	return NLRI{Hi: p.Hi, Lo: p.Lo, PathID: pathID, Bits: p.Bits, Family: p.Family}
}

// Addr returns the network address.
func (p Prefix) Addr() netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], p.Hi)
	binary.BigEndian.PutUint64(b[8:], p.Lo)
	if p.Family == IPv4 {
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	return netip.AddrFrom16(b)
}

// Netip returns p as a netip.Prefix.
func (p Prefix) Netip() netip.Prefix { return netip.PrefixFrom(p.Addr(), int(p.Bits)) }

// String returns p in the usual notation. IPv4-mapped IPv6 addresses keep their
// IPv6 form.
func (p Prefix) String() string {
	return p.Addr().String() + "/" + strconv.Itoa(int(p.Bits))
}

// Compare orders prefixes as Less does: -1, 0, or 1 where p stands behind q.
func (p Prefix) Compare(q Prefix) int {
	switch {
	case p.Less(q):
		return -1
	case q.Less(p):
		return 1
	}
	return 0
}

// Less orders prefixes by family, address and length; it is the order in which
// evidence of one update is merged (DESIGN §4.2).
func (p Prefix) Less(q Prefix) bool {
	switch {
	case p.Family != q.Family:
		return p.Family < q.Family
	case p.Hi != q.Hi:
		return p.Hi < q.Hi
	case p.Lo != q.Lo:
		return p.Lo < q.Lo
	default:
		return p.Bits < q.Bits
	}
}

// Contains reports whether q lies in p or equals it.
func (p Prefix) Contains(q Prefix) bool {
	if p.Family != q.Family || q.Bits < p.Bits {
		return false
	}
	hi, lo := Mask(p.Bits)
	return q.Hi&hi == p.Hi && q.Lo&lo == p.Lo
}
