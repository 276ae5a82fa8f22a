package mrt

import (
	"net/netip"

	"detour/ingest/decode"
	"detour/route"
)

// peer is one entry of a PEER_INDEX_TABLE.
type peer struct {
	addr netip.Addr
	asn  route.ASN
}

// cursor walks the entries of one RIB record.
type cursor struct {
	active   bool
	addPath  bool
	left     int
	rest     []byte
	sequence uint32
	prefix   route.NLRI
}

// entry is one entry of a RIB record taken apart.
type entry struct {
	peer       int
	originated uint32
	pathID     uint32
	attrs      []byte
	size       int
}

// tableDumpV2 reads a TABLE_DUMP_V2 record; RIB entries are left to nextEntry.
func (r *Reader) tableDumpV2() {
	switch r.head.subtype {
	case PeerIndexTable:
		peers, ok := parsePeers(r.peers[:0], r.body)
		if !ok {
			r.malformed(ReasonShort)
			return
		}
		r.peers, r.hasPeer = peers, true
		r.good()
	case RIBIPv4Unicast, RIBIPv6Unicast, RIBIPv4UnicastAP, RIBIPv6UnicastAP:
		c, ok := ribCursor(r.head.subtype, r.body)
		if !ok {
			r.malformed(ReasonPrefix)
			return
		}
		c.active = true
		r.rib = c
		if c.addPath {
			r.report.AddPathMarked++
		}
	default:
		r.skip()
	}
}

// parsePeers appends the peers of a PEER_INDEX_TABLE (RFC 6396 §4.3.1). It
// reports whether the table fills b exactly.
func parsePeers(dst []peer, b []byte) ([]peer, bool) {
	if len(b) < 8 {
		return dst, false
	}
	b = b[4:] // collector's BGP identifier
	name := int(be16(b))
	if len(b) < 4+name {
		return dst, false
	}
	b = b[2+name:]
	count := int(be16(b))
	b = b[2:]
	for range count {
		if len(b) < 1+4+4+2 {
			return dst, false
		}
		addr, asn := 4, 2
		if b[0]&1 != 0 {
			addr = 16
		}
		if b[0]&2 != 0 {
			asn = 4
		}
		if len(b) < 5+addr+asn {
			return dst, false
		}
		p := peer{addr: addrFrom(b[5 : 5+addr])}
		b = b[5+addr:]
		if p.asn = route.ASN(be16(b)); asn == 4 {
			p.asn = route.ASN(be32(b))
		}
		b = b[asn:]
		dst = append(dst, p)
	}
	return dst, len(b) == 0
}

// ribCursor starts a walk over a RIB record (RFC 6396 §4.3.2, RFC 8050 §4).
func ribCursor(subtype uint16, b []byte) (c cursor, ok bool) {
	f := route.IPv4
	switch subtype {
	case RIBIPv4Unicast, RIBIPv4Multicast:
	case RIBIPv4UnicastAP, RIBIPv4MulticastAP:
		c.addPath = true
	case RIBIPv6Unicast, RIBIPv6Multicast:
		f = route.IPv6
	case RIBIPv6UnicastAP, RIBIPv6MulticastAP:
		f, c.addPath = route.IPv6, true
	default:
		return c, false
	}
	if len(b) < 7 || int(b[4]) > f.MaxBits() {
		return c, false
	}
	c.sequence = be32(b)
	bits := b[4]
	n := (int(bits) + 7) / 8
	if len(b) < 7+n {
		return c, false
	}
	c.prefix = prefixFrom(b[5:5+n], bits, f)
	c.left = int(be16(b[5+n:]))
	c.rest = b[7+n:]
	return c, true
}

// entry takes the entry at the front of the walk apart.
func (c *cursor) entry() (e entry, ok bool) {
	n := 8
	if c.addPath {
		n = 12
	}
	if len(c.rest) < n {
		return e, false
	}
	e.size = n + int(be16(c.rest[n-2:]))
	if len(c.rest) < e.size {
		return e, false
	}
	e.peer, e.originated = int(be16(c.rest)), be32(c.rest[2:])
	if c.addPath {
		e.pathID = be32(c.rest[6:])
	}
	e.attrs = c.rest[n:e.size]
	return e, true
}

// nextEntry reads the next entry of the current RIB record and reports whether
// rec was filled. It ends the walk when there is none.
func (r *Reader) nextEntry(rec *Record) bool {
	c := &r.rib
	if c.left == 0 {
		c.active = false
		if rest := len(c.rest); rest > 0 {
			r.bad(ReasonTrailing, nil, r.body)
			r.distrust(headerLen + len(r.body) - rest)
		}
		r.good()
		return false
	}
	e, ok := c.entry()
	if !ok {
		c.active = false
		r.bad(ReasonEntry, nil, r.body)
		r.distrust(headerLen + len(r.body) - len(c.rest))
		return false
	}
	c.left--
	c.rest = c.rest[e.size:]
	switch {
	case !r.hasPeer:
		r.bad(ReasonNoPeerIndex, nil, r.body)
		return false
	case e.peer >= len(r.peers):
		r.bad(ReasonPeerIndex, nil, r.body)
		return false
	}
	s := decode.Session{AS4: true, AddPath4: c.addPath, AddPath6: c.addPath}
	if !r.attributes(e.attrs, s, rec) {
		return false
	}
	r.begin(rec, KindRIB)
	p := r.peers[e.peer]
	rec.Peer = route.Peer{Collector: r.opt.Collector, Addr: p.addr, ASN: p.asn}
	rec.Sequence = c.sequence
	rec.Originated = route.Time(e.originated) * route.Second
	n := c.prefix
	if c.addPath {
		n.PathID = e.pathID
		rec.Update.Flags |= route.FlagPathIDs
	}
	r.entryDone(rec, n)
	return true
}
