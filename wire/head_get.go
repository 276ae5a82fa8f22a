package wire

import "detour/route"

func headShape() shape {
	return shape{varints: 1<<headFlags | 1<<headKind | 1<<headOrigin, lens: 1<<headNextHop | 1<<headMPNextHop}
}

// addHead checks a head message and appends it to f.heads.
func (f *Frame) addHead(m span) error {
	var v fields
	if err := v.scan(f.b, m.lo(), m.hi(), headShape()); err != nil {
		return err
	}
	hop, mp := v.span(headNextHop), v.span(headMPNextHop)
	switch {
	case uint32(v.v[headKind]) > uint32(route.KindTick):
		return errEnum
	case uint32(v.v[headOrigin]) > 255:
		return errUint8
	case !validNextHop(hop.len()), !validNextHop(mp.len()):
		return errNextHop
	}
	h := head{
		kind: route.Kind(v.v[headKind]), flags: route.Flags(v.v[headFlags]) & carriedFlags,
	}
	if h.flags&route.FlagHasOrigin != 0 {
		h.origin = uint8(v.v[headOrigin])
	}
	h.nextHop.Len = uint8(copy(h.nextHop.Bytes[:], view(f.b, hop)))
	h.mpNextHop.Len = uint8(copy(h.mpNextHop.Bytes[:], view(f.b, mp)))
	f.heads = append(f.heads, h)
	f.flags |= h.flags
	return nil
}

func validNextHop(n int) bool { return n == 0 || n == 4 || n == 16 || n == 32 }
