package decode

import "detour/route"

// Attributes decodes the bare attribute block of a RIB entry into u, which is
// Reset first: of TABLE_DUMP (s.AS4 false) and TABLE_DUMP_V2 (s.AS4 true, RFC
// 6396 §4.3.4). It fills attributes and MPNextHop, not NLRI, and sets no
// FlagTableDump. Communities in u are views into attrs.
//
// A RIB entry cannot be withdrawn, so what would be treated as a withdrawal in
// a message is an error here, as is a missing ORIGIN or AS_PATH. Every error
// leaves u Reset; it belongs to d and holds until the next call. An empty block,
// as some writers give for routes of their own, is ErrNoAttributes and no fault.
func (d *Decoder) Attributes(attrs []byte, s Session, u *route.Update) error {
	reset(u)
	if len(attrs) == 0 {
		d.Counters.Reasons[ReasonNoAttributes]++
		d.fail(ReasonNoAttributes, 0, 0)
		return &d.err
	}
	var k block
	k.session = s
	if !d.attributes(&k, attrs, 0, len(attrs), u) {
		return d.refuse(u)
	}
	if k.as4Path != nil || k.as4Aggregator != nil {
		d.mergeAS4(&k, u)
	}
	d.missing(&k, u)
	if k.fault.Reason != ReasonNone {
		d.Counters.Undecodable++ // its reason is counted already
		d.err = k.fault
		reset(u)
		return &d.err
	}
	d.Counters.Blocks++
	return nil
}
