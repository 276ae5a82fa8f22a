package wire

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// readPrefixes puts the prefixes of all updates together out of their columns.
// Host bits are masked.
func (f *Frame) readPrefixes() error {
	lengths, addrs := f.fields[frmPrefixLength].b, f.fields[frmPrefix].b
	if len(addrs) != 4*len(lengths) {
		return errColumn
	}
	n := len(lengths)
	f.prefixes = slices.Grow(f.prefixes[:0], n)[:n]
	rest := prefixRest{f.fields[frmPrefix64].b, f.fields[frmPrefix128].b}
	for k := 0; k < n; {
		if k+4 <= n && shortLengths(binary.LittleEndian.Uint32(lengths[k:])) {
			read4(f.prefixes[k:k+4], lengths[k:k+4], addrs[4*k:4*k+16])
			k += 4
			continue
		}
		if !rest.read(&f.prefixes[k], lengths[k], binary.LittleEndian.Uint32(addrs[4*k:])) {
			return errNLRI
		}
		k++
	}
	if len(rest.b64)+len(rest.b128) != 0 {
		return errColumn
	}
	if f.flags&route.FlagPathIDs != 0 || len(f.fields[frmPathID].b) != 0 {
		return f.readPathIDs()
	}
	return nil
}

// shortLengths tells whether four entries of lengths are of IPv4.
func shortLengths(w uint32) bool { return (w|(w+(0x7f-32)*0x01010101))&0x80808080 == 0 }

// read4 sets four prefixes of IPv4.
func read4(out []route.NLRI, lengths, addrs []byte) {
	o, l, a := (*[4]route.NLRI)(out), (*[4]byte)(lengths), (*[16]byte)(addrs)
	setPrefix4(&o[0], l[0], binary.LittleEndian.Uint32(a[0:]))
	setPrefix4(&o[1], l[1], binary.LittleEndian.Uint32(a[4:]))
	setPrefix4(&o[2], l[2], binary.LittleEndian.Uint32(a[8:]))
	setPrefix4(&o[3], l[3], binary.LittleEndian.Uint32(a[12:]))
}

// setPrefix4 sets field by field: a literal would be built elsewhere and copied.
func setPrefix4(p *route.NLRI, bits uint8, addr uint32) {
	p.Hi = uint64(addr) << 32 &^ (^uint64(0) >> (bits & 63))
	p.Lo = 0
	p.PathID = 0
	p.Bits = bits
	p.Family = route.IPv4
}

// prefixRest is what is left of the columns of long IPv6 prefixes.
type prefixRest struct{ b64, b128 []byte }

// read sets a prefix of either family.
func (r *prefixRest) read(p *route.NLRI, length uint8, first uint32) bool {
	if length <= 32 {
		setPrefix4(p, length, first)
		return true
	}
	bits := length - ipv6Length
	if length < ipv6Length || bits > 128 || bits > 32 && len(r.b64) < 4 || bits > 64 && len(r.b128) < 8 {
		return false
	}
	p.Hi, p.Lo, p.PathID, p.Bits, p.Family = uint64(first)<<32, 0, 0, bits, route.IPv6
	hi, lo := route.Mask(bits)
	if bits > 32 {
		p.Hi |= uint64(binary.LittleEndian.Uint32(r.b64))
		r.b64 = r.b64[4:]
	}
	p.Hi &= hi
	if bits > 64 {
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
