package decode

import (
	"encoding/binary"

	"detour/route"
)

// usual goes on where opening stopped, with the attributes that most blocks
// hold besides, as long as they are well-formed, of a one-octet length and in the
// order of their types, so that none can be a duplicate. All else it leaves to
// others, as opening does.
func usual(k *block, buf []byte, at, end int, u *route.Update) int {
	for end-at >= 3 {
		flags, typ, n := buf[at], buf[at+1], int(buf[at+2])
		from := at + 3
		if n > end-from || k.seen[0]>>(typ&63) != 0 {
			return at
		}
		v := buf[from : from+n : from+n]
		switch typ {
		case attrCommunities:
			if flags != flagOptional|flagTransitive || n == 0 || n%4 != 0 {
				return at
			}
			u.Communities = v
		case attrMED:
			if flags != flagOptional || n != 4 {
				return at
			}
			u.MED = binary.BigEndian.Uint32(v)
			u.Flags |= route.FlagHasMED
		case attrLocalPref:
			if flags != flagTransitive || n != 4 {
				return at
			}
			u.LocalPref = binary.BigEndian.Uint32(v)
			u.Flags |= route.FlagHasLocalPref
		case attrAtomic:
			if flags != flagTransitive || n != 0 {
				return at
			}
			u.Flags |= route.FlagAtomicAggregate
		case attrAggregator:
			if flags != flagOptional|flagTransitive || aggregator(v, k.session.AS4, u) != ReasonNone {
				return at
			}
		case attrOriginatorID, attrClusterList:
			if flags != flagOptional || n == 0 || n%4 != 0 || n != 4 && typ == attrOriginatorID {
				return at
			}
		case attrLarge:
			if flags != flagOptional|flagTransitive || n == 0 || n%12 != 0 {
				return at
			}
			u.LargeCommunities = v
		default:
			return at
		}
		k.others = true
		k.seen[0] |= 1 << typ
		at = from + n
	}
	return at
}
