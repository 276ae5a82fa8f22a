package bzip2

import (
	"errors"
	"hash/crc32"
	"io"
	mathbits "math/bits"
)

// What may be wrong with a stream.
var (
	errMagic      = errors.New("bzip2: no stream or block begins here")
	errRandomised = errors.New("bzip2: randomised blocks are not read")
	errAlphabet   = errors.New("bzip2: block without values")
	errTree       = errors.New("bzip2: impossible Huffman codes")
	errSymbol     = errors.New("bzip2: bits that no code has")
	errTooLong    = errors.New("bzip2: block longer than the stream allows")
	errOrigin     = errors.New("bzip2: origin outside of the block")
	errChecksum   = errors.New("bzip2: wrong checksum")
)

// Magic numbers of the format.
const (
	streamMagic = 'B'<<16 | 'Z'<<8 | 'h'
	blockMagic  = 0x314159265359
	endMagic    = 0x177245385090
)

// Reader decompresses. Streams that follow one another are read as one.
type Reader struct {
	bits     bits
	err      error
	inStream bool
	sum      uint32 // of the blocks of the stream so far

	tt        []uint32 // the block: a value in the low octet, above it the next place
	at        uint32   // next place
	left      int      // values not yet walked
	same      int      // how often last stands there in a row
	repeat    int      // how often it is still to be given
	last      byte
	crc, want uint32
	turned    [512]byte // for crc

	nTrees int
	trees  [maxTrees]tree
	chosen [1 << 15]uint8
	mtf    [256]byte
	counts [256]uint32
}

// NewReader returns a Reader of src, from which it may read further than the end.
func NewReader(src io.Reader) *Reader {
	return &Reader{bits: bits{src: src, buf: make([]byte, readSize)}}
}

// Read implements io.Reader. What a block held is given before its checksum is
// known; a wrong one is the error of a later call.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.err == nil {
		if n := r.give(p); n > 0 {
			return n, nil
		}
		r.err = r.next()
	}
	return 0, r.err
}

// next checks the block that was given and reads another one.
func (r *Reader) next() error {
	if r.crc != r.want {
		return errChecksum
	}
	if !r.inStream {
		if err := r.stream(); err != nil {
			return err
		}
	}
	magic, ok := r.bits.take(48)
	if !ok {
		return r.bits.short()
	}
	switch magic {
	case blockMagic:
		if err := r.block(); err != nil {
			return err
		}
		r.sum = mathbits.RotateLeft32(r.sum, 1) ^ r.want
		return nil
	case endMagic:
		sum, ok := r.bits.take(32)
		if !ok {
			return r.bits.short()
		}
		if uint32(sum) != r.sum {
			return errChecksum
		}
		r.bits.align()
		r.inStream, r.crc, r.want = false, 0, 0
		return nil
	}
	return errMagic
}

// stream reads the head of a stream; io.EOF is the end of the last one.
func (r *Reader) stream() error {
	if !r.bits.more() {
		if r.tt != nil && (r.bits.err == nil || r.bits.err == io.EOF) {
			return io.EOF
		}
		return r.bits.short()
	}
	head, ok := r.bits.take(32)
	if !ok {
		return r.bits.short()
	}
	level := int(head&0xff) - '0'
	if head>>8 != streamMagic || level < 1 || level > 9 {
		return errMagic
	}
	if size := level * blockUnit; cap(r.tt) < size {
		r.tt = make([]uint32, size)
	} else {
		r.tt = r.tt[:size]
	}
	r.inStream, r.sum = true, 0
	return nil
}

// give writes what is left of the block into p. Four equal values in a row are
// followed by how often that value comes again.
func (r *Reader) give(p []byte) (n int) {
	for n < len(p) && (r.left > 0 || r.repeat > 0) {
		if r.repeat > 0 {
			k := min(r.repeat, len(p)-n)
			for i := range p[n : n+k] {
				p[n+i] = r.last
			}
			n += k
			r.repeat -= k
			continue
		}
		n += r.walk(p[n:])
		if r.same == 4 && r.left > 0 {
			e := r.tt[r.at]
			r.repeat, r.same = int(byte(e)), 0
			r.at = e >> 8
			r.left--
		}
	}
	r.update(p[:n])
	return n
}

// walk writes values into p until it is full, the block ends or four of them
// were equal. Nearly all time is spent here, waiting for memory: the loop has no
// branch that cannot be foreseen.
func (r *Reader) walk(p []byte) int {
	tt, at, same, last := r.tt, r.at, r.same, r.last
	p = p[:min(len(p), r.left)]
	n := 0
	for n < len(p) && same < 4 {
		e := tt[at]
		at = e >> 8
		v := byte(e)
		more := same + 1
		if v != last {
			more = 1
		}
		same, last = more, v
		p[n] = v
		n++
	}
	r.at, r.same, r.last = at, same, last
	r.left -= n
	return n
}

// update adds p to the checksum of the block. bzip2's is that of IEEE with all bits the other
// way round, and that one is computed by the processor.
func (r *Reader) update(p []byte) {
	crc := mathbits.Reverse32(r.crc)
	for len(p) > 0 {
		n := min(len(p), len(r.turned))
		for i, v := range p[:n] {
			r.turned[i] = mathbits.Reverse8(v)
		}
		crc = crc32.Update(crc, crc32.IEEETable, r.turned[:n])
		p = p[n:]
	}
	r.crc = mathbits.Reverse32(crc)
}
