package route

// Kind tells an UPDATE from the events that share its order.
type Kind uint8

// Kinds of Update. Events other than KindUpdate go to every shard under one
// number.
const (
	KindUpdate Kind = iota
	KindPeerUp
	KindPeerDown
	KindEndOfRIB
	KindGap  // updates of this peer (or, with AllPeers, of all peers of the ingester) were lost
	KindTick // nothing but engine time

	// Of a shard's making, in evidence only: an ingester is not heard of, or is again.
	KindSilent
	KindHeard
)

// AllPeers in Update.Peer means every peer of the ingester.
const AllPeers = ^uint32(0)

// Flags of an Update.
type Flags uint16

// Update flags. The Has flags tell an absent attribute from one of value 0.
const (
	FlagTableDump       Flags = 1 << iota // a RIB entry: the state of the table, never news
	FlagInitialTransfer                   // part of a session's first full announcement
	FlagPathIDs                           // NLRI carry ADD-PATH identifiers
	FlagHasOTC
	FlagHasMED
	FlagHasLocalPref
	FlagAtomicAggregate
	FlagHasAggregator
	FlagTreatAsWithdraw // RFC 7606: announced routes were moved to Withdrawn
	FlagHasOrigin
	FlagHasPath // an AS_PATH attribute was present, perhaps empty
)

// Origin codes (RFC 4271 §4.3).
const (
	OriginIGP        uint8 = 0
	OriginEGP        uint8 = 1
	OriginIncomplete uint8 = 2
)

// NextHop is an address of 0, 4, 16 or 32 octets (32: global then link-local,
// RFC 2545). Octets beyond Len are zero.
type NextHop struct {
	Bytes [32]byte
	Len   uint8
}

// Update is one UPDATE message or session event. It is made to be filled again
// and again by its owner: slices keep their memory between fills, byte views
// (communities) point into the message that was decoded and live as long as it.
// From a frame all slices are such views.
type Update struct {
	Kind      Kind
	Flags     Flags
	Origin    uint8  // valid with FlagHasOrigin
	Peer      uint32 // Session.ID, or AllPeers
	Number    uint64 // ingester-wide, from 1, given before the split into shards
	Engine    Time   // stamped by the ingester
	Collected Time   // the collector's own clock

	MED, LocalPref uint32
	OTC            ASN // Only to Customer, RFC 9234
	AggregatorASN  ASN
	AggregatorAddr [4]byte

	Path             Path
	NextHop          NextHop // of the NEXT_HOP attribute
	MPNextHop        NextHop // of MP_REACH_NLRI
	Communities      []byte  // RFC 1997, 4 octets each
	LargeCommunities []byte  // RFC 8092, 12 octets each

	// Announced and Withdrawn hold the message's own fields first; from
	// MPAnnounced and MPWithdrawn on stand those of MP_REACH and MP_UNREACH.
	Announced   []NLRI
	Withdrawn   []NLRI
	MPAnnounced int
	MPWithdrawn int
}

// Reset empties u and keeps its memory.
func (u *Update) Reset() {
	path, ann, wd := u.Path, u.Announced[:0], u.Withdrawn[:0]
	path.Reset()
	*u = Update{Path: path, Announced: ann, Withdrawn: wd}
}

// Elements returns the number of route elements of u.
func (u *Update) Elements() int { return len(u.Announced) + len(u.Withdrawn) }
