package wire

import (
	"encoding/binary"

	"detour/route"
)

// putPrefixes appends prefixes to their columns: 24 bits of the address and the
// length of each.
func (b *FrameBuilder) putPrefixes(ns []route.NLRI) {
	p := b.prefix.room(4 * len(ns))[:4*len(ns)]
	b.prefix.n += 4 * len(ns)
	for i := range ns {
		n := &ns[i]
		length := uint32(n.Bits) + uint32(n.Family-route.IPv4)*(ipv6Length/2)
		binary.LittleEndian.PutUint32(p[4*i:], uint32(n.Hi>>32)&^0xff|length)
		if n.Bits > 24 {
			b.putRest(n)
		}
	}
}

// putRest writes what a prefix has beyond its first 24 bits, as far as the
// length needs it.
//
//go:noinline // so that the loop keeps its registers
func (b *FrameBuilder) putRest(n *route.NLRI) {
	b.prefix56 = binary.LittleEndian.AppendUint32(b.prefix56, uint32(n.Hi>>8))
	b.size += 4
	if n.Bits > 56 {
		b.prefix128 = binary.LittleEndian.AppendUint64(b.prefix128, n.Hi)
		b.prefix128 = binary.LittleEndian.AppendUint64(b.prefix128, n.Lo)
		b.size += 16
	}
}
