package mrt

import (
	"encoding/binary"
	"net/netip"

	"detour/ingest"
	"detour/ingest/decode"
	"detour/route"
)

// reasonNone stands for "nothing wrong" where a Reason is returned.
const reasonNone = Reason(NumReasons)

// message is a BGP4MP_MESSAGE record taken apart. It is filled in place: copied,
// each copy would wait for the fields written just before.
type message struct {
	peerASN, localASN route.ASN
	peer              netip.Addr
	bgp               []byte // the BGP message, as long as its own header says
	rest              int    // bytes behind it
}

// bgp4mp reads a BGP4MP or BGP4MP_ET record.
func (r *Reader) bgp4mp(rec *Record) bool {
	b := r.body
	skip := 0
	if r.head.typ == TypeBGP4MPET {
		if len(b) < 4 {
			return r.malformed(ReasonShort)
		}
		skip = 4
	}
	switch {
	case r.head.stateChange():
		return r.stateChange(rec, b[skip:])
	case r.head.subtype == Entry || r.head.subtype == Snapshot || r.head.subtype > lastBGP4MP:
		r.skip()
		return false
	}
	var m message
	if reason := m.split(r.head, b[skip:]); reason != reasonNone {
		return r.malformed(reason)
	}
	if m.rest > 0 {
		// The message is whole; only the record's length is in doubt. Looking
		// ahead may move the window, so the record is split again.
		r.bad(ReasonTrailing, nil, b)
		r.distrust(headerLen + len(b) - m.rest)
		m.split(r.head, r.body[skip:])
	}
	r.good()
	if m.bgp[bgpHeaderLen-1] != bgpTypeUpdate {
		r.report.OtherMessages++
		return false
	}
	return r.update(rec, &m)
}

// malformed counts the current record as bad and doubts its length.
func (r *Reader) malformed(reason Reason) bool {
	r.bad(reason, nil, r.body)
	r.distrust(1)
	return false
}

// split finds the peer and the BGP message in a record's body (without the
// microseconds of BGP4MP_ET).
func (m *message) split(h header, b []byte) Reason {
	n := 8
	if h.as4() {
		n = 12
	}
	if len(b) < n {
		return ReasonShort
	}
	if n == 12 {
		m.peerASN, m.localASN = route.ASN(be32(b)), route.ASN(be32(b[4:]))
	} else {
		m.peerASN, m.localASN = route.ASN(be16(b)), route.ASN(be16(b[2:]))
	}
	family, link := be16(b[n-2:]), be16(b[n-4:])
	b = b[n:]
	switch {
	case family == afiIPv4 && len(b) >= 8:
		m.peer = netip.AddrFrom4([4]byte(b))
		b = b[8:]
	case family == afiIPv6 && len(b) >= 32:
		m.peer = netip.AddrFrom16([16]byte(b))
		b = b[32:]
	case family == afiIPv4 || family == afiIPv6:
		return ReasonShort
	case family == afiNone && link == afiNone:
		// Old Zebra wrote neither interface nor addresses for some messages:
		// what was taken for them is the start of the marker.
		return m.splitBare(b)
	default:
		return ReasonFamily
	}
	if len(b) < bgpHeaderLen || binary.BigEndian.Uint64(b)&binary.BigEndian.Uint64(b[8:]) != ^uint64(0) {
		return ReasonMessage
	}
	size := int(be16(b[16:]))
	if size < bgpHeaderLen || size > len(b) {
		return ReasonMessage
	}
	m.bgp, m.rest = b[:size], len(b)-size
	return reasonNone
}

// splitBare handles a message whose marker starts four bytes before b. Only
// messages that are not decoded (OPEN) were written so; an UPDATE is refused
// because its peer is not known.
func (m *message) splitBare(b []byte) Reason {
	if len(b) < bgpHeaderLen-4 || b[bgpHeaderLen-5] == bgpTypeUpdate {
		return ReasonFamily
	}
	n := int(be16(b[12:])) - 4
	if n < bgpHeaderLen-4 || n > len(b) {
		return ReasonMessage
	}
	m.bgp, m.rest = b[:max(n, bgpHeaderLen-4)], len(b)-n
	m.bgp = append([]byte{0xff, 0xff, 0xff, 0xff}, m.bgp...)
	return reasonNone
}

// update decodes the UPDATE in m.
func (r *Reader) update(rec *Record, m *message) bool {
	ap := r.head.subtype >= firstBGP4MPAP
	s := decode.Session{AS4: r.head.as4(), AddPath4: ap, AddPath6: ap}
	if err := r.dec.Message(m.bgp, s, &rec.Update); err != nil {
		reason := reasonOf(err)
		if !ap && r.unmarkedAddPath(m.bgp, s) {
			reason = ReasonAddPath
		}
		r.bad(reason, err, r.body)
		return false
	}
	u := &rec.Update
	if !ap && ingest.ShortPrefixes(u) >= 2 && r.unmarkedAddPath(m.bgp, s) {
		r.bad(ReasonAddPath, nil, r.body)
		return false
	}
	r.begin(rec, KindUpdate)
	r.setPeer(&rec.Peer, m)
	if rec.Local() {
		rec.Peer.View = route.ViewAdjRIBOut
	}
	u.Collected = rec.Time
	if ap {
		r.report.AddPathMarked++
	}
	r.report.Updates++
	r.report.Announced += uint64(len(u.Announced))
	r.report.Withdrawn += uint64(len(u.Withdrawn))
	return true
}

// setPeer fills p field by field: a literal would go through the stack.
func (r *Reader) setPeer(p *route.Peer, m *message) {
	p.Collector, p.Router, p.Distinguisher = r.opt.Collector, netip.Addr{}, 0
	p.Addr, p.ASN, p.LocalASN = m.peer, m.peerASN, m.localASN
	p.View = route.ViewAdjRIBInPre
}
