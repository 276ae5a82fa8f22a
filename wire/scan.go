package wire

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// MaxFrame and MaxRange bound one message in octets; Decode refuses longer
// ones. They equal the broker's default payload limit, so builders' callers
// flush well below.
const (
	MaxFrame = 1 << 20
	MaxRange = 1 << 20
)

// malformed is the error of bytes that are not what they claim to be.
type malformed string

func (e malformed) Error() string { return string(e) }

const (
	errTruncated = malformed("truncated or oversized field")
	errTag       = malformed("invalid field tag")
	errTooLong   = malformed("message above 1 MiB")
	errUTF8      = malformed("string is not UTF-8")
	errName      = malformed("name above 255 octets")
	errAddress   = malformed("address is not of 4 or 16 octets")
	errSessionID = malformed("session id is reserved")
	errEnum      = malformed("value outside its enumeration")
	errPeerIndex = malformed("peer index out of range")
	errNoPeer    = malformed("peer is missing")
	errIndex     = malformed("table index out of range")
	errPath      = malformed("path is not of whole 4-octet ASNs")
	errSegments  = malformed("segments do not cover the path")
	errNextHop   = malformed("next hop is not of 0, 4, 16 or 32 octets")
	errNLRI      = malformed("malformed prefix")
	errColumn    = malformed("columns do not fit each other")
	errOrder     = malformed("records are not ascending within the range")
	errBits      = malformed("hop bits beyond the path")
	errHeader    = malformed("header fields contradict each other")
	errUint8     = malformed("value above 255")
	errTwoFamily = malformed("record with two prefixes")
)

// Protobuf wire types.
const (
	typeVarint = 0
	typeBytes  = 2
	typeFixed8 = 1
	typeFixed4 = 5
)

// span is a stretch of the message: its start in the lower, its end in the
// upper 32 bits.
type span uint64

func (s span) lo() int { return int(uint32(s)) }
func (s span) hi() int { return int(s >> 32) }
func (s span) len() int {
	return s.hi() - s.lo()
}

// shape says, a bit per field number, which wire types a message's fields have.
// A packed field is also in lens.
type shape struct{ varints, lens, packedFixed uint32 }

// fieldCount is above every field number that a shape may name.
const fieldCount = 29

// fields holds what scan found: the value of a varint field, the span of a
// length-delimited one. The last occurrence counts. A packed field in several
// pieces sets split; its pieces are then read by pieceReader.
type fields struct {
	v     [fieldCount]uint64
	seen  uint32
	split bool
}

func (f *fields) span(num int) span { return span(f.v[num]) }

// scan reads the message b[i:end] into f, which must be zero. Fields that the
// shape does not name are skipped, as are those of another wire type.
func (f *fields) scan(b []byte, i, end int, s shape) error {
	b = b[:end]
	for i < end {
		var tag, v uint64
		if tag, i = uvarint(b, i); i == 0 {
			return errTag
		}
		num := tag >> 3
		switch tag & 7 {
		case typeVarint:
			if v, i = uvarint(b, i); i == 0 {
				return errTruncated
			}
			if num < fieldCount && s.varints>>num&1 != 0 {
				f.v[num] = v
				f.seen |= 1 << num
			}
		case typeBytes:
			if v, i = uvarint(b, i); i == 0 || v > uint64(end-i) {
				return errTruncated
			}
			next := i + int(v)
			if num < fieldCount && s.lens>>num&1 != 0 {
				f.split = f.split || s.packedFixed&f.seen>>num&1 != 0
				f.v[num] = uint64(i) | uint64(next)<<32
				f.seen |= 1 << num
			}
			i = next
		default:
			if i = skip(b, i, tag); i == 0 {
				return errTruncated
			}
			if tag&7 == typeFixed4 && num < fieldCount && s.packedFixed>>num&1 != 0 {
				f.split = true
			}
		}
		if num == 0 || tag > maxTag {
			return errTag
		}
	}
	return nil
}

const maxTag = uint64(protowire.MaxValidNumber)<<3 | 7

// readField reads one field of b at i: the value of a varint, the span of a
// length-delimited one, for other types the span of their bytes.
func readField(b []byte, i int) (tag, v uint64, next int, err error) {
	if tag, i = uvarint(b, i); i == 0 || tag < 8 || tag > maxTag {
		return 0, 0, 0, errTag
	}
	switch tag & 7 {
	case typeVarint:
		if v, i = uvarint(b, i); i == 0 {
			return 0, 0, 0, errTruncated
		}
		return tag, v, i, nil
	case typeBytes:
		if v, i = uvarint(b, i); i == 0 || v > uint64(len(b)-i) {
			return 0, 0, 0, errTruncated
		}
		next = i + int(v)
	default:
		if next = skip(b, i, tag); next == 0 {
			return 0, 0, 0, errTruncated
		}
	}
	return tag, uint64(i) | uint64(next)<<32, next, nil
}

// skip passes over a field of a type that no known field has, groups included.
func skip(b []byte, i int, tag uint64) (next int) {
	if tag < 8 || tag > maxTag {
		return 0
	}
	n := protowire.ConsumeFieldValue(protowire.Number(tag>>3), protowire.Type(tag&7), b[i:])
	if n < 0 {
		return 0
	}
	return i + n
}

// uvarint reads a varint of b at i. next is 0 when there is none.
func uvarint(b []byte, i int) (v uint64, next int) {
	if i < len(b) && b[i] < 0x80 {
		return uint64(b[i]), i + 1
	}
	return uvarintLong(b, i)
}

func uvarintLong(b []byte, i int) (v uint64, next int) {
	v, n := protowire.ConsumeVarint(b[i:])
	if n < 0 {
		return 0, 0
	}
	return v, i + n
}

// pieceReader yields the payloads of a packed field of fixed32 that a foreign
// encoder wrote in several pieces or unpacked, which protobuf allows. It reads
// messages that scan has accepted.
type pieceReader struct {
	b   []byte
	i   int
	num uint64
}

func (r *pieceReader) next() (lo, hi int, ok bool) {
	for r.i < len(r.b) {
		tag, v, next, err := readField(r.b, r.i)
		if err != nil {
			return 0, 0, false
		}
		r.i = next
		if tag == r.num<<3|typeBytes || tag == r.num<<3|typeFixed4 {
			return span(v).lo(), span(v).hi(), true
		}
	}
	return 0, 0, false
}

// checkName accepts the name of an ingester or collector.
func checkName(b []byte, s span) error {
	switch {
	case s.len() > MaxName:
		return errName
	case !validString(b, s):
		return errUTF8
	}
	return nil
}

func validString(b []byte, s span) bool { return utf8.Valid(b[s.lo():s.hi()]) }

// nextMessage returns the next submessage of field num in bytes that Decode has
// accepted, and moves i behind it.
func nextMessage(b []byte, i *int, num uint64) (m span, ok bool) {
	for *i < len(b) {
		tag, v, next, err := readField(b, *i)
		if err != nil {
			return 0, false
		}
		*i = next
		if tag == num<<3|typeBytes {
			return span(v), true
		}
	}
	return 0, false
}
