package wire

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// putUvarint writes v at p[i] and returns the index behind it. p has room.
func putUvarint(p []byte, i int, v uint64) int {
	for v >= 0x80 {
		p[i] = byte(v) | 0x80
		v >>= 7
		i++
	}
	p[i] = byte(v)
	return i + 1
}

// putLen writes the length of p[at+1:i] into the octet that was reserved at
// p[at], moving what follows when one octet is not enough. It returns the new
// end.
func putLen(p []byte, at, i int) int {
	n := i - at - 1
	if n < 0x80 {
		p[at] = byte(n)
		return i
	}
	return putLenLong(p, at, i)
}

func putLenLong(p []byte, at, i int) int {
	n := uint64(i - at - 1)
	more := protowire.SizeVarint(n) - 1
	copy(p[at+1+more:i+more], p[at+1:i])
	putUvarint(p, at, n)
	return i + more
}

// zigzag maps small values of either sign to small unsigned ones.
func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// The append functions serve what is written once per frame or per record.

// appendUint appends a varint field unless it is zero.
func appendUint(b []byte, num protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
}

// appendBytes appends a length-delimited field unless it is empty.
func appendBytes[T string | []byte](b []byte, num protowire.Number, v T) []byte {
	if len(v) == 0 {
		return b
	}
	return append(appendLen(b, num, len(v)), v...)
}

// appendLen appends tag and length of a length-delimited field of n octets.
func appendLen(b []byte, num protowire.Number, n int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.BytesType), uint64(n))
}

// openField appends the tag of a length-delimited field and reserves one octet
// for its length, at the returned place.
func openField(b []byte, num protowire.Number) (out []byte, at int) {
	b = append(protowire.AppendTag(b, num, protowire.BytesType), 0)
	return b, len(b) - 1
}

// closeField writes the length of what was appended since openField.
func closeField(b []byte, at int) []byte {
	end := len(b)
	b = slices.Grow(b, 4) // room for a longer length
	return b[:putLen(b[:end+4], at, end)]
}
