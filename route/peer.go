package route

import "net/netip"

// View is the RIB that a peer's routes were taken from (RFC 7854, 8671, 9069).
type View uint8

// Views. Adj-RIB-Out is never counted among peers (DESIGN §2).
const (
	ViewAdjRIBInPre View = iota
	ViewAdjRIBInPost
	ViewLocRIB
	ViewAdjRIBOut
)

// Peer identifies one vantage point. It is comparable.
type Peer struct {
	Collector     string     // rrc00, route-views2, a router's name
	Router        netip.Addr // BMP router; invalid where there is none
	Distinguisher uint64     // BMP peer distinguisher
	Addr          netip.Addr
	ASN           ASN
	LocalASN      ASN // the collector's or router's own ASN, 0 when unknown
	View          View
}

// Internal reports whether the session is iBGP or a Loc-RIB view: its first hop
// is the local AS, which the path does not show.
func (p Peer) Internal() bool { return p.View == ViewLocRIB || (p.ASN == p.LocalASN && p.ASN != 0) }

// Feed says how much of a family's table a session sends.
type Feed uint8

// Feed classes.
const (
	FeedUnknown Feed = iota
	FeedPartial
	FeedFull
)

// Session is a Peer with what its ingester knows of the running session.
type Session struct {
	Peer
	ID           uint32 // small number given by the ingester, stable within its epoch
	Start        Time   // 0 when the start was not seen
	Feed4, Feed6 Feed
}
