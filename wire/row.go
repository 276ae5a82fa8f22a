package wire

// An update has eight small values: a place or a count in a column each. In
// memory they stand side by side as the octets of one word, so that a row is
// one load or store; the columns of eight rows are their transposition.

// Lanes of a row, in the order of their columns' numbers: lane k is octet k,
// and the column frmHead+k.
const (
	laneHead = iota
	lanePeer
	laneNumber
	lanePathLength
	laneCommunityCount
	laneLargeCount
	laneAnnounced
	laneWithdrawn
	lanes
)

// wideLane in a lane stands for a value that takes more than an octet as a
// varint. Such values stand elsewhere, in order.
const wideLane = 0x80

const (
	ones     = 0x0101010101010101
	highBits = 0x80 * ones
)

// transpose swaps rows and columns of eight octets each.
func transpose(a0, a1, a2, a3, a4, a5, a6, a7 uint64) (b0, b1, b2, b3, b4, b5, b6, b7 uint64) {
	a0, a4 = swap(a0, a4, 32, 0x00000000ffffffff)
	a1, a5 = swap(a1, a5, 32, 0x00000000ffffffff)
	a2, a6 = swap(a2, a6, 32, 0x00000000ffffffff)
	a3, a7 = swap(a3, a7, 32, 0x00000000ffffffff)
	a0, a2 = swap(a0, a2, 16, 0x0000ffff0000ffff)
	a1, a3 = swap(a1, a3, 16, 0x0000ffff0000ffff)
	a4, a6 = swap(a4, a6, 16, 0x0000ffff0000ffff)
	a5, a7 = swap(a5, a7, 16, 0x0000ffff0000ffff)
	a0, a1 = swap(a0, a1, 8, 0x00ff00ff00ff00ff)
	a2, a3 = swap(a2, a3, 8, 0x00ff00ff00ff00ff)
	a4, a5 = swap(a4, a5, 8, 0x00ff00ff00ff00ff)
	a6, a7 = swap(a6, a7, 8, 0x00ff00ff00ff00ff)
	return a0, a1, a2, a3, a4, a5, a6, a7
}

// swap exchanges the blocks of n bits of a that mask leaves out with those of b
// that it names.
func swap(a, b uint64, n uint, mask uint64) (uint64, uint64) {
	t := (a>>n ^ b) & mask
	return a ^ t<<n, b ^ t
}
