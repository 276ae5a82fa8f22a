package mrt

import (
	"strconv"

	"detour/ingest/decode"
)

// Reason says why a record, or an entry of one, was not used.
type Reason uint8

// Reasons of framing. A Reason from reasonDecode on is a decode.Reason.
const (
	ReasonType        Reason = iota // type that no MRT file holds: not a header
	ReasonLength                    // length beyond the limit of its type
	ReasonCut                       // length runs past the end of the input
	ReasonShort                     // body shorter than its fixed fields
	ReasonFamily                    // address family other than IPv4 and IPv6
	ReasonMessage                   // BGP marker or length do not fit the record
	ReasonTrailing                  // bytes left over behind the content
	ReasonPrefix                    // prefix longer than its family allows
	ReasonEntry                     // attributes run past the record
	ReasonNoPeerIndex               // RIB entry before any PEER_INDEX_TABLE
	ReasonPeerIndex                 // peer index beyond the table
	ReasonAddPath                   // looks like ADD-PATH that the subtype does not announce
	reasonDecode
)

var reasonNames = [reasonDecode]string{
	"record-type", "record-length", "record-cut", "record-short", "address-family", "message-framing",
	"trailing-bytes", "prefix-length", "entry-length", "no-peer-index", "peer-index", "unmarked-add-path",
}

// NumReasons is the number of Reasons.
const NumReasons = int(reasonDecode) + int(decode.NumReasons)

// String returns the stable name of r.
func (r Reason) String() string {
	switch {
	case r < reasonDecode:
		return reasonNames[r]
	case int(r) < NumReasons:
		return decode.Reason(r - reasonDecode).String()
	}
	return "reason-" + strconv.Itoa(int(r))
}

func reasonOf(err error) Reason {
	if e, ok := err.(*decode.Error); ok { //nolint:errorlint // never wrapped, and once per bad record
		return reasonDecode + Reason(e.Reason)
	}
	return ReasonMessage
}

// Count is how often something happened and where first: First is the offset in
// the decompressed input of the record that showed it.
type Count struct {
	N     uint64
	First int64
}

func (c *Count) add(offset int64) {
	if c.N == 0 {
		c.First = offset
	}
	c.N++
}

// typeSlots bounds the table of records by type: subtypes 0–15 of types 0–63,
// and one slot for whatever lies beyond.
const typeSlots = 64*16 + 1

func typeSlot(typ, subtype uint16) int {
	if typ < 64 && subtype < 16 {
		return int(typ)<<4 | int(subtype)
	}
	return typeSlots - 1
}

// Report says what was read from one input and what was wrong with it. The
// plain counters are elements unless they say otherwise.
type Report struct {
	Name          string
	Bytes         int64  // decompressed bytes read
	Records       uint64 // whole records, skipped and bad ones included
	Updates       uint64 // UPDATE messages emitted, End-of-RIB included
	Announced     uint64 // prefixes, in updates
	Withdrawn     uint64 // prefixes, in updates
	StateChanges  uint64
	RIBEntries    uint64
	OtherMessages uint64 // OPEN, NOTIFICATION, KEEPALIVE, ROUTE-REFRESH
	Bad           [NumReasons]Count
	AddPathMarked uint64 // records of ADD-PATH subtypes
	Packed        uint64 // TABLE_DUMP records of several entries (January 2000)

	Resyncs     Count  // times the next record had to be searched for
	ResyncBytes int64  // bytes passed over in those searches
	TailBytes   int64  // bytes behind the last whole record
	Compression string // none, gzip, bzip2, zstd
	Tail        error  // why decompression ended early, nil when it did not

	Decode    decode.Counters
	FirstTime int64 // seconds since 1970 of the first and last record
	LastTime  int64
	byType    [typeSlots]uint64
	skipped   [typeSlots]uint64
}

// BadRecords returns how many records and RIB entries were not used.
func (r *Report) BadRecords() (n uint64) {
	for i := range r.Bad {
		n += r.Bad[i].N
	}
	return n
}

// AddPathUnmarked returns how many messages looked like ADD-PATH that their
// subtype does not announce. They were refused.
func (r *Report) AddPathUnmarked() uint64 { return r.Bad[ReasonAddPath].N }

// Damaged reports whether the input was not whole: anything unreadable, lost or
// cut off. Skipped types and what RFC 7606 repairs are no damage.
func (r *Report) Damaged() bool {
	return r.TailBytes > 0 || r.Tail != nil || r.Resyncs.N > 0 || r.BadRecords() > 0
}

// TypeCount is a number of records of one type.
type TypeCount struct {
	Type, Subtype uint16
	Other         bool // types beyond 63 and subtypes beyond 15, taken together
	N             uint64
}

// ByType returns the whole records by type and subtype, in numeric order.
func (r *Report) ByType() []TypeCount { return typeCounts(&r.byType) }

// Skipped returns the records that are of no use here: obsolete, unknown and
// multicast types. They are also in ByType.
func (r *Report) Skipped() []TypeCount { return typeCounts(&r.skipped) }

func typeCounts(table *[typeSlots]uint64) (out []TypeCount) {
	for i, n := range table {
		if n > 0 {
			out = append(out, TypeCount{
				Type: uint16(i >> 4), Subtype: uint16(i & 15), Other: i == typeSlots-1, N: n,
			})
		}
	}
	return out
}
