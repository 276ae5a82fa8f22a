package mrt

import (
	"encoding/binary"
	"errors"
	"io"
)

// window is a stretch of the input that slides forward. Memory grows only with
// bytes that have really arrived: a length field alone never makes it larger.
type window struct {
	src  io.Reader
	buf  []byte
	pos  int // first byte not consumed
	end  int // end of what was read
	base int64
	err  error // why reading stopped, io.EOF at the end
}

// offset returns the place of the first unconsumed byte in the (decompressed)
// input.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// avail returns the unconsumed bytes at hand.
func (w *window) avail() []byte { return w.buf[w.pos:w.end] }

// need reports whether n unconsumed bytes are at hand, reading more if it must.
// Slices taken from the window before are void afterwards.
func (w *window) need(n int) bool {
	if w.end-w.pos >= n {
		return true
	}
	return w.fill(n)
}

func (w *window) fill(n int) bool {
	if w.buf == nil {
		w.buf = make([]byte, readSize)
	}
	for w.end-w.pos < n {
		if w.err != nil {
			return false
		}
		if w.end == len(w.buf) {
			w.makeRoom()
		}
		w.read()
	}
	return true
}

// makeRoom moves the unconsumed bytes to the front, or to a larger buffer when
// that would gain little. Above the largest record the buffer leaves 1 MiB of
// slack, so that moving always gains.
func (w *window) makeRoom() {
	const most = maxRIBBody + 1<<20
	to := w.buf
	if w.pos < len(w.buf)/4 && len(w.buf) < most {
		to = make([]byte, min(2*len(w.buf), most))
	}
	copy(to, w.buf[w.pos:w.end])
	w.buf = to
	w.base += int64(w.pos)
	w.end -= w.pos
	w.pos = 0
}

// read reads once, behind end. A source that yields nothing again and again is
// broken.
func (w *window) read() {
	for range 100 {
		n, err := w.src.Read(w.buf[w.end:])
		if n < 0 || n > len(w.buf)-w.end {
			w.err = errors.New("source returned an impossible count")
			return
		}
		w.end += n
		w.err = err
		if n > 0 || err != nil {
			return
		}
	}
	w.err = io.ErrNoProgress
}

// header parses the header at distance skip from the first unconsumed byte,
// which must be at hand.
func (w *window) header(skip int) header {
	b := w.buf[w.pos+skip : w.pos+skip+headerLen]
	return header{
		seconds: binary.BigEndian.Uint32(b),
		typ:     binary.BigEndian.Uint16(b[4:]),
		subtype: binary.BigEndian.Uint16(b[6:]),
		length:  binary.BigEndian.Uint32(b[8:]),
	}
}
