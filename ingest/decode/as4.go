package decode

import (
	"encoding/binary"

	"detour/route"
)

// keepAS4 keeps AS4_PATH or AS4_AGGREGATOR of a two-octet session for
// mergeAS4. On a four-octet session both are discarded (RFC 6793 §4.1): merged
// there, they would let anyone rewrite a path.
func (d *Decoder) keepAS4(k *block, typ uint8, v []byte) {
	switch {
	case k.session.AS4:
		d.Counters.Reasons[ReasonAS4Unwanted]++
	case typ == attrAS4Path:
		k.as4Path = v
	default:
		k.as4Aggregator = v
	}
}

// mergeAS4 rebuilds path and aggregator as RFC 6793 §4.2.3 says. Malformed
// AS4_ attributes are discarded (§6).
func (d *Decoder) mergeAS4(k *block, u *route.Update) {
	if k.fault.Reason != ReasonNone {
		return // no attribute of this block will be used
	}
	if v := k.as4Aggregator; v != nil {
		var asn route.ASN
		if len(v) == 8 {
			asn = route.ASN(binary.BigEndian.Uint32(v))
		}
		switch {
		case asn == 0:
			d.Counters.Reasons[ReasonAS4Aggregator]++
		case u.Flags&route.FlagHasAggregator == 0:
			// Nothing to complete; AS4_PATH counts all the same.
		case u.AggregatorASN != route.ASTrans:
			return // an old speaker aggregated after both were made
		default:
			u.AggregatorASN = asn
			copy(u.AggregatorAddr[:], v[4:])
		}
	}
	if k.as4Path == nil {
		return
	}
	d.as4.Reset()
	if len(k.as4Path) == 0 || segments(k.as4Path, true, &d.as4) != ReasonNone {
		d.Counters.Reasons[ReasonAS4Path]++
		return
	}
	unflatten(&d.as4)
	dropConfed(&d.as4)
	if len(d.as4.ASNs) == 0 {
		return
	}
	mergePath(&u.Path, &d.as4)
}

// mergePath puts as many leading hops of p before tail as p is longer, so that
// the result has the hops of p. A tail longer than p is ignored. tail has its
// segments listed.
func mergePath(p, tail *route.Path) {
	unflatten(p)
	lead := hops(p) - hops(tail)
	if lead < 0 {
		flatten(p)
		return
	}
	segs, asns := 0, 0
	for ; segs < len(p.Segments); segs++ {
		s := &p.Segments[segs]
		n := int(s.Count)
		switch s.Type {
		case route.ASSequence:
			if n > lead {
				n = lead
			}
			lead -= n
		case route.ASSet:
			if lead == 0 {
				n = 0
			} else {
				lead--
			}
		default:
			// A confederation segment stays when it leads or follows one
			// that was kept whole, which is the only way to get here.
		}
		asns += n
		if n < int(s.Count) {
			if n > 0 {
				s.Count = uint16(n)
				segs++
			}
			break
		}
	}
	p.ASNs = append(p.ASNs[:asns], tail.ASNs...)
	p.Segments = p.Segments[:segs]
	for _, s := range tail.Segments {
		join(p, s)
	}
	flatten(p)
}

// hops counts as RFC 4271 §9.1.2.2 and RFC 5065 §5.3 do: an AS_SET is one hop,
// confederation segments are none.
func hops(p *route.Path) int {
	n := 0
	for _, s := range p.Segments {
		switch s.Type {
		case route.ASSequence:
			n += int(s.Count)
		case route.ASSet:
			n++
		}
	}
	return n
}

// dropConfed removes confederation segments, which AS4_PATH must not carry
// (RFC 6793 §6).
func dropConfed(p *route.Path) {
	asns, segs := p.ASNs, p.Segments
	p.Reset()
	at := 0
	for _, s := range segs {
		next := at + int(s.Count)
		if s.Type == route.ASSequence || s.Type == route.ASSet {
			p.ASNs = append(p.ASNs, asns[at:next]...)
			join(p, s)
		}
		at = next
	}
}
