package bmp

import (
	"encoding/binary"
	"net/netip"

	"detour/route"
)

// Types of peers (RFC 7854 §4.2, RFC 9069 §4.1).
const (
	peerGlobal = iota
	peerDistinguished
	peerLocal
	peerLocRIB
)

// Flags of the per-peer header (RFC 7854 §4.2, RFC 8671 §4). A Loc-RIB peer has none
// of them (RFC 9069 §4.2).
const (
	flagIPv6       = 0x80
	flagPostPolicy = 0x40
	flagTwoOctet   = 0x20
	flagOut        = 0x10
)

const peerHeaderLen = 42

// header is a per-peer header. It views the message.
type header []byte

// peerKey is what tells peers of a router apart: type, distinguisher and address, and
// what family the address is of.
type peerKey struct {
	typ, ipv6 uint8
	who       [24]byte
}

func (h header) key() peerKey {
	k := peerKey{typ: h[0], who: [24]byte(h[2:26])}
	if !h.locRIB() {
		k.ipv6 = h[1] & flagIPv6
	}
	return k
}

func (h header) locRIB() bool { return h[0] == peerLocRIB }

// flag reports a flag that only peers other than a Loc-RIB have.
func (h header) flag(f uint8) bool { return h[1]&f != 0 && !h.locRIB() }

func (h header) distinguisher() uint64 { return binary.BigEndian.Uint64(h[2:]) }

// addr returns the peer's address; that of a Loc-RIB is zero (RFC 9069 §4.2).
func (h header) addr() netip.Addr {
	if h.flag(flagIPv6) {
		return netip.AddrFrom16([16]byte(h[10:26]))
	}
	return netip.AddrFrom4([4]byte(h[22:26]))
}

func (h header) asn() route.ASN { return route.ASN(binary.BigEndian.Uint32(h[26:])) }

// time is the router's clock; 0 where it does not tell.
func (h header) time() route.Time {
	return route.Time(binary.BigEndian.Uint32(h[34:]))*route.Second + route.Time(binary.BigEndian.Uint32(h[38:]))
}
