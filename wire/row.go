package wire

// An update's entries in frmRows are two words: small values, a place and counts,
// and times. A word of small values is read and written at once; of all rows
// the counts are summed side by side.

// rowLen is the octets of a row.
const rowLen = 16

// shortRowLen is the octets of a row without its last four: a frame in which all
// collectors' times are engine times, as a replay has them, leaves those out.
const shortRowLen = 12

// Small values of a row, from the lowest octet on: the head has two, each of the
// others one.
const (
	laneHead = iota
	laneNumber
	lanePathLength
	laneCommunityCount
	laneLargeCount
	laneAnnounced
	laneWithdrawn
	lanes
)

// A value that its place cannot hold with a bit to spare stands in frmWide. In
// its place stands that bit by itself.
const (
	wideLane = 0x80
	wideHead = 0x8000
	wideBits = 0x8080808080808000 // of all places
)

// lanesOf takes the small values of a row apart.
func lanesOf(w uint64) (v [lanes]uint64) {
	v[laneHead] = w & 0xffff
	for k := 1; k < lanes; k++ {
		v[k] = w >> (8 * (k + 1)) & 0xff
	}
	return v
}

// isWide reports whether v, of lane k, stands for a value elsewhere.
func isWide(k int, v uint64) bool { return v == wideLane && k != laneHead || v == wideHead }
