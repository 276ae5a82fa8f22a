package mrt

import (
	"encoding/binary"
	"net/netip"

	"detour/ingest/decode"
	"detour/route"
)

// layout says where the fields of a TABLE_DUMP record stand (RFC 6396 §4.2):
// view 2, sequence 2, prefix, length 1, status 1, originated 4, peer address,
// peer AS, attribute length 2.
type layout struct {
	family route.Family
	addr   int // octets of an address
	as4    bool
	fixed  int // octets before the attributes
}

func tableLayout(subtype uint16) layout {
	t := layout{family: route.IPv4, addr: 4, fixed: 22}
	if subtype == TableIPv6 || subtype == TableIPv6AS4 {
		t = layout{family: route.IPv6, addr: 16, fixed: 46}
	}
	if subtype == TableIPv4AS4 || subtype == TableIPv6AS4 {
		t.as4 = true
		t.fixed += 2
	}
	return t
}

// tableDump reads a TABLE_DUMP record: one route of one peer, or, in files of
// early 2000, many.
func (r *Reader) tableDump(rec *Record) bool {
	if !r.head.known() {
		r.skip()
		return false
	}
	t := tableLayout(r.head.subtype)
	if len(r.body) < t.fixed {
		return r.malformed(ReasonShort)
	}
	if int(r.body[4+t.addr]) > t.addr*8 {
		return r.malformed(ReasonPrefix)
	}
	end := t.fixed + int(be16(r.body[t.fixed-2:]))
	switch {
	case end > len(r.body):
		return r.malformed(ReasonEntry)
	case end < len(r.body) && r.startPacked(t):
		return r.nextPacked(rec)
	case end < len(r.body):
		r.bad(ReasonTrailing, nil, r.body)
		r.distrust(headerLen + end)
	}
	r.good()
	return r.tableEntry(rec, t, r.body[4:end])
}

// tableEntry reads one entry, which starts with its prefix and fills b.
func (r *Reader) tableEntry(rec *Record, t layout, b []byte) bool {
	s := decode.Session{AS4: t.as4}
	if !r.attributes(b[t.fixed-4:], s, rec) {
		return false
	}
	r.begin(rec, KindRIB)
	rec.Sequence = uint32(be16(r.body[2:]))
	p := prefixFrom(b[:t.addr], b[t.addr], t.family)
	b = b[2+t.addr:]
	rec.Originated = route.Time(be32(b)) * route.Second
	rec.Peer = route.Peer{Collector: r.opt.Collector, Addr: addrFrom(b[4 : 4+t.addr])}
	b = b[4+t.addr:]
	rec.Peer.ASN = route.ASN(be16(b))
	if t.as4 {
		rec.Peer.ASN = route.ASN(be32(b))
	}
	r.entryDone(rec, p)
	return true
}

// attributes decodes the attributes of a RIB entry into rec.Update. Routers
// write their own routes without any: such an entry has no path, no origin and
// no next hop.
func (r *Reader) attributes(b []byte, s decode.Session, rec *Record) bool {
	if len(b) == 0 {
		rec.Update.Reset()
		return true
	}
	if err := r.dec.Attributes(b, s, &rec.Update); err != nil {
		r.bad(reasonOf(err), err, r.body)
		return false
	}
	return true
}

// entryDone completes a record that holds a RIB entry.
func (r *Reader) entryDone(rec *Record, n route.NLRI) {
	u := &rec.Update
	u.Kind = route.KindUpdate
	u.Flags |= route.FlagTableDump
	u.Collected = rec.Time
	u.Announced = append(u.Announced[:0], n)
	u.MPAnnounced = 0
	if n.Family == route.IPv4 {
		u.MPAnnounced = 1
	}
	r.report.RIBEntries++
}

// prefixFrom makes a prefix of up to 16 octets; host bits are masked.
func prefixFrom(b []byte, bits uint8, f route.Family) route.NLRI {
	var a [16]byte
	copy(a[:], b)
	hi, lo := route.Mask(bits)
	return route.NLRI{
		Hi: binary.BigEndian.Uint64(a[:8]) & hi, Lo: binary.BigEndian.Uint64(a[8:]) & lo,
		Bits: bits, Family: f,
	}
}

func addrFrom(b []byte) netip.Addr {
	if len(b) == 4 {
		return netip.AddrFrom4([4]byte(b))
	}
	return netip.AddrFrom16([16]byte(b))
}
