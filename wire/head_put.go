package wire

import (
	"encoding/binary"

	"detour/route"
)

// head is what many updates of a frame have in common. It is 68 octets.
type head struct {
	nextHop, mpNextHop route.NextHop
	kind               route.Kind
	origin             uint8
	flags              route.Flags
}

// headKey is most of a head: all but the octets of next hops behind the eighth.
type headKey struct {
	small       uint64 // kind, origin, flags, lengths
	nextHop, mp uint64 // first octets
}

// headList holds the heads of a frame under construction. The same head may
// stand there twice: what recent finds no more is appended again.
type headList struct {
	raw    []byte
	list   []head
	frame  uint32 // counts frames
	recent [headSlots]recentHead
}

const headSlots = 256

type recentHead struct {
	key   headKey
	frame uint32
	place uint32
}

func (l *headList) reset() {
	l.raw, l.list = l.raw[:0], l.list[:0]
	if l.frame++; l.frame == 0 {
		l.recent, l.frame = [headSlots]recentHead{}, 1
	}
}

// headOf returns the place of the head of u.
func (b *FrameBuilder) headOf(u *route.Update) uint64 {
	l := &b.heads
	k := headKey{
		small: uint64(u.Flags&carriedFlags) | uint64(u.Kind)<<16 | uint64(u.NextHop.Len)<<24 |
			uint64(u.MPNextHop.Len)<<32,
		nextHop: binary.LittleEndian.Uint64(u.NextHop.Bytes[:]),
		mp:      binary.LittleEndian.Uint64(u.MPNextHop.Bytes[:]),
	}
	if u.Flags&route.FlagHasOrigin != 0 {
		k.small |= uint64(u.Origin) << 40
	}
	hash := k.nextHop ^ k.small<<20 ^ k.mp<<13
	if u.MPNextHop.Len > 8 {
		hash ^= binary.LittleEndian.Uint64(u.MPNextHop.Bytes[8:])
	}
	slot := &l.recent[hash*0x9e3779b97f4a7c15>>56]
	if slot.key == k && slot.frame == l.frame && l.sameHops(slot.place, u) {
		return uint64(slot.place)
	}
	return b.addHead(u, k, slot)
}

// sameHops compares the octets of long next hops that headKey leaves out.
func (l *headList) sameHops(i uint32, u *route.Update) bool {
	return u.NextHop.Len|u.MPNextHop.Len <= 8 ||
		l.list[i].nextHop == u.NextHop && l.list[i].mpNextHop == u.MPNextHop
}

func (b *FrameBuilder) addHead(u *route.Update, k headKey, slot *recentHead) uint64 {
	l := &b.heads
	place := len(l.list)
	l.list = append(l.list, head{u.NextHop, u.MPNextHop, u.Kind, uint8(k.small >> 40), u.Flags & carriedFlags})
	*slot = recentHead{k, l.frame, uint32(place)}
	before := len(l.raw)
	l.raw = appendHead(l.raw, &l.list[place])
	b.size += len(l.raw) - before
	return uint64(place)
}

func appendHead(b []byte, h *head) []byte {
	b, at := openField(b, frmHeads)
	b = appendUint(b, headFlags, uint64(h.flags))
	b = appendUint(b, headKind, uint64(h.kind))
	b = appendUint(b, headOrigin, uint64(h.origin))
	b = appendBytes(b, headNextHop, h.nextHop.Bytes[:h.nextHop.Len])
	b = appendBytes(b, headMPNextHop, h.mpNextHop.Bytes[:h.mpNextHop.Len])
	return closeField(b, at)
}

// carriedFlags are the flags that a Frame carries. Those that qualify an
// attribute which it does not carry would be false at the reader.
const carriedFlags = route.FlagTableDump | route.FlagInitialTransfer | route.FlagPathIDs | route.FlagHasOTC |
	route.FlagAtomicAggregate | route.FlagTreatAsWithdraw | route.FlagHasOrigin | route.FlagHasPath
