package bmp

import (
	"encoding/binary"
	"iter"
	"strings"

	"detour/ingest/decode"
	"detour/route"
)

// What routers do that is not what RFC 7854 says, and that would make false routes.
// live.Desk knows one more: the router's own AS in front of what it received.

// writesNoPathIDs reports whether a router, by its sysDescr, leaves path identifiers
// out although its peer sends them: FRR, up to 10.8 at least, writes each route anew
// without.
func writesNoPathIDs(sysDescr string) bool { return strings.HasPrefix(sysDescr, "FRRouting") }

// fourOctet says how wide the ASNs of an UPDATE's AS_PATH are. The A flag speaks for
// each message (RFC 7854 §4.2): without it they have four octets, even of a peer that
// sends two. A Loc-RIB always has four (RFC 9069 §5.4). But FRR up to 10.6, and gobgp
// once, write two without the flag where the session has two: there, and only there,
// the path itself has to tell. Both readings of one path are possible only by accident.
func fourOctet(h header, n *neighbour, msg []byte) bool {
	switch {
	case h.flag(flagTwoOctet):
		return false
	case !n.narrow:
		return true
	}
	path := asPath(msg)
	return segments(path, 4) || !segments(path, 2)
}

// Attributes that are looked at here.
const (
	attrASPath    = 2
	attrMPReach   = 14
	attrMPUnreach = 15
)

// asPath finds the AS_PATH of an UPDATE; nil where there is none.
func asPath(msg []byte) []byte {
	_, attrs, _ := parts(msg)
	for typ, value := range attributes(attrs) {
		if typ == attrASPath {
			return value
		}
	}
	return nil
}

// hidesPathIDs reports whether NLRI that are said to have no path identifiers begin
// with two zeros: with small identifiers they do, and read without they are default
// routes, one after the other, which nobody sends. It happens where no Peer Up came,
// and where it does not tell (gobgp's Loc-RIB).
func hidesPathIDs(msg []byte, how decode.Session) bool {
	withdrawn, attrs, announced := parts(msg)
	if !how.AddPath4 && (zeros(withdrawn) || zeros(announced)) {
		return true
	}
	for typ, value := range attributes(attrs) {
		if typ != attrMPReach && typ != attrMPUnreach || len(value) < 5 {
			continue
		}
		f := familyOf(value[0], value[1], value[2])
		if f == 0 || f == route.IPv4 && how.AddPath4 || f == route.IPv6 && how.AddPath6 {
			continue
		}
		nlri := value[3:] // behind AFI and SAFI
		if typ == attrMPReach {
			nlri = value[min(len(value), 5+int(value[3])):] // and next hop, and a reserved octet
		}
		if zeros(nlri) {
			return true
		}
	}
	return false
}

func zeros(nlri []byte) bool { return len(nlri) >= 2 && nlri[0] == 0 && nlri[1] == 0 }

// parts takes an UPDATE apart; what does not fit is nil.
func parts(msg []byte) (withdrawn, attrs, announced []byte) {
	withdrawn, rest := field(msg[min(len(msg), bgpHeaderLen):])
	attrs, announced = field(rest)
	return withdrawn, attrs, announced
}

// attributes yields type and value of path attributes, up to one that does not fit.
func attributes(b []byte) iter.Seq2[uint8, []byte] {
	const extendedLength = 0x10
	return func(yield func(uint8, []byte) bool) {
		for len(b) >= 3 {
			n, from := int(b[2]), 3
			if b[0]&extendedLength != 0 && len(b) >= 4 {
				n, from = int(binary.BigEndian.Uint16(b[2:])), 4
			}
			if n > len(b)-from || !yield(b[1], b[from:from+n]) {
				return
			}
			b = b[from+n:]
		}
	}
}

// field takes what follows its length in two octets off the front of b.
func field(b []byte) (value, rest []byte) {
	if len(b) < 2 {
		return nil, nil
	}
	n := int(binary.BigEndian.Uint16(b))
	if n > len(b)-2 {
		return nil, nil
	}
	return b[2 : 2+n], b[2+n:]
}

// segments reports whether a path is whole segments of ASNs that are so wide.
func segments(b []byte, width int) bool {
	for len(b) > 0 {
		if len(b) < 2 || b[0] < uint8(route.ASSet) || b[0] > uint8(route.ASConfedSet) || b[1] == 0 {
			return false
		}
		n := 2 + width*int(b[1])
		if n > len(b) {
			return false
		}
		b = b[n:]
	}
	return true
}
