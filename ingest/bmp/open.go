package bmp

import (
	"encoding/binary"
	"errors"
	"fmt"

	"detour/ingest/decode"
	"detour/route"
)

// Parts of an OPEN (RFC 4271 §4.2) and of its capabilities.
const (
	openMin      = 29
	openType     = 1
	paramCaps    = 2   // RFC 5492
	paramsLonger = 255 // RFC 9072

	capMultiprotocol = 1  // RFC 4760
	capFourOctet     = 65 // RFC 6793
	capAddPath       = 69 // RFC 7911

	addPathReceive = 1
	addPathSend    = 2

	bgpHeaderLen = 19
	bgpMax       = 1<<16 - 1
)

// open is what an OPEN says that matters for reading updates.
type open struct {
	asn                route.ASN
	families           bool // it names families; without any it means IPv4
	fourOctet          bool
	ipv4, ipv6         bool
	addPath4, addPath6 uint8
}

// splitOpen takes an OPEN off the front of b.
func splitOpen(b []byte) (o open, rest []byte, err error) {
	if len(b) < openMin {
		return o, nil, fmt.Errorf("%d octets are too few for an OPEN", len(b))
	}
	n := int(binary.BigEndian.Uint16(b[16:]))
	if n < openMin || n > len(b) || b[18] != openType {
		return o, nil, fmt.Errorf("no OPEN: type %d, length %d of %d", b[18], n, len(b))
	}
	o.asn = route.ASN(binary.BigEndian.Uint16(b[20:]))
	return o, b[n:], o.parameters(b[openMin:n], int(b[28]))
}

var errParameters = errors.New("an OPEN's parameters end beyond it")

// parameters reads optional parameters, with lengths of two octets where the first
// says so (RFC 9072 §2).
func (o *open) parameters(b []byte, n int) error {
	wide := 1
	if n == paramsLonger && len(b) >= 3 && b[0] == paramsLonger {
		n, wide, b = int(binary.BigEndian.Uint16(b[1:])), 2, b[3:]
	}
	if n > len(b) {
		return errParameters
	}
	b = b[:n]
	for len(b) > 0 {
		if len(b) < 1+wide {
			return errParameters
		}
		typ, n := b[0], int(b[1])
		if wide == 2 {
			n = int(binary.BigEndian.Uint16(b[1:]))
		}
		b = b[1+wide:]
		if n > len(b) {
			return errParameters
		}
		if typ == paramCaps {
			if err := o.capabilities(b[:n]); err != nil {
				return err
			}
		}
		b = b[n:]
	}
	return nil
}

func (o *open) capabilities(b []byte) error {
	for len(b) > 0 {
		if len(b) < 2 || int(b[1]) > len(b)-2 {
			return errors.New("an OPEN's capabilities end beyond their parameter")
		}
		code, value := b[0], b[2:2+int(b[1])]
		b = b[2+int(b[1]):]
		switch {
		case code == capMultiprotocol && len(value) == 4:
			o.families = true
			switch familyOf(value[0], value[1], value[3]) {
			case route.IPv4:
				o.ipv4 = true
			case route.IPv6:
				o.ipv6 = true
			}
		case code == capFourOctet && len(value) == 4:
			o.asn, o.fourOctet = route.ASN(binary.BigEndian.Uint32(value)), true
		case code == capAddPath:
			o.addPaths(value)
		}
	}
	return nil
}

func (o *open) addPaths(b []byte) {
	for ; len(b) >= 4; b = b[4:] {
		switch familyOf(b[0], b[1], b[2]) {
		case route.IPv4:
			o.addPath4 = b[3] & (addPathReceive | addPathSend)
		case route.IPv6:
			o.addPath6 = b[3] & (addPathReceive | addPathSend)
		}
	}
}

// familyOf returns 0 for families that detour does not carry.
func familyOf(afiHigh, afi, safi uint8) route.Family {
	switch {
	case afiHigh != 0 || safi != 1:
		return 0
	case afi == 1:
		return route.IPv4
	case afi == 2:
		return route.IPv6
	}
	return 0
}

func (o *open) has(f route.Family) bool {
	if !o.families {
		return f == route.IPv4
	}
	return f == route.IPv4 && o.ipv4 || f == route.IPv6 && o.ipv6
}

// negotiated is how a peer's updates reach the router: what it sends in its families,
// and with path identifiers where the router said that it takes them and the peer that
// it sends them (RFC 7911 §4), whatever holds the other way round.
func negotiated(sent, received *open) (how decode.Session, families []route.Family) {
	for _, f := range [...]route.Family{route.IPv4, route.IPv6} {
		if sent.has(f) && received.has(f) {
			families = append(families, f)
		}
	}
	how.AddPath4 = sent.addPath4&addPathReceive != 0 && received.addPath4&addPathSend != 0
	how.AddPath6 = sent.addPath6&addPathReceive != 0 && received.addPath6&addPathSend != 0
	return how, families
}

// ofLocRIB is the same for a Loc-RIB. Its two OPENs are made up, one the copy of the
// other, and name the capabilities with which its routes are written (RFC 9069 §5.1);
// nobody sends or receives, so any mode of ADD-PATH counts.
func ofLocRIB(sent, received *open) (how decode.Session, families []route.Family) {
	how, families = negotiated(sent, received)
	how.AddPath4 = sent.addPath4|received.addPath4 != 0
	how.AddPath6 = sent.addPath6|received.addPath6 != 0
	return how, families
}
