package bzip2

import (
	"encoding/binary"
	"io"
)

// readSize is how much is read at once.
const readSize = 32 << 10

// bits reads bits, the most significant of an octet first.
type bits struct {
	src      io.Reader
	buf      []byte
	pos, end int
	v        uint64 // the next n bits stand at the top, zeros or bits to come below
	n        uint
	err      error // why src ended
}

// fill makes at least 56 bits ready, fewer at the end of the input.
func (b *bits) fill() {
	if b.end-b.pos >= 8 {
		b.v |= binary.BigEndian.Uint64(b.buf[b.pos:]) >> b.n
		take := (63 - b.n) >> 3
		b.pos += int(take)
		b.n += take * 8
		return
	}
	b.fillSlowly()
}

func (b *bits) fillSlowly() {
	// Bits below the n valid ones may stand there from a quick fill: the octets
	// that they belong to come again.
	b.v &= ^(^uint64(0) >> b.n)
	for b.n <= 56 {
		if b.pos == b.end && !b.read() {
			return
		}
		b.v |= uint64(b.buf[b.pos]) << (56 - b.n)
		b.pos++
		b.n += 8
	}
}

// read reads more and reports whether there was any.
func (b *bits) read() bool {
	for range 100 {
		if b.err != nil {
			return false
		}
		var n int
		n, b.err = b.src.Read(b.buf)
		if n > 0 {
			b.pos, b.end = 0, n
			return true
		}
	}
	b.err = io.ErrNoProgress
	return false
}

// take returns the next k bits, at most 48, and whether there were as many.
func (b *bits) take(k uint) (v uint64, ok bool) {
	if b.n < k {
		if b.fill(); b.n < k {
			return 0, false
		}
	}
	v = b.v >> (64 - k)
	b.v <<= k
	b.n -= k
	return v, true
}

// align drops what is left of an octet.
func (b *bits) align() {
	k := b.n % 8
	b.v <<= k
	b.n -= k
}

// more reports whether anything stands behind.
func (b *bits) more() bool {
	if b.n == 0 {
		b.fill()
	}
	return b.n > 0
}

// short returns why bits were missing.
func (b *bits) short() error {
	if b.err != nil && b.err != io.EOF {
		return b.err
	}
	return io.ErrUnexpectedEOF
}
