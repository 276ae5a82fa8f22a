package wire

// Field numbers of Frame. Those of columns stand in the order in which
// FrameBuilder writes them; 6 was a message per update.
const (
	frmIngester = 1
	frmEpoch    = 2
	frmNumber   = 3
	frmReceived = 4
	frmBase     = 5
	frmSessions = 7
	frmHeads    = 8

	// An entry for each update: the lanes of a row from here on, then times.
	frmHead      = 9
	frmEngine    = frmHead + lanes
	frmCollected = 18

	// An entry for each update that needs one.
	frmWideTimes = 19
	frmOTC       = 20
	frmSegmented = 21
	frmSegments  = 22

	// What all updates share.
	frmPath         = 23
	frmCommunities  = 24
	frmLarge        = 25
	frmPrefixLength = 26
	frmPrefix       = 27
	frmPrefix64     = 28
	frmPrefix128    = 29
	frmPathID       = 30

	frmBaseNumber = 31

	frmColumns = 31 // above the number of every column
)

// Field numbers of Head.
const (
	headFlags     = 1
	headKind      = 2
	headOrigin    = 3
	headNextHop   = 4
	headMPNextHop = 5
)

// ipv6Length is added to the length of an IPv6 prefix in frmPrefixLength.
const ipv6Length = 64

// Entries of frmEngine and frmCollected that are no offset.
const (
	timeWide    = -1 << 31     // the next of frmWideTimes, if there are any
	timeUnknown = -1<<31 + 1   // frmCollected only
	maxOffset   = 1<<31 - 1    // the largest offset
	minOffset   = timeWide + 2 // the smallest
)
