package decode

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// AppendNLRI appends the prefixes of b, a run of NLRI in wire form (RFC 4271
// §4.3; with addPath RFC 7911 §3), to dst. Host bits are cleared. When a prefix
// is too long for f or cut short it returns dst as it was and an *Error.
func AppendNLRI(dst []route.NLRI, b []byte, f route.Family, addPath bool) ([]route.NLRI, error) {
	if f.MaxBits() == 0 {
		return dst, &Error{Reason: ReasonFamily}
	}
	out, bad := appendRun(dst, b, 0, f, addPath)
	if bad >= 0 {
		return dst, &Error{Reason: ReasonNLRI, Offset: bad}
	}
	return out, nil
}

// appendRun appends the prefixes of buf[at:]. The second result is -1, or the
// offset of the first bad prefix. It wants the octets before the run too, because
// they let it load eight at a time up to the end.
func appendRun(dst []route.NLRI, buf []byte, at int, f route.Family, addPath bool) ([]route.NLRI, int) {
	if f == route.IPv4 && !addPath && len(buf) >= 8 {
		return appendIPv4(dst, buf, at)
	}
	return appendAny(dst, buf, at, f, addPath)
}

// load8 returns the eight octets from at on, left-aligned, with zeros for those
// at or beyond to. It wants at < to <= len(buf).
func load8(buf []byte, at, to int) uint64 {
	if to-at >= 8 {
		return binary.BigEndian.Uint64(buf[at:])
	}
	if to >= 8 {
		return binary.BigEndian.Uint64(buf[to-8:]) << (64 - 8*uint(to-at))
	}
	var b [8]byte
	copy(b[:], buf[at:to])
	return binary.BigEndian.Uint64(b[:])
}

// appendIPv4 is the hot loop: IPv4 without path identifiers in a buf of eight
// octets or more. Near the end it loads the last eight and shifts, where load8
// would branch: that a prefix is the last cannot be foreseen. The length is loaded
// by itself because the place of the next prefix waits for nothing else.
func appendIPv4(dst []route.NLRI, buf []byte, at int) ([]route.NLRI, int) {
	last := len(buf) - 8
	n, room := len(dst), dst[:cap(dst)]
	for at < len(buf) {
		bits := uint64(buf[at])
		next := at + 1 + int(bits+7)>>3
		if bits > 32 || next > len(buf) {
			return room[:n], at
		}
		from := min(at, last)
		v := binary.BigEndian.Uint64(buf[from:]) << (8 * uint(at-from) & 63)
		if n == len(room) {
			room = enlarged(room)
		}
		e := &room[n] // field by field: a literal would go through the stack
		e.Hi, e.Lo, e.PathID = v<<8&(^uint64(0)<<(64-bits)), 0, 0
		e.Bits, e.Family = uint8(bits), route.IPv4
		n++
		at = next
	}
	return room[:n], -1
}

// enlarged returns s with room for more, all of it within its length.
func enlarged(s []route.NLRI) []route.NLRI {
	s = slices.Grow(s, 1)
	return s[:cap(s)]
}

// appendAny does the other kinds.
func appendAny(dst []route.NLRI, buf []byte, at int, f route.Family, addPath bool) ([]route.NLRI, int) {
	limit, to := uint64(f.MaxBits()), len(buf)
	for at < to {
		start := at
		var id uint32
		if addPath {
			if to-at < 5 {
				return dst, start
			}
			id = binary.BigEndian.Uint32(buf[at:])
			at += 4
		}
		v := load8(buf, at, to)
		bits := v >> 56
		next := at + 1 + int(bits+7)>>3
		if bits > limit || next > to {
			return dst, start
		}
		hi, lo := v<<8, uint64(0)
		if bits > 56 {
			hi = load8(buf, at+1, next)
			if bits > 64 {
				lo = load8(buf, at+9, next)
			}
		}
		maskHi, maskLo := route.Mask(uint8(bits))
		dst = append(dst, route.NLRI{
			Hi: hi & maskHi, Lo: lo & maskLo, PathID: id, Bits: uint8(bits), Family: f,
		})
		at = next
	}
	return dst, -1
}
