package wire

// Field numbers of Frame. Those of columns stand in the order in which
// FrameBuilder writes them.
const (
	frmIngester   = 1
	frmEpoch      = 2
	frmNumber     = 3
	frmReceived   = 4
	frmBase       = 5
	frmBaseNumber = 6
	frmSessions   = 7
	frmHeads      = 8

	frmHeadSession = 9  // an entry for each head
	frmRows        = 10 // two for each update

	// What all updates share.
	frmPath        = 11
	frmCommunities = 12
	frmLarge       = 13
	frmPrefix      = 14
	frmPrefix56    = 15
	frmPrefix128   = 16 // two for each prefix
	frmPathID      = 17

	// An entry for each update that needs one.
	frmOTC       = 18
	frmSegmented = 19
	frmSegments  = 20
	frmWide      = 21
	frmWideTimes = 22

	frmShortRows = 23 // three for each update, instead of frmRows

	frmColumns = 24 // above the number of every column
)

// Field numbers of Head.
const (
	headFlags     = 1
	headKind      = 2
	headOrigin    = 3
	headNextHop   = 4
	headMPNextHop = 5
)

// ipv6Length is added to the length of an IPv6 prefix.
const ipv6Length = 64

// Times in a row that are no offset.
const (
	timeWide    = -1 << 31     // the next of frmWideTimes, if there are any
	timeUnknown = -1<<31 + 1   // of the collector only
	maxOffset   = 1<<31 - 1    // the largest offset
	minOffset   = timeWide + 2 // the smallest
)
