package decode

import (
	"encoding/binary"

	"detour/route"
)

// Address family numbers (IANA) and the one SAFI that is carried.
const (
	afiIPv4     = 1
	afiIPv6     = 2
	safiUnicast = 1
)

// family returns the route family of an AFI and SAFI, 0 for others.
func family(afi uint16, safi uint8) route.Family {
	switch {
	case safi != safiUnicast:
		return 0
	case afi == afiIPv4:
		return route.IPv4
	case afi == afiIPv6:
		return route.IPv6
	}
	return 0
}

func (s Session) addPath(f route.Family) bool {
	return f == route.IPv4 && s.AddPath4 || f == route.IPv6 && s.AddPath6
}

// hopLen reports whether n octets may be the next hop of f: RFC 4760 and 2545,
// and for IPv4 routes with an IPv6 next hop RFC 8950.
func hopLen(f route.Family, n int) bool {
	return n == 16 || n == 32 || n == 4 && f == route.IPv4
}

// reach decodes MP_REACH_NLRI (RFC 4760 §3) in buf[from:to].
func (d *Decoder) reach(k *block, buf []byte, from, to int, u *route.Update) bool {
	if to-from < 5 {
		return d.fail(ReasonMPReach, attrMPReach, from)
	}
	f := family(binary.BigEndian.Uint16(buf[from:]), buf[from+2])
	hop := from + 4
	n := int(buf[from+3])
	nlri := hop + n + 1 // behind the reserved octet
	if nlri > to {
		return d.fail(ReasonMPReach, attrMPReach, from+3)
	}
	k.reachable = k.reachable || nlri < to
	if f == 0 {
		d.Counters.Reasons[ReasonFamily]++
		return true
	}
	if !hopLen(f, n) {
		return d.fail(ReasonMPReach, attrMPReach, from+3)
	}
	setHop(&u.MPNextHop, buf[hop:hop+n])
	if nlri == to {
		return true
	}
	add := k.session.addPath(f)
	var bad int
	if u.Announced, bad = appendRun(u.Announced, buf[:to], nlri, f, add); bad >= 0 {
		return d.fail(ReasonNLRI, attrMPReach, bad)
	}
	if add {
		u.Flags |= route.FlagPathIDs
	}
	return true
}

// unreach decodes MP_UNREACH_NLRI (RFC 4760 §4) in buf[from:to].
func (d *Decoder) unreach(k *block, buf []byte, from, to int, u *route.Update) bool {
	if to-from < 3 {
		return d.fail(ReasonMPUnreach, attrMPUnreach, from)
	}
	f := family(binary.BigEndian.Uint16(buf[from:]), buf[from+2])
	nlri := from + 3
	if f == 0 {
		d.Counters.Reasons[ReasonFamily]++
		return true
	}
	if nlri == to {
		k.endOfRIB = f
		return true
	}
	add := k.session.addPath(f)
	var bad int
	if u.Withdrawn, bad = appendRun(u.Withdrawn, buf[:to], nlri, f, add); bad >= 0 {
		return d.fail(ReasonNLRI, attrMPUnreach, bad)
	}
	if add {
		u.Flags |= route.FlagPathIDs
	}
	return true
}

// reachRIB reads the next hop of MP_REACH_NLRI in a RIB entry. RFC 6396 §4.3.4
// cuts the attribute to next-hop length and next hop; TABLE_DUMP and old
// TABLE_DUMP_V2 writers give the whole. The first octet tells them apart: as
// the high half of an AFI that is carried it is 0, as a length it never is.
func (d *Decoder) reachRIB(v []byte, from int, u *route.Update) bool {
	if len(v) == 0 {
		return d.fail(ReasonMPReach, attrMPReach, from)
	}
	if v[0] != 0 {
		n := int(v[0])
		if len(v) != 1+n || !hopLen(route.IPv4, n) {
			return d.fail(ReasonMPReach, attrMPReach, from)
		}
		setHop(&u.MPNextHop, v[1:])
		return true
	}
	if len(v) < 4 || len(v) < 4+int(v[3]) {
		return d.fail(ReasonMPReach, attrMPReach, from)
	}
	f := family(binary.BigEndian.Uint16(v), v[2])
	if f == 0 {
		d.Counters.Reasons[ReasonFamily]++
		return true
	}
	if !hopLen(f, int(v[3])) {
		return d.fail(ReasonMPReach, attrMPReach, from+3)
	}
	setHop(&u.MPNextHop, v[4:4+int(v[3])])
	return true
}

func setHop(h *route.NextHop, b []byte) {
	h.Len = uint8(copy(h.Bytes[:], b))
}
