package wire

import (
	"encoding/binary"
	"strings"

	"detour/route"
)

// FrameBuilder collects the updates of one shard into one Frame. It belongs to
// one goroutine and keeps its memory from frame to frame.
type FrameBuilder struct {
	ingester string
	epoch    uint64
	received route.Time
	base     route.Time
	first    uint64 // number of the first update
	last     uint64 // number of the update before
	elements int
	size     int    // octets of the frame so far with rows in full, at most
	times    uint64 // all bits of times in rows

	rows                     column
	path, prefix             column
	communities, large       []byte
	pathID                   []byte
	prefix56, prefix128      []byte
	otc, segmented, segments []byte
	wide, wideTimes          []byte
	segmentedBefore          int // update behind the last one that segmented names

	heads    headList
	sessions sessionList
	out      []byte // what Bytes returned
}

// frameOverhead bounds what a frame has beside ingester, sessions, heads and
// the entries of columns: numbers, tags and lengths.
const frameOverhead = 2 + 5 + 5*12 + frmColumns*(2+4)

// NewFrameBuilder returns a builder for frames of one ingester and epoch. Call
// Reset before the first Add.
func NewFrameBuilder(ingester string, epoch uint64) *FrameBuilder {
	b := &FrameBuilder{ingester: strings.ToValidUTF8(ingester, "\ufffd"), epoch: epoch}
	b.Reset(0)
	return b
}

// Reset starts an empty frame. What Bytes returned is no longer valid.
func (b *FrameBuilder) Reset(received route.Time) {
	b.received, b.base, b.first, b.last = received, 0, 0, 0
	b.elements, b.segmentedBefore, b.times = 0, 0, 0
	b.size = frameOverhead + len(b.ingester)
	b.rows.n, b.path.n, b.prefix.n = 0, 0, 0
	b.communities = b.communities[:0]
	b.large, b.pathID, b.prefix56, b.prefix128 = b.large[:0], b.pathID[:0], b.prefix56[:0], b.prefix128[:0]
	b.otc, b.segmented, b.segments = b.otc[:0], b.segmented[:0], b.segments[:0]
	b.wide, b.wideTimes = b.wide[:0], b.wideTimes[:0]
	b.heads.reset()
	b.sessions.reset()
}

// Len returns the octets of the frame so far, an upper bound.
func (b *FrameBuilder) Len() int {
	if b.isShort() {
		return b.size - b.Updates()*(rowLen-shortRowLen)
	}
	return b.size
}

// Updates returns how many updates and events the frame holds.
func (b *FrameBuilder) Updates() int { return b.rows.n / rowLen }

// Elements returns how many route elements the frame holds.
func (b *FrameBuilder) Elements() int { return b.elements }

// Add appends the shard's part of u. s is the session of u.Peer, nil only with
// AllPeers, which only events may have. The prefixes' lengths must suit their
// families. Base time and number are those of the first update.
//
// It does itself what all updates need: a call for each column would cost as
// much as the column.
func (b *FrameBuilder) Add(u *route.Update, s *route.Session, announced, withdrawn []route.NLRI) {
	if b.rows.n == 0 {
		b.base = u.Engine
		b.first, b.last = u.Number, u.Number
	}
	head, number := b.headOf(u, s), u.Number-b.last
	b.last = u.Number
	asns, comms, large := uint64(len(u.Path.ASNs)), uint64(len(u.Communities))/4, uint64(0)
	if len(u.LargeCommunities) != 0 {
		large = uint64(len(u.LargeCommunities)) / 12
		b.large = append(b.large, u.LargeCommunities...)
	}
	ann, wd := uint64(len(announced)), uint64(len(withdrawn))
	e, c := int64(u.Engine-b.base), int64(u.Collected-u.Engine)
	if uint64(e-minOffset)|uint64(c-minOffset) > maxOffset-minOffset || u.Collected == 0 {
		e, c = b.putTimes(u.Engine, u.Collected, e, c)
	}
	w := head | number<<16 | asns<<24 | comms<<32 | large<<40 | ann<<48 | wd<<56
	if head>>8|number|asns|comms|large|ann|wd >= wideLane {
		w = b.putWide([lanes]uint64{head, number, asns, comms, large, ann, wd})
	}
	t := uint64(uint32(e)) | uint64(c)<<32
	b.times |= t
	p := b.rows.room(rowLen)
	binary.LittleEndian.PutUint64(p, w)
	binary.LittleEndian.PutUint64(p[8:], t)
	b.rows.n += rowLen
	b.elements += int(ann + wd)
	b.size += rowLen + 4*len(u.Path.ASNs) + len(u.Communities) + len(u.LargeCommunities) + 4*int(ann+wd)

	b.path.putASNs(u.Path.ASNs)
	b.communities = append(b.communities, u.Communities...)
	b.putPrefixes(announced)
	if len(withdrawn) != 0 {
		b.putPrefixes(withdrawn)
	}
	if len(u.Path.Segments) != 0 || u.Flags&(route.FlagHasOTC|route.FlagPathIDs) != 0 {
		b.putRare(u, announced, withdrawn)
	}
}
