package wire

import (
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
	size     int // octets of the frame so far but for what rows take, at most

	rows   []row
	any    row             // all bits that rows have
	perRow int             // octets that a row takes
	wide   [lanes][]uint64 // values of the lanes that say wideLane

	// Columns, as they will stand in the frame.
	wideTimes, otc, segmented, segments []byte
	communities, large                  []byte
	prefixLength, pathID                []byte
	prefix64, prefix128                 []byte
	segmentedBefore                     int // update behind the last one that segmented names

	asns     []route.ASN // of all paths
	prefix   []uint32
	heads    headList
	sessions sessionList
	lanes    []byte // scratch of Bytes
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
	b.elements, b.segmentedBefore = 0, 0
	b.size = frameOverhead + len(b.ingester)
	b.rows, b.any, b.perRow = b.rows[:0], row{}, 1
	for k := range b.wide {
		b.wide[k] = b.wide[k][:0]
	}
	b.wideTimes, b.otc, b.segmented, b.segments = b.wideTimes[:0], b.otc[:0], b.segmented[:0], b.segments[:0]
	b.communities, b.large, b.asns = b.communities[:0], b.large[:0], b.asns[:0]
	b.prefixLength, b.prefix, b.pathID = b.prefixLength[:0], b.prefix[:0], b.pathID[:0]
	b.prefix64, b.prefix128 = b.prefix64[:0], b.prefix128[:0]
	b.heads.reset()
	b.sessions.reset()
}

// Len returns the octets of the frame so far, an upper bound.
func (b *FrameBuilder) Len() int { return b.size + len(b.rows)*b.perRow }

// Updates returns how many updates and events the frame holds.
func (b *FrameBuilder) Updates() int { return len(b.rows) }

// Elements returns how many route elements the frame holds.
func (b *FrameBuilder) Elements() int { return b.elements }

// Add appends the shard's part of u. s is the session of u.Peer, nil only with
// AllPeers, which only events may have. The prefixes' lengths must suit their
// families. Base time and number are those of the first update.
func (b *FrameBuilder) Add(u *route.Update, s *route.Session, announced, withdrawn []route.NLRI) {
	if len(b.rows) == 0 {
		b.base = u.Engine
		b.first, b.last = u.Number, u.Number
	}
	b.putRow(u, s, len(announced), len(withdrawn))
	b.asns = append(b.asns, u.Path.ASNs...)
	b.communities = append(b.communities, u.Communities...)
	if len(u.LargeCommunities) != 0 {
		b.large = append(b.large, u.LargeCommunities...)
	}
	if len(announced) != 0 {
		b.putPrefixes(announced)
	}
	if len(withdrawn) != 0 {
		b.putPrefixes(withdrawn)
	}
	if len(u.Path.Segments) != 0 || u.Flags&(route.FlagHasOTC|route.FlagPathIDs) != 0 {
		b.putRare(u, announced, withdrawn)
	}
	b.elements += len(announced) + len(withdrawn)
	b.size += 4*len(u.Path.ASNs) + len(u.Communities) + len(u.LargeCommunities) + 5*(len(announced)+len(withdrawn))
}

// putRow appends what an update has in columns with an entry for each.
func (b *FrameBuilder) putRow(u *route.Update, s *route.Session, announced, withdrawn int) {
	peer := uint64(0)
	if u.Peer != route.AllPeers {
		slot := &b.sessions.recent[s.ID%sessionSlots]
		if slot.frame != b.sessions.frame || !slot.is(s) {
			b.findPeer(slot, s)
		}
		peer = uint64(slot.place) + 1
	}
	head, number := b.headOf(u), u.Number-b.last
	b.last = u.Number
	asns, comms, large := uint64(len(u.Path.ASNs)), uint64(len(u.Communities))/4, uint64(0)
	if len(u.LargeCommunities) != 0 {
		large = uint64(len(u.LargeCommunities)) / 12
	}
	ann, wd := uint64(announced), uint64(withdrawn)
	e, c := int64(u.Engine-b.base), int64(u.Collected-u.Engine)
	if uint64(e-minOffset)|uint64(c-minOffset) > maxOffset-minOffset || u.Collected == 0 {
		e, c = b.putTimes(u.Engine, u.Collected, e, c)
	}
	r := row{times: uint64(uint32(e)) | uint64(c)<<32}
	if head|peer|number|asns|comms|large|ann|wd < 0x80 { // nearly always
		r.small = head | peer<<8 | number<<16 | asns<<24 | comms<<32 | large<<40 | ann<<48 | wd<<56
	} else {
		r.small = b.putWide([lanes]uint64{head, peer, number, asns, comms, large, ann, wd})
	}
	if r.small&^b.any.small|r.times&^b.any.times != 0 {
		b.widen(r)
	}
	b.rows = append(b.rows, r)
}

// putTimes returns the entries for times of which one has no offset. e and c
// are engine time from the base, the collector's from engine time.
func (b *FrameBuilder) putTimes(engine, collected route.Time, e, c int64) (int64, int64) {
	if e < minOffset || e > maxOffset {
		e = timeWide
		b.putWideTime(engine)
	}
	if collected == 0 {
		return e, timeUnknown
	}
	if c < minOffset || c > maxOffset {
		c = timeWide
		b.putWideTime(collected)
	}
	return e, c
}
