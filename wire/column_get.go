package wire

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// gathered is a repeated field, or the last occurrence of a bytes field. What
// our own encoder writes is one piece, and b its view. Other encoders may write
// several pieces, or an element by itself: their payloads stand one behind the
// other in joined, which is what one piece would have held.
type gathered struct {
	b      []byte
	joined []byte
}

func (g *gathered) reset() { g.b, g.joined = nil, g.joined[:0] }

// add takes a further piece, which must hold whole elements: of width octets
// each, or varints where that is 0.
func (g *gathered) add(p []byte, width int) bool {
	switch {
	case len(p) == 0:
		return true
	case width != 0 && len(p)%width != 0, width == 0 && p[len(p)-1] >= 0x80:
		return false
	case len(g.b) == 0:
		g.b = p
		return true
	case len(g.joined) == 0:
		g.joined = append(g.joined, g.b...)
	}
	g.joined = append(g.joined, p...)
	g.b = g.joined
	return true
}

// lane is a column of varints as octets, an entry each. Values that take more
// than one are wideLane there and stand in wide.
type lane struct {
	octets  []byte
	wide    []uint64
	scratch []byte
}

// read makes l the n varints of b, or n of zeros where b is empty, and returns
// their sum. mask cuts values to their width; none must be above limit then.
func (l *lane) read(b []byte, n int, mask, limit uint64, zeros []byte) (sum uint64, err error) {
	l.octets, l.wide = b, l.wide[:0]
	if len(b) == 0 {
		l.octets = zeros[:n]
		return 0, nil
	}
	sum, ok := sumOctets(b, limit)
	if ok && len(b) == n {
		return sum, nil
	}
	return l.readWide(b, n, mask, limit)
}

func (l *lane) readWide(b []byte, n int, mask, limit uint64) (sum uint64, err error) {
	l.octets = l.scratch[:0]
	for len(b) > 0 {
		v, size := protowire.ConsumeVarint(b)
		if size < 0 {
			return 0, errTruncated
		}
		v, b = v&mask, b[size:]
		if v > limit {
			return 0, errIndex
		}
		sum += v
		if v >= wideLane {
			l.wide = append(l.wide, v)
			v = wideLane
		}
		l.octets = append(l.octets, byte(v))
	}
	l.scratch = l.octets
	if len(l.octets) != n {
		return 0, errColumn
	}
	return sum, nil
}

const (
	evens    = 0x00ff00ff00ff00ff
	sixteens = 0x0001000100010001
)

// sumOctets returns the sum of the octets of b and whether each is a varint of
// one octet and at most limit. It takes eight at a time.
func sumOctets(b []byte, limit uint64) (sum uint64, ok bool) {
	raise := (0x7f - min(limit, 0x7f)) * ones // lifts what is above the limit over 0x7f
	over := uint64(0)
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint64(b)
		over |= w | (w + raise)
		sum += (w&evens + w>>8&evens) * sixteens >> 48
	}
	for _, c := range b {
		over |= uint64(c) | (uint64(c) + raise&0xff)
		sum += uint64(c)
	}
	return sum, over&highBits == 0
}

// countVarints returns how many varints b holds: each ends with an octet below
// 0x80.
func countVarints(b []byte) int {
	n := len(b)
	for ; len(b) >= 8; b = b[8:] {
		if w := binary.LittleEndian.Uint64(b) & highBits; w != 0 {
			n -= int(w >> 7 * ones >> 56)
		}
	}
	for _, c := range b {
		n -= int(c >> 7)
	}
	return n
}

// load returns the eight octets from i on, the first lowest, as far as there
// are any.
func (l *lane) load(i int) uint64 {
	if i+8 <= len(l.octets) {
		return binary.LittleEndian.Uint64(l.octets[i:])
	}
	return loadEnd(l.octets[i:])
}

func loadEnd(b []byte) (w uint64) {
	for k, c := range b {
		w |= uint64(c) << (8 * k)
	}
	return w
}
