package wire

import "detour/route"

// Field numbers of Update. Those above 15 have a tag of two octets.
const (
	updNumber           = 1
	updPeer             = 2
	updEngine           = 3
	updCollected        = 4
	updFlags            = 5
	updPath             = 6
	updNextHop          = 7
	updCommunities      = 8
	updAnnounced4       = 9
	updAnnounced6       = 10
	updWithdrawn4       = 11
	updWithdrawn6       = 12
	updMPNextHop        = 13
	updLargeCommunities = 14
	updOrigin           = 15
	updKind             = 16
	updSegments         = 17
	updOTC              = 18
)

// carriedFlags are the flags that a Frame carries. Those that qualify an
// attribute which it does not carry would be false at the reader.
const carriedFlags = route.FlagTableDump | route.FlagInitialTransfer | route.FlagPathIDs | route.FlagHasOTC |
	route.FlagAtomicAggregate | route.FlagTreatAsWithdraw | route.FlagHasOrigin | route.FlagHasPath

// updateRoom returns the octets that putUpdate may touch at most.
func updateRoom(u *route.Update, elements int) int {
	return 320 + 4*len(u.Path.ASNs) + 3*len(u.Path.Segments) +
		len(u.Communities) + len(u.LargeCommunities) + elements*maxNLRI
}

// putUpdate writes u as a field of a Frame and returns its end. Fields stand in
// the order of their numbers, zero values are left out: the bytes are those
// that the protobuf library writes.
func (b *FrameBuilder) putUpdate(p []byte, i int, u *route.Update, peer uint32, ann, wd []route.NLRI) int {
	p[i] = frmUpdates<<3 | typeBytes
	at := i + 1
	i += 2
	if d := u.Number - b.last; d != 0 {
		p[i] = updNumber << 3
		i = putUvarint(p, i+1, d)
	}
	if peer != 0 {
		p[i] = updPeer << 3
		i = putUvarint(p, i+1, uint64(peer))
	}
	if d := int64(u.Engine - b.base); d != 0 {
		p[i] = updEngine << 3
		i = putUvarint(p, i+1, zigzag(d))
	}
	if u.Collected != 0 {
		p[i] = updCollected << 3
		i = putUvarint(p, i+1, zigzag(int64(u.Collected-b.base)))
	}
	flags := u.Flags & carriedFlags
	if flags != 0 {
		p[i] = updFlags << 3
		i = putUvarint(p, i+1, uint64(flags))
	}
	if len(u.Path.ASNs) != 0 {
		i = putASNs(p, i, updPath<<3|typeBytes, u.Path.ASNs)
	}
	switch u.NextHop.Len {
	case 0:
	case 4:
		p[i], p[i+1] = updNextHop<<3|typeBytes, 4
		i += 2 + copy(p[i+2:i+6], u.NextHop.Bytes[:4]) // of constant length: no call
	default:
		i = putBytes(p, i, updNextHop<<3|typeBytes, u.NextHop.Bytes[:u.NextHop.Len])
	}
	if len(u.Communities) != 0 {
		i = putBytes(p, i, updCommunities<<3|typeBytes, u.Communities)
	}
	ids := flags&route.FlagPathIDs != 0
	if len(ann) != 0 {
		i = putFamilies(p, i, updAnnounced4, ann, ids)
	}
	if len(wd) != 0 {
		i = putFamilies(p, i, updWithdrawn4, wd, ids)
	}
	if u.MPNextHop.Len != 0 {
		i = putBytes(p, i, updMPNextHop<<3|typeBytes, u.MPNextHop.Bytes[:u.MPNextHop.Len])
	}
	if len(u.LargeCommunities) != 0 {
		i = putBytes(p, i, updLargeCommunities<<3|typeBytes, u.LargeCommunities)
	}
	if flags&route.FlagHasOrigin != 0 && u.Origin != 0 {
		p[i] = updOrigin << 3
		i = putUvarint(p, i+1, uint64(u.Origin))
	}
	if u.Kind != 0 || len(u.Path.Segments) != 0 || flags&route.FlagHasOTC != 0 {
		i = putRare(p, i, u)
	}
	return putLen(p, at, i)
}

// putFamilies writes prefixes as field num (IPv4) and num+1 (IPv6).
func putFamilies(p []byte, i int, num byte, ns []route.NLRI, ids bool) int {
	i, n := putNLRI(p, i, num<<3|typeBytes, route.IPv4, ns, ids)
	if n != len(ns) {
		i, _ = putNLRI(p, i, (num+1)<<3|typeBytes, route.IPv6, ns, ids)
	}
	return i
}

// putRare writes the fields with a tag of two octets.
func putRare(p []byte, i int, u *route.Update) int {
	if u.Kind != 0 {
		p[i], p[i+1] = updKind<<3&0x7f|0x80, updKind>>4
		i = putUvarint(p, i+2, uint64(u.Kind))
	}
	if len(u.Path.Segments) != 0 {
		i = putSegments(p, i, u.Path.Segments)
	}
	if u.Flags&route.FlagHasOTC != 0 && u.OTC != 0 {
		p[i], p[i+1] = updOTC<<3&0x7f|0x80, updOTC>>4
		i = putUvarint(p, i+2, uint64(u.OTC))
	}
	return i
}
