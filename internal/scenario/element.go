package scenario

import "detour/route"

// Element is one route element or session event of a labelled story, in engine
// time.
type Element struct {
	At          route.Time
	Peer        uint32       // index into the world's peers
	Kind        route.Kind   // KindUpdate, KindPeerUp, KindPeerDown, KindEndOfRIB
	Prefix      route.Prefix // KindUpdate
	Path        []route.ASN  // the peer's own ASN first, prepends kept; shared and read-only; nil withdraws
	Communities []byte       // RFC 1997, 4 octets each; shared and read-only
	OTC         route.ASN    // with HasOTC
	HasOTC      bool
	Table       bool // a table-dump entry
	Bad         bool // part of what a detector should find
}

// Background is real or generated traffic: its peers, what primed them, and
// their updates in time order. A path that holds an AS_SET of several members
// is given up to it and ends with 0, the unknown origin.
type Background struct {
	Name           string
	Peers          []route.Peer
	Prime, Updates []Element
}

// Relations is what events need of an AS relationship graph, be it read from a
// CAIDA file or generated. Slices ascend, are shared and read-only.
type Relations interface {
	Providers(a route.ASN) []route.ASN
	Peers(a route.ASN) []route.ASN
	Customers(a route.ASN) []route.ASN
	ASNs() []route.ASN // all that have a relation
}

// Case is one labelled event over a background.
type Case struct {
	Name     string // for people: the seed, who is who, how large
	Kind     string // for tables: "leak/stub provider→provider", "benign/session reset"
	Seed     uint64
	HeldOut  bool         // never looked at while thresholds are chosen
	Prime    []Element    // table entries before the start, beyond the background's own
	Elements []Element    // the event, in time order
	NewPeers []route.Peer // numbered on from the background's
	VRPs     []VRP        // RPKI data that holds before the start, beyond what the runner has
	Watch    []route.Prefix
	Want     *Want // nil: benign, nothing may be said
}

// Want is what should be said of a case.
type Want struct {
	Kind  string // of the alert: leak, hijack, subprefix-hijack, visibility-loss, unexpected-transit
	Also  string // a second kind that is right too, or empty
	Scope string // incident or prefix

	Suspect, ExportedTo, LearnedFrom route.ASN
	Origin                           route.ASN // whose prefixes are hit, where it is one network
	Prefixes, Origins, Peers         int       // how far the event reaches
}

// VRP is a validated ROA payload (RFC 6811).
type VRP struct {
	Prefix    route.Prefix
	MaxLength uint8
	Origin    route.ASN
}
