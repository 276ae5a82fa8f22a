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
	out, bad := appendRun(dst, b, 0, len(b), f, addPath)
	if bad >= 0 {
		return dst, &Error{Reason: ReasonNLRI, Offset: bad}
	}
	return out, nil
}

// appendRun appends the prefixes of buf[at:to]. The second result is -1, or the
// offset of the first bad prefix. It wants the whole buffer, not the run alone,
// because octets before the run let it load eight at a time up to the end.
func appendRun(dst []route.NLRI, buf []byte, at, to int, f route.Family, addPath bool) ([]route.NLRI, int) {
	if f == route.IPv4 && !addPath {
		return appendIPv4(dst, buf, at, to)
	}
	return appendAny(dst, buf, at, to, f, addPath)
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

// appendIPv4 is the hot loop: IPv4 without path identifiers.
func appendIPv4(dst []route.NLRI, buf []byte, at, to int) ([]route.NLRI, int) {
	for at < to {
		v := load8(buf, at, to)
		bits := v >> 56
		next := at + 1 + int(bits+7)>>3
		if bits > 32 || next > to {
			return dst, at
		}
		n := len(dst)
		if n == cap(dst) {
			dst = slices.Grow(dst, 1)
		}
		dst = dst[:n+1]
		e := &dst[n] // field by field: a literal would go through the stack
		e.Hi, e.Lo, e.PathID = v<<8&(^uint64(0)<<(64-bits)), 0, 0
		e.Bits, e.Family = uint8(bits), route.IPv4
		at = next
	}
	return dst, -1
}

// appendAny does the other kinds.
func appendAny(dst []route.NLRI, buf []byte, at, to int, f route.Family, addPath bool) ([]route.NLRI, int) {
	limit := uint64(f.MaxBits())
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
