package wire

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// prefixShapes holds by the length in frmPrefix all that it says of a prefix:
// family, length, and in Hi the mask of the first 24 bits. PathID is 1 where
// those do not complete the prefix, and Family 0 where no prefix is such.
type prefixShapes [256]route.NLRI

func newPrefixShapes() *prefixShapes {
	t := new(prefixShapes)
	for l := range t {
		t[l].PathID = 1
	}
	for bits := range uint8(129) {
		hi, _ := route.Mask(min(bits, 24))
		shape := route.NLRI{Hi: hi, Bits: bits, Family: route.IPv6}
		if bits > 24 {
			shape.PathID = 1
		}
		t[bits+ipv6Length] = shape
		if bits <= 32 {
			shape.Family = route.IPv4
			t[bits] = shape
		}
	}
	return t
}

// readPrefixes puts the prefixes of all updates together out of their columns.
// Host bits are masked.
func (f *Frame) readPrefixes() error {
	words := f.fields[frmPrefix].b
	f.prefixes = slices.Grow(f.prefixes[:0], len(words)/4)[:len(words)/4]
	rest := prefixRest{f.fields[frmPrefix56].b, f.fields[frmPrefix128].b}
	out, shapes := f.prefixes, f.shapes
	for ; len(out) >= 2 && len(words) >= 8; out, words = out[2:], words[8:] { // two in a load
		w := binary.LittleEndian.Uint64(words)
		shape, other := &shapes[uint8(w)], &shapes[uint8(w>>32)]
		out[0] = *shape
		out[1] = *other
		out[0].Hi = shape.Hi & (w << 32)
		out[1].Hi = other.Hi & w
		if shape.PathID|other.PathID != 0 && (!rest.complete(&out[0]) || !rest.complete(&out[1])) {
			return errNLRI
		}
	}
	if len(out) != 0 {
		w := binary.LittleEndian.Uint32(words)
		out[0] = shapes[uint8(w)]
		out[0].Hi &= uint64(w) << 32
		if !rest.complete(&out[0]) {
			return errNLRI
		}
	}
	if len(rest.b56)+len(rest.b128) != 0 {
		return errColumn
	}
	if f.flags&route.FlagPathIDs != 0 || len(f.fields[frmPathID].b) != 0 {
		return f.readPathIDs()
	}
	return nil
}

// prefixRest is what is left of the columns of long prefixes.
type prefixRest struct{ b56, b128 []byte }

// complete adds what stands beyond the first 24 bits of p.
func (r *prefixRest) complete(p *route.NLRI) bool {
	if p.PathID == 0 {
		return true
	}
	if p.Family == 0 || len(r.b56) < 4 || p.Bits > 56 && len(r.b128) < 16 {
		return false
	}
	hi, lo := route.Mask(p.Bits)
	p.PathID = 0
	p.Hi |= uint64(binary.LittleEndian.Uint32(r.b56)) << 8
	r.b56 = r.b56[4:]
	if p.Bits > 56 {
		p.Hi, p.Lo = binary.LittleEndian.Uint64(r.b128), binary.LittleEndian.Uint64(r.b128[8:])&lo
		r.b128 = r.b128[16:]
	}
	p.Hi &= hi
	return true
}

// readPathIDs gives the prefixes of updates with FlagPathIDs their identifiers.
func (f *Frame) readPathIDs() error {
	b, k := f.fields[frmPathID].b, 0
	r := rowReader{frame: f}
	for range f.updates {
		v := r.next()
		end := k + int(v[laneAnnounced]+v[laneWithdrawn])
		if f.heads[v[laneHead]].flags&route.FlagPathIDs == 0 {
			k = end
			continue
		}
		if len(b) < 4*(end-k) {
			return errColumn
		}
		for ; k < end; k++ {
			f.prefixes[k].PathID = binary.LittleEndian.Uint32(b)
			b = b[4:]
		}
	}
	if len(b) != 0 {
		return errColumn
	}
	return nil
}
