package decode

import (
	"encoding/binary"

	"detour/route"
)

// Attribute types of the IANA BGP path attributes registry.
const (
	attrOrigin         = 1
	attrASPath         = 2
	attrNextHop        = 3
	attrMED            = 4
	attrLocalPref      = 5
	attrAtomic         = 6
	attrAggregator     = 7
	attrCommunities    = 8
	attrOriginatorID   = 9
	attrClusterList    = 10
	attrMPReach        = 14
	attrMPUnreach      = 15
	attrExtended       = 16
	attrAS4Path        = 17
	attrAS4Aggregator  = 18
	attrExtendedIPv6   = 25
	attrLarge          = 32
	attrOTC            = 35
	flagOptional       = 0x80
	flagTransitive     = 0x40
	flagExtendedLength = 0x10
	flagKind           = flagOptional | flagTransitive
)

// attrFlags holds the Optional and Transitive bits of each attribute that is
// read or checked here; 0 means that any will do.
var attrFlags = [256]uint8{
	attrOrigin:        flagTransitive,
	attrASPath:        flagTransitive,
	attrNextHop:       flagTransitive,
	attrMED:           flagOptional,
	attrLocalPref:     flagTransitive,
	attrAtomic:        flagTransitive,
	attrAggregator:    flagOptional | flagTransitive,
	attrCommunities:   flagOptional | flagTransitive,
	attrOriginatorID:  flagOptional,
	attrClusterList:   flagOptional,
	attrMPReach:       flagOptional,
	attrMPUnreach:     flagOptional,
	attrExtended:      flagOptional | flagTransitive,
	attrAS4Path:       flagOptional | flagTransitive,
	attrAS4Aggregator: flagOptional | flagTransitive,
	attrExtendedIPv6:  flagOptional | flagTransitive,
	attrLarge:         flagOptional | flagTransitive,
	attrOTC:           flagOptional | flagTransitive,
}

// block is what has been learned of one attribute block.
type block struct {
	session   Session
	message   bool // an UPDATE, not a RIB entry
	reachable bool // NLRI or MP_REACH_NLRI hold a route of whatever family
	others    bool // an attribute besides MP_UNREACH_NLRI is there
	endOfRIB  route.Family
	seen      [4]uint64
	fault     Error // the first that asks to treat as withdraw

	as4Path, as4Aggregator []byte // of a two-octet session; nil when absent
}

func (k *block) has(typ uint8) bool { return k.seen[typ>>6]>>(typ&63)&1 != 0 }

// complete reports whether nothing is left to settle: no fault, no AS4_PATH or
// AS4_AGGREGATOR to merge and no attribute missing.
func (k *block) complete() bool {
	const mandatory = 1<<attrOrigin | 1<<attrASPath | 1<<attrNextHop
	return k.seen[0]&mandatory == mandatory && k.fault.Reason == ReasonNone &&
		k.as4Path == nil && k.as4Aggregator == nil
}

// note counts a fault and keeps the first one of the withdraw class.
func (d *Decoder) note(k *block, r Reason, typ uint8, offset int) {
	d.Counters.Reasons[r]++
	if k.fault.Reason == ReasonNone {
		k.fault = Error{Reason: r, Type: typ, Offset: offset}
	}
}

// attributes walks buf[at:end]. It returns false, with the failure recorded,
// when the block holds an error of the session-reset class.
func (d *Decoder) attributes(k *block, buf []byte, at, end int, u *route.Update) bool {
	at = usual(k, buf, opening(k, buf, at, end, u), end, u)
	return at == end || d.others(k, buf, at, end, u)
}

// others reads what the two short cuts left. It would read all without them.
func (d *Decoder) others(k *block, buf []byte, at, end int, u *route.Update) bool {
	for at < end {
		if end-at < 3 {
			return d.overrun(k, 0, at)
		}
		flags, typ, from := buf[at], buf[at+1], at+3
		to := from + int(buf[at+2])
		if flags&flagExtendedLength != 0 {
			if end-at < 4 {
				return d.overrun(k, typ, at)
			}
			from = at + 4
			to = from + int(binary.BigEndian.Uint16(buf[at+2:]))
		}
		if to > end {
			return d.overrun(k, typ, at)
		}
		bit := uint64(1) << (typ & 63)
		if k.seen[typ>>6]&bit != 0 {
			if typ == attrMPReach || typ == attrMPUnreach {
				return d.fail(ReasonDuplicateMP, typ, at)
			}
			d.Counters.Reasons[ReasonDuplicate]++
			at = to
			continue
		}
		k.seen[typ>>6] |= bit
		want := attrFlags[typ]
		if want == 0 {
			if flags&flagOptional == 0 {
				return d.fail(ReasonUnrecognizedWellKnown, typ, at)
			}
		} else if (flags^want)&flagKind != 0 {
			d.note(k, ReasonAttributeFlags, typ, at)
			if typ != attrMPReach && typ != attrMPUnreach {
				// The value is malformed whatever it holds; routes must be
				// found all the same.
				k.others = true
				at = to
				continue
			}
		}
		if !d.attribute(k, typ, buf, from, to, u) {
			return false
		}
		at = to
	}
	return true
}

// overrun ends a block whose last attribute does not fit (RFC 7606 §4). Routes
// cut short in it are unknown, so the message is too.
func (d *Decoder) overrun(k *block, typ uint8, at int) bool {
	switch typ {
	case attrMPReach:
		return d.fail(ReasonMPReach, typ, at)
	case attrMPUnreach:
		return d.fail(ReasonMPUnreach, typ, at)
	}
	k.others = true
	d.note(k, ReasonAttributeOverrun, typ, at)
	return true
}

// attribute decodes the value buf[from:to] of one attribute.
func (d *Decoder) attribute(k *block, typ uint8, buf []byte, from, to int, u *route.Update) bool {
	v := buf[from:to:to]
	r := ReasonNone
	switch typ {
	case attrMPReach:
		k.others = true
		if !k.message {
			return d.reachRIB(v, from, u)
		}
		return d.reach(k, buf, from, to, u)
	case attrMPUnreach:
		if !k.message {
			return true // a RIB entry withdraws nothing
		}
		return d.unreach(k, buf, from, to, u)
	case attrOrigin:
		r = origin(v, u)
	case attrASPath:
		r = asPath(v, k.session.AS4, u)
	case attrNextHop:
		r = nextHop(v, u)
	case attrMED:
		r = med(v, u)
	case attrLocalPref:
		r = localPref(v, u)
	case attrCommunities:
		if len(v) == 0 || len(v)%4 != 0 {
			r = ReasonCommunities
		} else {
			u.Communities = v
		}
	case attrLarge:
		if len(v) == 0 || len(v)%12 != 0 {
			r = ReasonLargeCommunities
		} else {
			u.LargeCommunities = v
		}
	case attrExtended, attrExtendedIPv6:
		r = extended(typ, v)
	case attrOTC:
		r = otc(v, u)
	case attrAtomic, attrAggregator, attrOriginatorID, attrClusterList:
		d.discardable(k, typ, v, u)
	case attrAS4Path, attrAS4Aggregator:
		d.keepAS4(k, typ, v)
	}
	k.others = true
	if r != ReasonNone {
		d.note(k, r, typ, from)
	}
	return true
}
