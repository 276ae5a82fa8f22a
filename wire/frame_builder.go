package wire

import (
	"slices"
	"strings"

	"detour/route"
)

// Field numbers of Frame.
const (
	frmIngester = 1
	frmEpoch    = 2
	frmNumber   = 3
	frmReceived = 4
	frmBase     = 5
	frmUpdates  = 6
	frmSessions = 7
)

// FrameBuilder collects the updates of one shard into one Frame. It belongs to
// one goroutine and keeps its memory from frame to frame.
type FrameBuilder struct {
	ingester string
	epoch    uint64
	received route.Time
	base     route.Time
	last     uint64 // number of the update before

	// buf holds free room for the header, then the updates, then what Bytes
	// appends. The header is written last, against the updates, so that
	// nothing needs to move.
	buf      []byte
	head     int
	end      int
	sessions []byte
	header   []byte

	peers    indexTable
	nPeers   uint32
	updates  int
	elements int
}

// NewFrameBuilder returns a builder for frames of one ingester and epoch. Call
// Reset before the first Add.
func NewFrameBuilder(ingester string, epoch uint64) *FrameBuilder {
	b := &FrameBuilder{ingester: strings.ToValidUTF8(ingester, "\ufffd"), epoch: epoch}
	b.head = len(b.ingester) + 6 + 4*11 // tag and varint of each header field
	b.Reset(0)
	return b
}

// Reset starts an empty frame. What Bytes returned is no longer valid.
func (b *FrameBuilder) Reset(received route.Time) {
	b.received, b.base, b.last = received, 0, 0
	b.buf = slices.Grow(b.buf[:0], b.head)
	b.end = b.head
	b.sessions = b.sessions[:0]
	b.peers.reset()
	b.nPeers, b.updates, b.elements = 0, 0, 0
}

// Len returns the octets of the frame so far, an upper bound.
func (b *FrameBuilder) Len() int { return b.end + len(b.sessions) }

// Updates returns how many updates and events the frame holds.
func (b *FrameBuilder) Updates() int { return b.updates }

// Elements returns how many route elements the frame holds.
func (b *FrameBuilder) Elements() int { return b.elements }

// Add appends the shard's part of u. s is the session of u.Peer, nil only with
// AllPeers, which only events may have. The prefixes' lengths must suit their
// families. Base time is the engine time of the first update.
func (b *FrameBuilder) Add(u *route.Update, s *route.Session, announced, withdrawn []route.NLRI) {
	if b.updates == 0 {
		b.base = u.Engine
	}
	peer := uint32(0)
	if u.Peer != route.AllPeers {
		peer = b.peer(s) + 1
	}
	room := updateRoom(u, len(announced)+len(withdrawn))
	if cap(b.buf)-b.end < room {
		b.buf = slices.Grow(b.buf[:b.end], room)
	}
	b.end = b.putUpdate(b.buf[:b.end+room], b.end, u, peer, announced, withdrawn)
	b.last = u.Number
	b.updates++
	b.elements += len(announced) + len(withdrawn)
}

// Bytes finishes the frame under its number. The result is valid until the next
// Reset; it may be asked for again, but nothing may be added behind it.
func (b *FrameBuilder) Bytes(number uint64) []byte {
	h := b.header[:0]
	h = appendBytes(h, frmIngester, b.ingester)
	h = appendUint(h, frmEpoch, b.epoch)
	h = appendUint(h, frmNumber, number)
	h = appendUint(h, frmReceived, uint64(b.received))
	h = appendUint(h, frmBase, uint64(b.base))
	b.header = h
	b.buf = append(b.buf[:b.end], b.sessions...)
	start := b.head - len(h)
	copy(b.buf[start:b.head], h)
	return b.buf[start:]
}

// peer returns the place of s in the frame's peer list, adding it at first
// mention and when it has changed since.
func (b *FrameBuilder) peer(s *route.Session) uint32 {
	key := uint64(s.ID)
	slot, ok := b.peers.find(key, s)
	if ok {
		return slot.index
	}
	b.peers.set(slot, key, s, b.nPeers)
	b.sessions = appendSession(b.sessions, frmSessions, s, 0)
	b.nPeers++
	return b.nPeers - 1
}
