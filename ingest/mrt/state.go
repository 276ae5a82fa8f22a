package mrt

import (
	"net/netip"

	"detour/route"
)

// state is a BGP4MP_STATE_CHANGE record taken apart.
type state struct {
	peerASN, localASN route.ASN
	peer              netip.Addr
	old, new          uint16
	rest              int
}

// stateChange reads a state change.
func (r *Reader) stateChange(rec *Record, b []byte) bool {
	s, reason := splitState(r.head, b)
	if reason != reasonNone {
		return r.malformed(reason)
	}
	if s.rest > 0 {
		r.bad(ReasonTrailing, nil, r.body)
		r.distrust(headerLen + int(r.head.length) - s.rest)
	}
	r.good()
	r.begin(rec, KindState)
	rec.OldState, rec.NewState = s.old, s.new
	rec.Peer = route.Peer{Collector: r.opt.Collector, Addr: s.peer, ASN: s.peerASN, LocalASN: s.localASN}
	rec.Update.Reset()
	rec.Update.Collected = rec.Time
	switch {
	case s.new == stateEstablished && s.old != stateEstablished:
		rec.Update.Kind = route.KindPeerUp
	case s.old == stateEstablished && s.new != stateEstablished:
		rec.Update.Kind = route.KindPeerDown
	default:
		rec.Update.Kind = route.KindTick
	}
	r.report.StateChanges++
	return true
}

// splitState takes the body of a state change apart. Zebra wrote bodies of 8
// bytes that hold neither interface nor addresses; their peer is 0.0.0.0.
func splitState(h header, b []byte) (s state, _ Reason) {
	n := 8
	if h.as4() {
		n = 12
	}
	if len(b) < 8 || len(b) != 8 && len(b) < n {
		return s, ReasonShort
	}
	if len(b) == 8 {
		if h.as4() {
			return s, ReasonShort
		}
		s.peerASN, s.localASN = route.ASN(be16(b)), route.ASN(be16(b[2:]))
		s.peer = netip.IPv4Unspecified()
		s.old, s.new = be16(b[4:]), be16(b[6:])
		return s, reasonNone
	}
	if h.as4() {
		s.peerASN, s.localASN = route.ASN(be32(b)), route.ASN(be32(b[4:]))
	} else {
		s.peerASN, s.localASN = route.ASN(be16(b)), route.ASN(be16(b[2:]))
	}
	family := be16(b[n-2:])
	b = b[n:]
	switch {
	case family == afiIPv4 && len(b) >= 12:
		s.peer = netip.AddrFrom4([4]byte(b))
		b = b[8:]
	case family == afiIPv6 && len(b) >= 36:
		s.peer = netip.AddrFrom16([16]byte(b))
		b = b[32:]
	case family == afiIPv4 || family == afiIPv6:
		return s, ReasonShort
	default:
		return s, ReasonFamily
	}
	s.old, s.new, s.rest = be16(b), be16(b[2:]), len(b)-4
	return s, reasonNone
}
