package decode

import (
	"encoding/binary"

	"detour/route"
)

// opening reads the well-formed ORIGIN, AS_PATH of one AS_SEQUENCE and NEXT_HOP
// with which nearly every block begins, in that order, and returns where it
// stopped. It is a short cut: whatever is unusual it leaves, untouched, to
// attributes, which would read the same.
func opening(k *block, buf []byte, at, end int, u *route.Update) int {
	if end-at < 4 || buf[at] != flagTransitive || buf[at+1] != attrOrigin || buf[at+2] != 1 ||
		buf[at+3] > route.OriginIncomplete {
		return at
	}
	u.Origin = buf[at+3]
	u.Flags |= route.FlagHasOrigin
	k.others = true
	k.seen[0] |= 1 << attrOrigin
	at += 4
	if !k.session.AS4 || end-at < 4 || buf[at+1] != attrASPath {
		return at
	}
	from := at + 3
	n := int(buf[at+2])
	if buf[at] == flagTransitive|flagExtendedLength {
		from, n = at+4, n<<8|int(buf[at+3])
	} else if buf[at] != flagTransitive {
		return at
	}
	if n <= 2 || end-from < n || buf[from] != uint8(route.ASSequence) || n != 2+4*int(buf[from+1]) {
		return at
	}
	if sequence4(buf[from+2:from+n], &u.Path) != ReasonNone {
		u.Path.Reset()
		return at
	}
	u.Flags |= route.FlagHasPath
	k.seen[0] |= 1 << attrASPath
	at = from + n
	const header = flagTransitive<<24 | attrNextHop<<16 | 4<<8
	if end-at < 7 || binary.BigEndian.Uint32(buf[at:])&0xffffff00 != header {
		return at
	}
	copy(u.NextHop.Bytes[:4], buf[at+3:at+7])
	u.NextHop.Len = 4
	k.seen[0] |= 1 << attrNextHop
	return at + 7
}
