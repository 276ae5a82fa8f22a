package decode

import (
	"encoding/binary"

	"detour/route"
)

// The functions of this file decode one attribute value each and return
// ReasonNone or why RFC 7606 §7 calls it malformed.

func origin(v []byte, u *route.Update) Reason {
	if len(v) != 1 || v[0] > route.OriginIncomplete {
		return ReasonOrigin
	}
	u.Origin = v[0]
	u.Flags |= route.FlagHasOrigin
	return ReasonNone
}

func nextHop(v []byte, u *route.Update) Reason {
	if len(v) != 4 {
		return ReasonNextHop
	}
	u.NextHop.Len = 4
	copy(u.NextHop.Bytes[:4], v)
	return ReasonNone
}

func med(v []byte, u *route.Update) Reason {
	if len(v) != 4 {
		return ReasonMED
	}
	u.MED = binary.BigEndian.Uint32(v)
	u.Flags |= route.FlagHasMED
	return ReasonNone
}

func localPref(v []byte, u *route.Update) Reason {
	if len(v) != 4 {
		return ReasonLocalPref
	}
	u.LocalPref = binary.BigEndian.Uint32(v)
	u.Flags |= route.FlagHasLocalPref
	return ReasonNone
}

// otc reads Only to Customer (RFC 9234 §5).
func otc(v []byte, u *route.Update) Reason {
	if len(v) != 4 {
		return ReasonOTC
	}
	u.OTC = route.ASN(binary.BigEndian.Uint32(v))
	u.Flags |= route.FlagHasOTC
	return ReasonNone
}

// extended checks extended communities, which are not kept (RFC 7606 §7.14,
// §7.15).
func extended(typ uint8, v []byte) Reason {
	unit := 8
	if typ == attrExtendedIPv6 {
		unit = 20
	}
	if len(v) == 0 || len(v)%unit != 0 {
		return ReasonExtendedCommunities
	}
	return ReasonNone
}

// discardable reads the attributes whose faults cost only themselves.
// ORIGINATOR_ID and CLUSTER_LIST are among them: an external session must
// discard them, and nothing here is taken from them (RFC 7606 §7.9, §7.10).
func (d *Decoder) discardable(k *block, typ uint8, v []byte, u *route.Update) {
	r := ReasonNone
	switch typ {
	case attrAtomic:
		if len(v) != 0 {
			r = ReasonAtomicAggregate
			break
		}
		u.Flags |= route.FlagAtomicAggregate
	case attrAggregator:
		r = aggregator(v, k.session.AS4, u)
	case attrOriginatorID:
		if len(v) != 4 {
			r = ReasonReflection
		}
	case attrClusterList:
		if len(v) == 0 || len(v)%4 != 0 {
			r = ReasonReflection
		}
	}
	if r != ReasonNone {
		d.Counters.Reasons[r]++
	}
}

// aggregator reads AGGREGATOR; AS 0 is malformed (RFC 7607 §2).
func aggregator(v []byte, as4 bool, u *route.Update) Reason {
	var asn route.ASN
	switch {
	case as4 && len(v) == 8:
		asn = route.ASN(binary.BigEndian.Uint32(v))
	case !as4 && len(v) == 6:
		asn = route.ASN(binary.BigEndian.Uint16(v))
	}
	if asn == 0 {
		return ReasonAggregator
	}
	u.AggregatorASN = asn
	copy(u.AggregatorAddr[:], v[len(v)-4:])
	u.Flags |= route.FlagHasAggregator
	return ReasonNone
}
