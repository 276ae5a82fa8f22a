package mrttest

import (
	"encoding/binary"
	"net/netip"
)

// Record returns a record with its header.
func Record(seconds uint32, typ, subtype uint16, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, seconds)
	b = binary.BigEndian.AppendUint16(b, typ)
	b = binary.BigEndian.AppendUint16(b, subtype)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	return append(b, body...)
}

// RecordET returns a BGP4MP_ET record.
func RecordET(seconds, micros uint32, subtype uint16, body []byte) []byte {
	return Record(seconds, 17, subtype, append(binary.BigEndian.AppendUint32(nil, micros), body...))
}

// Session is what stands before the message in a BGP4MP record.
type Session struct {
	AS4               bool
	PeerASN, LocalASN uint32
	Peer, Local       netip.Addr
}

func (s Session) header() []byte {
	var b []byte
	if s.AS4 {
		b = binary.BigEndian.AppendUint32(b, s.PeerASN)
		b = binary.BigEndian.AppendUint32(b, s.LocalASN)
	} else {
		b = binary.BigEndian.AppendUint16(b, uint16(s.PeerASN))
		b = binary.BigEndian.AppendUint16(b, uint16(s.LocalASN))
	}
	afi := uint16(1)
	if s.Peer.Is6() {
		afi = 2
	}
	b = binary.BigEndian.AppendUint16(b, 0)
	b = binary.BigEndian.AppendUint16(b, afi)
	b = append(b, s.Peer.AsSlice()...)
	return append(b, s.Local.AsSlice()...)
}

// Message returns the body of a BGP4MP_MESSAGE record.
func (s Session) Message(bgp []byte) []byte { return append(s.header(), bgp...) }

// StateChange returns the body of a BGP4MP_STATE_CHANGE record.
func (s Session) StateChange(from, to uint16) []byte {
	b := binary.BigEndian.AppendUint16(s.header(), from)
	return binary.BigEndian.AppendUint16(b, to)
}

// BGP returns a BGP message of a type.
func BGP(typ byte, body []byte) []byte {
	b := make([]byte, 16, 19+len(body))
	for i := range b {
		b[i] = 0xff
	}
	b = binary.BigEndian.AppendUint16(b, uint16(19+len(body)))
	return append(append(b, typ), body...)
}

// Update returns an UPDATE message.
func Update(withdrawn, attrs, nlri []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(withdrawn)))
	b = append(b, withdrawn...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(attrs)))
	b = append(append(b, attrs...), nlri...)
	return BGP(2, b)
}

// Attr returns a path attribute with a one-octet length.
func Attr(flags, typ byte, value ...byte) []byte {
	return append([]byte{flags, typ, byte(len(value))}, value...)
}

// Path returns an AS_PATH attribute of one AS_SEQUENCE.
func Path(as4 bool, asns ...uint32) []byte {
	v := []byte{2, byte(len(asns))}
	for _, a := range asns {
		if as4 {
			v = binary.BigEndian.AppendUint32(v, a)
		} else {
			v = binary.BigEndian.AppendUint16(v, uint16(a))
		}
	}
	return Attr(0x40, 2, v...)
}

// Attrs returns ORIGIN IGP, an AS_PATH and the NEXT_HOP 192.0.2.1.
func Attrs(as4 bool, asns ...uint32) []byte {
	return append(append(Attr(0x40, 1, 0), Path(as4, asns...)...), Attr(0x40, 3, 192, 0, 2, 1)...)
}

// NLRI returns prefixes in wire form.
func NLRI(prefixes ...string) (b []byte) {
	for _, s := range prefixes {
		p := netip.MustParsePrefix(s)
		b = append(b, byte(p.Bits()))
		b = append(b, p.Addr().AsSlice()[:(p.Bits()+7)/8]...)
	}
	return b
}

// NLRIWithID returns one prefix behind its path identifier (RFC 7911).
func NLRIWithID(id uint32, prefix string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, id), NLRI(prefix)...)
}

// MPReach returns an MP_REACH_NLRI attribute for IPv6 unicast.
func MPReach(next string, nlri []byte) []byte {
	v := append([]byte{0, 2, 1, 16}, netip.MustParseAddr(next).AsSlice()...)
	return Attr(0x80, 14, append(append(v, 0), nlri...)...)
}

// MPUnreach returns an MP_UNREACH_NLRI attribute for IPv6 unicast.
func MPUnreach(nlri []byte) []byte {
	return Attr(0x80, 15, append([]byte{0, 2, 1}, nlri...)...)
}

// Peer is one entry of a PEER_INDEX_TABLE.
type Peer struct {
	Addr netip.Addr
	ASN  uint32
}

// PeerIndex returns the body of a PEER_INDEX_TABLE with four-octet ASNs.
func PeerIndex(peers ...Peer) []byte {
	b := []byte{192, 0, 2, 99, 0, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(len(peers)))
	for _, p := range peers {
		typ := byte(2)
		if p.Addr.Is6() {
			typ |= 1
		}
		b = append(append(b, typ, 0, 0, 0, 0), p.Addr.AsSlice()...)
		b = binary.BigEndian.AppendUint32(b, p.ASN)
	}
	return b
}

// Entry is one entry of a RIB record.
type Entry struct {
	Peer       uint16
	Originated uint32
	PathID     uint32
	Attrs      []byte
}

// RIB returns the body of a TABLE_DUMP_V2 RIB record; with addPath entries
// carry path identifiers (RFC 8050).
func RIB(sequence uint32, prefix string, addPath bool, entries ...Entry) []byte {
	b := binary.BigEndian.AppendUint32(nil, sequence)
	b = append(b, NLRI(prefix)...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = binary.BigEndian.AppendUint16(b, e.Peer)
		b = binary.BigEndian.AppendUint32(b, e.Originated)
		if addPath {
			b = binary.BigEndian.AppendUint32(b, e.PathID)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(e.Attrs)))
		b = append(b, e.Attrs...)
	}
	return b
}

// TableDump returns the body of a TABLE_DUMP record (two-octet peer AS).
func TableDump(sequence uint16, prefix string, originated uint32, peer Peer, attrs []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0, 0}, sequence)
	return append(b, TableDumpEntry(prefix, originated, peer, attrs)...)
}

// TableDumpEntry returns what follows view and sequence in a TABLE_DUMP record.
func TableDumpEntry(prefix string, originated uint32, peer Peer, attrs []byte) []byte {
	p := netip.MustParsePrefix(prefix)
	b := append([]byte(nil), p.Addr().AsSlice()...)
	b = append(b, byte(p.Bits()), 1)
	b = binary.BigEndian.AppendUint32(b, originated)
	b = append(b, peer.Addr.AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, uint16(peer.ASN))
	b = binary.BigEndian.AppendUint16(b, uint16(len(attrs)))
	return append(b, attrs...)
}

// Ends of the sessions below.
var (
	peer4  = netip.MustParseAddr("198.51.100.7")
	local4 = netip.MustParseAddr("198.51.100.1")
	peer6  = netip.MustParseAddr("2001:db8::7")
	local6 = netip.MustParseAddr("2001:db8::1")
)

// IPv4Session is a session over IPv4 from AS 64500 (or, with four octets, AS
// 4200000001) to AS 64501.
func IPv4Session(as4 bool) Session {
	s := Session{AS4: as4, PeerASN: 64500, LocalASN: 64501, Peer: peer4, Local: local4}
	if as4 {
		s.PeerASN = 4200000001
	}
	return s
}

// IPv6Session is IPv4Session over IPv6.
func IPv6Session(as4 bool) Session {
	s := IPv4Session(as4)
	s.Peer, s.Local = peer6, local6
	return s
}
