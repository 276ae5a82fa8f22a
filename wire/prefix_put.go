package wire

import (
	"encoding/binary"
	"slices"

	"detour/route"
)

// putPrefixes appends prefixes to their columns. Of IPv6 the first 32 bits
// stand with the addresses of IPv4.
func (b *FrameBuilder) putPrefixes(ns []route.NLRI) {
	at := len(b.prefix)
	if cap(b.prefix)-at < len(ns) || cap(b.prefixLength)-at < len(ns) {
		b.growPrefixes(len(ns))
	}
	b.prefix = b.prefix[:at+len(ns)]
	b.prefixLength = b.prefixLength[:at+len(ns)]
	addrs, lengths := b.prefix[at:][:len(ns)], b.prefixLength[at:][:len(ns)]
	for i := range ns {
		n := &ns[i]
		lengths[i] = n.Bits + uint8(n.Family-route.IPv4)*(ipv6Length/2)
		addrs[i] = uint32(n.Hi >> 32)
		if n.Bits > 32 {
			b.putRest(n)
		}
	}
}

func (b *FrameBuilder) growPrefixes(n int) {
	b.prefix = slices.Grow(b.prefix, n)
	b.prefixLength = slices.Grow(b.prefixLength, n)
}

// putRest writes what an IPv6 prefix has beyond its first 32 bits, as far as
// the length needs it.
//
//go:noinline // so that the loop keeps its registers
func (b *FrameBuilder) putRest(n *route.NLRI) {
	b.prefix64 = binary.LittleEndian.AppendUint32(b.prefix64, uint32(n.Hi))
	b.size += 4
	if n.Bits > 64 {
		b.prefix128 = binary.LittleEndian.AppendUint64(b.prefix128, n.Lo)
		b.size += 8
	}
}
