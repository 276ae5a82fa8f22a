package wire

import "detour/route"

// RecordKind says what a Record states.
type RecordKind uint8

// Kinds of Record.
const (
	RecordChange RecordKind = 1 + iota // a route changed and at least one fact holds
	RecordLeft                         // a stated route went away
	RecordLoss                         // a held route was withdrawn
	RecordNode                         // first sight of a path-tree node: (AS, next AS, origin)
	RecordEdge                         // first sight of a peer's first hop: (peer ASN, AS)
	RecordEvent                        // a peer or gap event, forwarded by shard 0
)

// RecordFlags qualify a Record.
type RecordFlags uint16

// Record flags.
const (
	RecordInflated     RecordFlags = 1 << iota // unique length >= longest held + 2
	RecordShortened                            // unique length <= held previous path's - 2
	RecordMoreSpecific                         // the prefix is a new more-specific; Prev is the cover's path at this peer
	RecordOriginNew                            // Origins is known and holds none of the new path's origins
	RecordInherited                            // the baseline was inherited from a cover
	RecordNoBaseline                           // nothing was known of the prefix: every hop is reported
	RecordHeld                                 // the previous path was held
	RecordLearning                             // from a table dump or an initial transfer
	RecordTable                                // from a table dump
	RecordLoop                                 // hops beyond the first repeat are not judged
	RecordRTBH                                 // BLACKHOLE community, or longer than /24 or /48
	RecordMaintenance                          // GRACEFUL_SHUTDOWN or LLGR_STALE community
	RecordVirtualFirst                         // the path does not start with the peer's ASN
	RecordHasOTC                               // OTC is set
)

// Record is one entry of an evidence range. Which fields count depends on Kind;
// the others are zero. Records stand in log order: Sequence, then Index.
type Record struct {
	Kind     RecordKind
	Flags    RecordFlags
	Event    route.Kind // RecordEvent
	Ingester uint32     // index into the range's ingesters
	Peer     uint32     // index into the range's peers
	Sequence uint64     // stream sequence of the frame
	Index    uint32     // place among the records of that frame
	Number   uint64     // update number
	Engine   route.Time
	Received route.Time // when the ingester had the frame; for latency only, never for a decision

	Prefix route.Prefix // Change, Left, Loss; for Node and Edge the prefix that showed it

	// Paths as indexes into the range's path table plus 1; 0 is none. The
	// table's paths do not hold the peer's own hop, unless RecordVirtualFirst
	// says that the path never had it. ASN 0 in a path is a break: private,
	// reserved or set.
	Prev, Next uint32
	// Newcomers and Contrast hold a bit per hop of Next (bit 0 nearest the
	// vantage point; hops beyond 63 are not judged): hops that the baseline
	// lacks, and those of them that Prev lacks too. On Left, Newcomers are
	// those of the route that left, Prev is its path.
	Newcomers, Contrast uint64
	Unique, Longest     uint8 // unique length of Next with the vantage point; longest held, 0 unknown
	OTC                 route.ASN
	Origins             []route.ASN // expected origins of Prefix, ascending; owned by the reader

	// Node: AS, then Next AS towards the origin, then origin (0 unknown).
	// Edge: AS is the first hop behind the peer.
	AS, NextAS, Origin route.ASN
}

// RangeHeader says what a range covers: the frames with sequences in
// [From, To) of one shard's stream.
type RangeHeader struct {
	Shard, Shards uint32
	StreamCreated route.Time // creation of the shard's stream, which qualifies sequences
	From, To      uint64
	Engine        route.Time // every later record of this shard has Engine >= this
	End           bool       // the log has ended; replay only
	Elements      uint64     // route elements applied since the log began, each counted by its speaking shard
	Degraded      bool       // a shard-wide bound refused entries
}
