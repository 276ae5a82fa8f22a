package wire

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"

	"detour/route"
)

// headKey is the session and most of a head: all but the octets of next hops
// that are longer than usual.
type headKey struct {
	session             *route.Session
	start               route.Time
	small               uint64 // kind, origin, flags, lengths; feeds of the session
	nextHop, mp, mpHost uint64 // octets
}

// headList holds the heads of a frame under construction. The same head may
// stand there twice: what recent finds no more is appended again.
type headList struct {
	raw      []byte
	sessions []byte // frmHeadSession
	long     []longHops
	count    uint32
	gen      uint32
	recent   [headSlots]recentHead
	known    [headSlots]headBytes // of recent
}

const headSlots = 512

// recentHead is a head by its hash. It takes a line of the processor's cache.
type recentHead struct {
	key   headKey
	gen   uint32 // in which it has place
	place uint32
	_     [2]uint32
}

// headBytes is what is written of a head. It is kept from frame to frame.
type headBytes struct {
	long uint32 // of headList.long, if its next hops are such
	n    uint8  // octets of raw, 0 if there are more
	raw  [43]byte
}

// longHops are next hops that headKey does not hold whole.
type longHops struct{ nextHop, mpNextHop route.NextHop }

func (l *headList) reset() {
	l.raw, l.sessions, l.long, l.count = l.raw[:0], l.sessions[:0], l.long[:0], 0
	l.forget()
}

// forget makes the heads so far unknown, so that none of them is named again.
func (l *headList) forget() {
	if l.gen++; l.gen == 0 {
		l.recent, l.gen = [headSlots]recentHead{}, 1
	}
}

// headOf returns the place of the head of u. The key stands in variables: a
// struct of so many fields would be laid into memory.
func (b *FrameBuilder) headOf(u *route.Update, s *route.Session) uint64 {
	l := &b.heads
	small := uint64(u.Flags&carriedFlags) | uint64(u.Kind)<<16 | uint64(u.NextHop.Len)<<24 | uint64(u.MPNextHop.Len)<<32
	nextHop := binary.LittleEndian.Uint64(u.NextHop.Bytes[:])
	mp, mpHost := binary.LittleEndian.Uint64(u.MPNextHop.Bytes[:]), binary.LittleEndian.Uint64(u.MPNextHop.Bytes[8:])
	start := route.Time(0)
	if u.Flags&route.FlagHasOrigin != 0 {
		small |= uint64(u.Origin) << 40
	}
	if u.Peer == route.AllPeers {
		s = nil
	} else {
		start = s.Start
		small |= uint64(s.Feed4)<<48 | uint64(s.Feed6)<<56
	}
	hash := nextHop ^ small<<20 ^ mp<<13 ^ mpHost ^ uint64(u.Peer)<<7
	hash = hash * 0x9e3779b97f4a7c15 >> (64 - 9)
	slot := &l.recent[hash]
	k := &slot.key
	if slot.gen == l.gen && k.session == s &&
		uint64(k.start^start)|(k.small^small)|(k.nextHop^nextHop)|(k.mp^mp)|(k.mpHost^mpHost) == 0 &&
		(!hasLongHops(u) || l.long[l.known[hash].long] == longHopsOf(u)) {
		return uint64(slot.place)
	}
	return b.addHead(u, headKey{s, start, small, nextHop, mp, mpHost}, hash)
}

func hasLongHops(u *route.Update) bool { return u.NextHop.Len > 8 || u.MPNextHop.Len > 16 }

func longHopsOf(u *route.Update) longHops { return longHops{u.NextHop, u.MPNextHop} }

// addHead appends the head of u, whose slot is to be its own.
func (b *FrameBuilder) addHead(u *route.Update, k headKey, hash uint64) uint64 {
	l := &b.heads
	slot, known := &l.recent[hash], &l.known[hash]
	before := len(l.raw) + len(l.sessions)
	if slot.key == k && known.n != 0 {
		l.raw = append(l.raw, known.raw[:known.n]...)
	} else {
		l.raw = appendHead(l.raw, u, uint8(k.small>>40))
		head := l.raw[before-len(l.sessions):]
		slot.key, known.n = k, 0
		if len(head) <= len(known.raw) && !hasLongHops(u) {
			known.n = uint8(copy(known.raw[:], head))
		}
	}
	if hasLongHops(u) {
		known.long = uint32(len(l.long))
		l.long = append(l.long, longHopsOf(u))
	}
	peer := uint64(0)
	if k.session != nil {
		peer = uint64(b.findPeer(k.session)) + 1
	}
	l.sessions = binary.AppendUvarint(l.sessions, peer)
	slot.gen, slot.place = l.gen, l.count
	l.count++
	b.size += len(l.raw) + len(l.sessions) - before
	return uint64(slot.place)
}

func appendHead(b []byte, u *route.Update, origin uint8) []byte {
	b, at := openField(b, frmHeads)
	b = appendUint(b, headFlags, uint64(u.Flags&carriedFlags))
	b = appendUint(b, headKind, uint64(u.Kind))
	b = appendUint(b, headOrigin, uint64(origin))
	b = appendHop(b, headNextHop, &u.NextHop)
	b = appendHop(b, headMPNextHop, &u.MPNextHop)
	return closeField(b, at)
}

func appendHop(b []byte, num protowire.Number, h *route.NextHop) []byte {
	return appendBytes(b, num, h.Bytes[:h.Len])
}

// carriedFlags are the flags that a Frame carries. Those that qualify an
// attribute which it does not carry would be false at the reader.
const carriedFlags = route.FlagTableDump | route.FlagInitialTransfer | route.FlagPathIDs | route.FlagHasOTC |
	route.FlagAtomicAggregate | route.FlagTreatAsWithdraw | route.FlagHasOrigin | route.FlagHasPath
