package wire

import "detour/route"

// RecordKind says what a Record states.
type RecordKind uint8

// Kinds of Record.
const (
	RecordChange     RecordKind = 1 + iota // a route changed and at least one fact holds, or the prefix is watched
	RecordLeft                             // a stated route went away
	RecordLoss                             // a held route was withdrawn, of a watched prefix any route
	RecordNode                             // first sight of a path-tree node: (AS, next AS, origin)
	RecordEdge                             // first sight of a peer's first hop: (peer ASN, AS)
	RecordEvent                            // a peer or gap event, forwarded by shard 0
	RecordCensus                           // how many routes a session holds, or prefixes are known
	RecordOrigin                           // how many more prefixes have an origin
	RecordVisibility                       // many of a prefix's sessions lost it, or have it again
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
	RecordWatched                              // the prefix is watched: its every change is told
	RecordPrepended                            // prepends alone changed: Routes, Raised are the raw lengths before and now
)

// RecordUnsure qualifies a RecordVisibility that turned since sessions ended or
// updates were lost: nobody knows who has the prefix.
const RecordUnsure = RecordNoBaseline

// RecordDefault qualifies a RecordCensus of a session: it holds the default route
// of the family.
const RecordDefault = RecordInherited

// Record is one entry of an evidence range. Which fields count depends on Kind;
// the others are zero. Records stand in log order: Sequence, then Index.
type Record struct {
	Kind     RecordKind
	Flags    RecordFlags
	Event    route.Kind // RecordEvent
	Ingester uint32     // index into the range's ingesters
	Peer     uint32     // index into the range's peers; AllPeers in Event, Census, Origin and Visibility only
	Sequence uint64     // stream sequence of the frame
	Index    uint32     // place among the records of that frame
	Number   uint64     // update number
	Engine   route.Time
	Received route.Time // when the ingester had the frame; for latency only, never for a decision

	// Prefix of Change, Left, Loss, Visibility; for Node and Edge the prefix
	// that showed it; 0.0.0.0/0 or ::/0 names the family of a Census.
	Prefix route.Prefix

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
	// Young holds a bit per judged hop of Next from which the way to the origin
	// is news: no older than 15 minutes, and Prev does not hold its edge to the
	// next hop.
	Young           uint64
	Unique, Longest uint8 // unique length of Next with the vantage point; longest held, 0 unknown
	OTC             route.ASN
	Origins         []route.ASN // expected origins of Prefix, ascending; owned by the range

	// Node: AS, NextAS and Third are neighbours in this order towards the
	// origin (0 where there is none or a break), then the origin (0 unknown).
	// Edge: AS is the first hop behind the peer. Origin: the origin.
	AS, NextAS, Third, Origin route.ASN

	// Census of a session: Routes of the family that it holds, and how many
	// came up since its last census (Raised). Census of all: prefixes known, and
	// those that at least 3 sessions hold. Visibility: sessions that hold the
	// prefix, and those that hold it or lost it by withdrawal. Each shard counts
	// the prefixes for which it speaks.
	Routes, Raised uint64
	// Origin: prefixes first announced with it, less those told before. Census of a
	// session: routes that it announced again as they were, less those that it
	// announced on another path, since its last census.
	Delta int64
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
