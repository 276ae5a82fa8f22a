package wire

import (
	"net/netip"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"detour/route"
)

// Field numbers of Session.
const (
	sesID            = 1
	sesStart         = 2
	sesCollector     = 3
	sesAddress       = 4
	sesASN           = 5
	sesLocalASN      = 6
	sesView          = 7
	sesFeed4         = 8
	sesFeed6         = 9
	sesRouter        = 10
	sesDistinguisher = 11
	sesIngester      = 12
)

func sessionShape() shape {
	return shape{
		varints: 1<<sesID | 1<<sesStart | 1<<sesASN | 1<<sesLocalASN | 1<<sesView | 1<<sesFeed4 | 1<<sesFeed6 |
			1<<sesDistinguisher | 1<<sesIngester,
		lens: 1<<sesCollector | 1<<sesAddress | 1<<sesRouter,
	}
}

// SessionView is a session of a Frame or Range. It views the message and lives
// as long as it.
type SessionView struct {
	ID           uint32
	Start        route.Time // 0 when the start was not seen
	Feed4, Feed6 route.Feed
	raw          []byte
}

// Peer returns who the session is with. It allocates, so that callers ask once
// per new session.
func (v *SessionView) Peer() route.Peer {
	var f fields
	if f.scan(v.raw, 0, len(v.raw), sessionShape()) != nil {
		return route.Peer{} // not for a view from a reader: Decode has scanned it
	}
	s := f.span(sesCollector)
	return route.Peer{
		Collector:     string(v.raw[s.lo():s.hi()]),
		Router:        addrOf(v.raw, f.span(sesRouter)),
		Distinguisher: f.v[sesDistinguisher],
		Addr:          addrOf(v.raw, f.span(sesAddress)),
		ASN:           route.ASN(f.v[sesASN]),
		LocalASN:      route.ASN(f.v[sesLocalASN]),
		View:          route.View(f.v[sesView]),
	}
}

// Session returns the view as a value of its own. It allocates, like Peer.
func (v *SessionView) Session() route.Session {
	return route.Session{Peer: v.Peer(), ID: v.ID, Start: v.Start, Feed4: v.Feed4, Feed6: v.Feed6}
}

func addrOf(b []byte, s span) netip.Addr {
	var a netip.Addr
	if a.UnmarshalBinary(b[s.lo():s.hi()]) != nil {
		return netip.Addr{} // checkSession has refused such lengths
	}
	return a
}

// appendSession appends s as field num.
func appendSession(b []byte, num protowire.Number, s *route.Session, ingester uint32) []byte {
	b, at := openField(b, num)
	b = appendUint(b, sesID, uint64(s.ID))
	b = appendUint(b, sesStart, uint64(s.Start))
	b = appendBytes(b, sesCollector, strings.ToValidUTF8(s.Collector, "\ufffd"))
	b = appendAddr(b, sesAddress, s.Addr)
	b = appendUint(b, sesASN, uint64(s.ASN))
	b = appendUint(b, sesLocalASN, uint64(s.LocalASN))
	b = appendUint(b, sesView, uint64(s.View))
	b = appendUint(b, sesFeed4, uint64(s.Feed4))
	b = appendUint(b, sesFeed6, uint64(s.Feed6))
	b = appendAddr(b, sesRouter, s.Router)
	b = appendUint(b, sesDistinguisher, s.Distinguisher)
	b = appendUint(b, sesIngester, uint64(ingester))
	return closeField(b, at)
}

func appendAddr(b []byte, num protowire.Number, a netip.Addr) []byte {
	if !a.IsValid() {
		return b
	}
	b, at := openField(b, num)
	b, _ = a.AppendBinary(b) // its error is always nil
	return closeField(b, at)
}

// checkSession accepts the session message m of b.
func checkSession(b []byte, m span) (ingester uint32, err error) {
	var f fields
	if err := f.scan(b, m.lo(), m.hi(), sessionShape()); err != nil {
		return 0, err
	}
	addr, router := f.span(sesAddress).len(), f.span(sesRouter).len()
	if err := checkName(b, f.span(sesCollector)); err != nil {
		return 0, err
	}
	switch {
	case uint32(f.v[sesID]) == route.AllPeers:
		return 0, errSessionID
	case !validAddr(addr), !validAddr(router):
		return 0, errAddress
	case uint32(f.v[sesView]) > uint32(route.ViewAdjRIBOut),
		uint32(f.v[sesFeed4]) > uint32(route.FeedFull), uint32(f.v[sesFeed6]) > uint32(route.FeedFull):
		return 0, errEnum
	}
	return uint32(f.v[sesIngester]), nil
}

// validAddr reports whether n octets may be an address; beyond 16 stands its zone.
func validAddr(n int) bool { return n == 0 || n == 4 || n >= 16 && n <= maxAddr }

// readSession checks a session message and returns its view.
func readSession(raw []byte) (v SessionView, err error) {
	if _, err := checkSession(raw, span(uint64(len(raw))<<32)); err != nil {
		return SessionView{}, err
	}
	v.fill(raw)
	return v, nil
}

// fill sets v from a session message, which checkSession accepted.
func (v *SessionView) fill(raw []byte) (ingester uint32) {
	v.raw = raw
	var f fields
	if f.scan(v.raw, 0, len(v.raw), sessionShape()) != nil {
		return 0
	}
	v.ID = uint32(f.v[sesID])
	v.Start = route.Time(f.v[sesStart])
	v.Feed4 = route.Feed(f.v[sesFeed4])
	v.Feed6 = route.Feed(f.v[sesFeed6])
	return uint32(f.v[sesIngester])
}
