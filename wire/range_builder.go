package wire

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"detour/route"
)

// Field numbers of EvidenceRange.
const (
	rngShard         = 1
	rngShards        = 2
	rngStreamCreated = 3
	rngFrom          = 4
	rngTo            = 5
	rngEngine        = 6
	rngEnd           = 7
	rngElements      = 8
	rngDegraded      = 9
	rngIngesters     = 10
	rngPeers         = 11
	rngPaths         = 12
	rngRecords       = 13
)

// rangeHeaderRoom bounds the encoded RangeHeader.
const rangeHeaderRoom = 80

// RangeBuilder collects evidence records and the tables that they point into.
// It belongs to one goroutine and keeps its memory from range to range.
type RangeBuilder struct {
	names    []string // ingesters of this range
	sessions indexTable
	nPeers   uint32
	nPaths   uint32
	nRecords int

	ingesters, peers, paths, records []byte
	last                             Record // what deltas count from
	out                              []byte
}

// NewRangeBuilder returns an empty builder.
func NewRangeBuilder() *RangeBuilder {
	b := &RangeBuilder{}
	b.Reset()
	return b
}

// Reset starts an empty range. What Bytes returned is no longer valid, nor is
// any index that was given.
func (b *RangeBuilder) Reset() {
	b.names = b.names[:0]
	b.sessions.reset()
	b.nPeers, b.nPaths, b.nRecords = 0, 0, 0
	b.ingesters, b.peers, b.paths, b.records = b.ingesters[:0], b.peers[:0], b.paths[:0], b.records[:0]
	b.last = Record{}
}

// Ingester returns the index of an ingester in this range, adding it at first
// mention.
func (b *RangeBuilder) Ingester(name string) uint32 {
	for i, n := range b.names { // a handful
		if n == name {
			return uint32(i)
		}
	}
	b.names = append(b.names, name)
	name = strings.ToValidUTF8(name, "\ufffd")
	b.ingesters = protowire.AppendTag(b.ingesters, rngIngesters, protowire.BytesType)
	b.ingesters = protowire.AppendString(b.ingesters, name)
	return uint32(len(b.names) - 1)
}

// Peer returns the index of an ingester's session in this range, adding it at
// first mention and when its start or feed class has changed since.
func (b *RangeBuilder) Peer(ingester uint32, s *route.Session) uint32 {
	key := uint64(ingester)<<32 | uint64(s.ID)
	slot, ok := b.sessions.find(key, s)
	if ok {
		return slot.index
	}
	b.sessions.set(slot, key, s, b.nPeers)
	b.peers = appendSession(b.peers, rngPeers, s, ingester)
	b.nPeers++
	return b.nPeers - 1
}

// Path appends a path to the path table and returns its index plus 1. The
// caller remembers which paths it has added since Reset.
func (b *RangeBuilder) Path(asns []route.ASN) uint32 {
	p, at := openField(b.paths, rngPaths)
	p = appendPackedASNs(p, pathASNs, asns)
	b.paths = closeField(p, at)
	b.nPaths++
	return b.nPaths
}

// Add appends r, which must stand behind the records before it by (Sequence,
// Index). Its Peer may be route.AllPeers only from RecordEvent on.
func (b *RangeBuilder) Add(r *Record) {
	b.records = appendRecord(b.records, r, &b.last)
	b.last.Sequence, b.last.Number, b.last.Engine, b.last.Received = r.Sequence, r.Number, r.Engine, r.Received
	b.nRecords++
}

// Len returns the octets of the range so far, an upper bound.
func (b *RangeBuilder) Len() int {
	return rangeHeaderRoom + len(b.ingesters) + len(b.peers) + len(b.paths) + len(b.records)
}

// Records returns how many records the range holds.
func (b *RangeBuilder) Records() int { return b.nRecords }

// Bytes finishes the range under its header. The result is valid until the next
// call of Reset or Bytes.
func (b *RangeBuilder) Bytes(h *RangeHeader) []byte {
	o := b.out[:0]
	o = appendUint(o, rngShard, uint64(h.Shard))
	o = appendUint(o, rngShards, uint64(h.Shards))
	o = appendUint(o, rngStreamCreated, uint64(h.StreamCreated))
	o = appendUint(o, rngFrom, h.From)
	o = appendUint(o, rngTo, h.To)
	o = appendUint(o, rngEngine, uint64(h.Engine))
	o = appendUint(o, rngEnd, bit(h.End))
	o = appendUint(o, rngElements, h.Elements)
	o = appendUint(o, rngDegraded, bit(h.Degraded))
	o = append(o, b.ingesters...)
	o = append(o, b.peers...)
	o = append(o, b.paths...)
	o = append(o, b.records...)
	b.out = o
	return o
}

func bit(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}
