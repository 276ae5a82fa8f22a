package bmptest

import (
	"encoding/binary"
	"net/netip"
)

// Types of messages.
const (
	RouteMonitoring = iota
	Statistics
	PeerDown
	PeerUp
	Initiation
	Termination
	Mirroring
)

// Message returns a BMP message.
func Message(typ byte, body ...[]byte) []byte {
	n := 6
	for _, part := range body {
		n += len(part)
	}
	b := binary.BigEndian.AppendUint32([]byte{3}, uint32(n))
	b = append(b, typ)
	for _, part := range body {
		b = append(b, part...)
	}
	return b
}

// Peer is what a per-peer header says.
type Peer struct {
	Type          byte // 3 is a Loc-RIB
	Flags         byte // beside that of IPv6: 0x40 post-policy, 0x20 two-octet ASNs, 0x10 Adj-RIB-Out
	Distinguisher uint64
	Addr          netip.Addr // invalid is zero
	ASN           uint32
	Seconds       uint32 // of the router's clock
}

// Header returns the per-peer header.
func (p Peer) Header() []byte {
	b := []byte{p.Type, p.Flags}
	b = binary.BigEndian.AppendUint64(b, p.Distinguisher)
	switch {
	case p.Addr.Is6():
		b[1] |= 0x80
		b = append(b, p.Addr.AsSlice()...)
	case p.Addr.Is4():
		b = append(append(b, make([]byte, 12)...), p.Addr.AsSlice()...)
	default:
		b = append(b, make([]byte, 16)...)
	}
	b = binary.BigEndian.AppendUint32(b, p.ASN)
	b = append(b, 192, 0, 2, 1)
	b = binary.BigEndian.AppendUint32(b, p.Seconds)
	return binary.BigEndian.AppendUint32(b, 0)
}

// Routes returns a Route Monitoring message with a BGP message.
func (p Peer) Routes(bgp []byte) []byte { return Message(RouteMonitoring, p.Header(), bgp) }

// Up returns a Peer Up with the two OPENs and TLVs.
func (p Peer) Up(sent, received []byte, tlvs ...[]byte) []byte {
	parts := [][]byte{p.Header(), make([]byte, 20), sent, received}
	return Message(PeerUp, append(parts, tlvs...)...)
}

// Down returns a Peer Down with a reason and its data.
func (p Peer) Down(reason byte, data ...byte) []byte {
	return Message(PeerDown, p.Header(), []byte{reason}, data)
}

// TLV returns an information TLV.
func TLV(typ uint16, value string) []byte {
	b := binary.BigEndian.AppendUint16(nil, typ)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}

// Hello returns an Initiation with a sysName and a sysDescr.
func Hello(name string) []byte { return Message(Initiation, TLV(2, name), TLV(1, "made for a test")) }

// BGP returns a BGP message of a type.
func BGP(typ byte, body ...[]byte) []byte {
	n := 19
	for _, part := range body {
		n += len(part)
	}
	b := make([]byte, 16, n)
	for i := range b {
		b[i] = 0xff
	}
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	b = append(b, typ)
	for _, part := range body {
		b = append(b, part...)
	}
	return b
}

// Open returns an OPEN with capabilities.
func Open(asn uint32, capabilities ...[]byte) []byte {
	short := asn
	if asn > 0xffff {
		short = 23456
	}
	b := binary.BigEndian.AppendUint16([]byte{4}, uint16(short))
	b = append(b, 0, 180, 192, 0, 2, 1)
	var caps []byte
	for _, c := range capabilities {
		caps = append(caps, c...)
	}
	if len(caps) == 0 {
		return BGP(1, b, []byte{0})
	}
	return BGP(1, b, []byte{byte(len(caps) + 2), 2, byte(len(caps))}, caps)
}

// FourOctet returns the capability of RFC 6793.
func FourOctet(asn uint32) []byte { return binary.BigEndian.AppendUint32([]byte{65, 4}, asn) }

// Family returns the capability of RFC 4760 for unicast of an AFI.
func Family(afi byte) []byte { return []byte{1, 4, 0, afi, 0, 1} }

// AddPath returns the capability of RFC 7911 for unicast of an AFI. Mode 1 receives, 2
// sends, 3 does both.
func AddPath(afi, mode byte) []byte { return []byte{69, 4, 0, afi, 1, mode} }

// Update returns an UPDATE that announces IPv4 NLRI with a path of ASNs that take
// width octets each.
func Update(width int, path []uint32, nlri ...[]byte) []byte {
	seg := []byte{2, byte(len(path))}
	for _, asn := range path {
		if width == 2 {
			seg = binary.BigEndian.AppendUint16(seg, uint16(asn))
		} else {
			seg = binary.BigEndian.AppendUint32(seg, asn)
		}
	}
	attrs := []byte{0x40, 1, 1, 0}
	attrs = append(append(attrs, 0x40, 2, byte(len(seg))), seg...)
	attrs = append(attrs, 0x40, 3, 4, 192, 0, 2, 7)
	parts := [][]byte{{0, 0}, binary.BigEndian.AppendUint16(nil, uint16(len(attrs))), attrs}
	return BGP(2, append(parts, nlri...)...)
}

// Prefix returns NLRI of an IPv4 prefix.
func Prefix(s string) []byte {
	p := netip.MustParsePrefix(s)
	return append([]byte{byte(p.Bits())}, p.Addr().AsSlice()[:(p.Bits()+7)/8]...)
}

// PathPrefix returns the same with a path identifier.
func PathPrefix(id uint32, s string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, id), Prefix(s)...)
}

// EndOfRIB returns the marker of IPv4.
func EndOfRIB() []byte { return BGP(2, []byte{0, 0, 0, 0}) }

// Cease returns a NOTIFICATION.
func Cease(sub byte) []byte { return BGP(3, []byte{6, sub}) }
