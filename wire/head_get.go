package wire

import (
	"bytes"
	"encoding/binary"

	"detour/route"
)

// head is what many updates of a frame have in common.
type head struct {
	nextHop, mpNextHop route.NextHop
	kind               route.Kind
	origin             uint8
	flags              route.Flags
	peer               uint32 // by frmHeadSession
}

func headShape() shape {
	return shape{varints: 1<<headFlags | 1<<headKind | 1<<headOrigin, lens: 1<<headNextHop | 1<<headMPNextHop}
}

// knownHead is a head message that a Frame has accepted before, at first the
// empty one.
type knownHead struct {
	raw  [headLen]byte
	n    int
	head head
}

// headLen is the longest message that a Frame remembers. Longer ones are rare:
// they have a next hop of two addresses.
const headLen = 32

// addHead checks a head message and appends it to f.heads.
func (f *Frame) addHead(raw []byte) error {
	k := &f.knownHeads[hashHead(raw)]
	h := k.head
	if !bytes.Equal(k.raw[:k.n], raw) {
		var err error
		if h, err = readHead(raw); err != nil {
			return err
		}
		if len(raw) <= headLen {
			k.head, k.n = h, copy(k.raw[:], raw)
		}
	}
	f.heads = append(f.heads, h)
	f.flags |= h.flags
	return nil
}

// hashHead looks at both ends: flags stand at one, the host part of a next hop
// at the other.
func hashHead(raw []byte) uint8 {
	if len(raw) < 8 {
		return uint8(len(raw))
	}
	v := binary.LittleEndian.Uint64(raw) ^ binary.LittleEndian.Uint64(raw[len(raw)-8:])<<7
	return uint8(v * 0x9e3779b97f4a7c15 >> 56)
}

// readHead checks a head message.
func readHead(raw []byte) (h head, err error) {
	var v fields
	if err := v.scan(raw, 0, len(raw), headShape()); err != nil {
		return head{}, err
	}
	hop, mp := v.span(headNextHop), v.span(headMPNextHop)
	switch {
	case uint32(v.v[headKind]) > uint32(route.KindTick):
		return head{}, errEnum
	case uint32(v.v[headOrigin]) > 255:
		return head{}, errUint8
	case !validNextHop(hop.len()), !validNextHop(mp.len()):
		return head{}, errNextHop
	}
	h.kind, h.flags = route.Kind(v.v[headKind]), route.Flags(v.v[headFlags])&carriedFlags
	if h.flags&route.FlagHasOrigin != 0 {
		h.origin = uint8(v.v[headOrigin])
	}
	h.nextHop.Len = uint8(copy(h.nextHop.Bytes[:], view(raw, hop)))
	h.mpNextHop.Len = uint8(copy(h.mpNextHop.Bytes[:], view(raw, mp)))
	return h, nil
}

func validNextHop(n int) bool { return n == 0 || n == 4 || n == 16 || n == 32 }
