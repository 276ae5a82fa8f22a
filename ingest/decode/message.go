package decode

import (
	"encoding/binary"

	"detour/route"
)

const (
	headerLen  = 19 // RFC 4271 §4.1
	typeOffset = 18
	typeUpdate = 2
	minUpdate  = headerLen + 4
)

// Message decodes a whole BGP message with its 19-octet header, up to 65535
// octets (RFC 8654), into u, which is Reset first. Communities in u are views
// into msg. u.Kind is KindUpdate, or KindEndOfRIB with d.EndOfRIB.
//
// A well-framed message of another type gives an *Error that matches
// ErrNotUpdate. Every error leaves u Reset; it belongs to d and holds until the
// next call.
func (d *Decoder) Message(msg []byte, s Session, u *route.Update) error {
	reset(u)
	if !d.framed(msg) {
		if d.err.Reason == ReasonNotUpdate {
			d.Counters.Reasons[ReasonNotUpdate]++
			return &d.err
		}
		return d.refuse(u)
	}
	if !d.update(msg, s, u) {
		return d.refuse(u)
	}
	d.Counters.Updates++
	return nil
}

// framed checks the header of an UPDATE.
func (d *Decoder) framed(msg []byte) bool {
	if len(msg) < headerLen {
		return d.fail(ReasonShort, 0, len(msg))
	}
	if binary.BigEndian.Uint64(msg)&binary.BigEndian.Uint64(msg[8:]) != ^uint64(0) {
		return d.fail(ReasonMarker, 0, 0)
	}
	if int(binary.BigEndian.Uint16(msg[16:])) != len(msg) {
		return d.fail(ReasonLength, 0, 16)
	}
	if msg[typeOffset] != typeUpdate {
		return d.fail(ReasonNotUpdate, msg[typeOffset], typeOffset)
	}
	if len(msg) < minUpdate {
		return d.fail(ReasonShort, 0, len(msg))
	}
	return true
}

// update decodes the body of a framed UPDATE.
func (d *Decoder) update(msg []byte, s Session, u *route.Update) bool {
	wd := headerLen + 2
	wdEnd := wd + int(binary.BigEndian.Uint16(msg[headerLen:]))
	if wdEnd+2 > len(msg) {
		return d.fail(ReasonWithdrawnLength, 0, headerLen)
	}
	attrs := wdEnd + 2
	nlri := attrs + int(binary.BigEndian.Uint16(msg[wdEnd:]))
	if nlri > len(msg) {
		return d.fail(ReasonAttributesLength, 0, wdEnd)
	}
	// The message's own routes stand before those of the attributes, which is
	// the order that Update asks for. It also settles NLRI syntax, the severest
	// error, first (RFC 7606 §3(j)).
	var bad int
	if wd < wdEnd {
		if u.Withdrawn, bad = appendRun(u.Withdrawn, msg[:wdEnd], wd, route.IPv4, s.AddPath4); bad >= 0 {
			return d.fail(ReasonNLRI, 0, bad)
		}
	}
	if nlri < len(msg) {
		if u.Announced, bad = appendRun(u.Announced, msg, nlri, route.IPv4, s.AddPath4); bad >= 0 {
			return d.fail(ReasonNLRI, 0, bad)
		}
	}
	u.MPWithdrawn, u.MPAnnounced = len(u.Withdrawn), len(u.Announced)
	if s.AddPath4 && len(u.Withdrawn)+len(u.Announced) > 0 {
		u.Flags |= route.FlagPathIDs
	}
	if attrs == nlri {
		return d.bare(len(msg) == minUpdate, u)
	}
	var k block
	k.session, k.message, k.reachable = s, true, nlri < len(msg)
	if !d.attributes(&k, msg, attrs, nlri, u) {
		return false
	}
	return k.complete() || d.settle(&k, u)
}

// bare settles an UPDATE without attributes: End-of-RIB when empty, else
// withdrawals only, unless it announces.
func (d *Decoder) bare(empty bool, u *route.Update) bool {
	if empty {
		d.endOfRIB(route.IPv4, u)
		return true
	}
	if len(u.Announced) > 0 {
		d.missing(&block{}, u)
		d.withdraw(u)
	}
	return true
}

func (d *Decoder) endOfRIB(f route.Family, u *route.Update) {
	u.Kind = route.KindEndOfRIB
	d.EndOfRIB = f
	d.Counters.EndOfRIB++
}

// settle applies what can only be said once all attributes are read.
func (d *Decoder) settle(k *block, u *route.Update) bool {
	if !k.others && k.fault.Reason == ReasonNone {
		if k.endOfRIB != 0 && u.Elements() == 0 {
			d.endOfRIB(k.endOfRIB, u)
			return true
		}
		if len(u.Announced) == 0 {
			return true
		}
	}
	if k.as4Path != nil || k.as4Aggregator != nil {
		d.mergeAS4(k, u)
	}
	if len(u.Announced) > 0 {
		d.missing(k, u)
	}
	if k.fault.Reason == ReasonNone {
		return true
	}
	if !k.reachable && k.others {
		// RFC 7606 §5.2: nothing shows that the routes were found at all.
		return d.fail(ReasonNoReachable, k.fault.Type, k.fault.Offset)
	}
	d.withdraw(u)
	return true
}

// missing notes the mandatory attributes that an announcement lacks
// (RFC 7606 §3(d)).
func (d *Decoder) missing(k *block, u *route.Update) {
	if !k.has(attrOrigin) {
		d.note(k, ReasonMissingOrigin, attrOrigin, 0)
	}
	if !k.has(attrASPath) {
		d.note(k, ReasonMissingASPath, attrASPath, 0)
	}
	if k.message && u.MPAnnounced > 0 && !k.has(attrNextHop) && !k.session.NoNextHop {
		d.note(k, ReasonMissingNextHop, attrNextHop, 0)
	}
}

// fail records why decoding stops and returns false.
func (d *Decoder) fail(r Reason, typ uint8, offset int) bool {
	d.err = Error{Reason: r, Type: typ, Offset: offset}
	return false
}

// refuse counts the recorded failure and empties u.
func (d *Decoder) refuse(u *route.Update) error {
	d.Counters.Undecodable++
	d.Counters.Reasons[d.err.Reason]++
	reset(u)
	return &d.err
}
