package wire

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// prefixShapes holds by entry of frmPrefixLength all that the entry says of a
// prefix: family, length, and in Hi the mask of the first 32 bits. PathID is 1
// where those do not complete the prefix, and Family 0 where no prefix is such.
type prefixShapes [256]route.NLRI

func newPrefixShapes() *prefixShapes {
	t := new(prefixShapes)
	for l := range t {
		t[l].PathID = 1
	}
	for bits := range uint8(129) {
		hi, _ := route.Mask(bits)
		six := &t[bits+ipv6Length]
		*six = route.NLRI{Hi: hi >> 32 << 32, Bits: bits, Family: route.IPv6}
		if bits > 32 {
			six.PathID = 1
			continue
		}
		t[bits] = route.NLRI{Hi: hi, Bits: bits, Family: route.IPv4}
	}
	return t
}

// readPrefixes puts the prefixes of all updates together out of their columns.
// Host bits are masked.
func (f *Frame) readPrefixes() error {
	lengths, addrs := f.fields[frmPrefixLength].b, f.fields[frmPrefix].b
	if len(addrs) != 4*len(lengths) {
		return errColumn
	}
	f.prefixes = slices.Grow(f.prefixes[:0], len(lengths))[:len(lengths)]
	rest := prefixRest{f.fields[frmPrefix64].b, f.fields[frmPrefix128].b}
	out, shapes := f.prefixes[:len(lengths)], f.shapes
	for k := 0; k < len(lengths) && len(addrs) >= 4; k, addrs = k+1, addrs[4:] {
		p, shape := &out[k], &shapes[lengths[k]]
		*p = *shape
		p.Hi = shape.Hi & (uint64(binary.LittleEndian.Uint32(addrs)) << 32)
		if shape.PathID != 0 && !rest.complete(p) {
			return errNLRI
		}
	}
	if len(rest.b64)+len(rest.b128) != 0 {
		return errColumn
	}
	if f.flags&route.FlagPathIDs != 0 || len(f.fields[frmPathID].b) != 0 {
		return f.readPathIDs()
	}
	return nil
}

// prefixRest is what is left of the columns of long IPv6 prefixes.
type prefixRest struct{ b64, b128 []byte }

// complete adds what stands beyond the first 32 bits of p.
func (r *prefixRest) complete(p *route.NLRI) bool {
	if p.Family == 0 || len(r.b64) < 4 || p.Bits > 64 && len(r.b128) < 8 {
		return false
	}
	hi, lo := route.Mask(p.Bits)
	p.PathID = 0
	p.Hi |= uint64(binary.LittleEndian.Uint32(r.b64)) & hi
	r.b64 = r.b64[4:]
	if p.Bits > 64 {
		p.Lo = binary.LittleEndian.Uint64(r.b128) & lo
		r.b128 = r.b128[8:]
	}
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
