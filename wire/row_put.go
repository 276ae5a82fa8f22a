package wire

import (
	"encoding/binary"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"
)

// row holds an update's entries in the columns that have one for each update,
// until Bytes lays them out.
type row struct {
	small uint64 // the lanes
	times uint64 // engine time, the collector's in the upper half
}

// putWide returns the lanes of values of which at least one takes more than an
// octet.
func (b *FrameBuilder) putWide(v [lanes]uint64) (small uint64) {
	for k, c := range v {
		if c >= 0x80 {
			b.wide[k] = append(b.wide[k], c)
			b.size += (bits.Len64(c) - 1) / 7
			c = wideLane
		}
		small |= c << (8 * k)
	}
	return small
}

// widen takes note of bits that no row has had and counts what a row takes now.
// A column whose entries are all zero is left out, but for that of heads.
func (b *FrameBuilder) widen(r row) {
	b.any.small |= r.small
	b.any.times |= r.times
	small := b.any.small | 1
	small |= small&^highBits + 0x7f*ones
	b.perRow = bits.OnesCount64(small & highBits)
	if uint32(b.any.times) != 0 {
		b.perRow += 4
	}
	if b.any.times>>32 != 0 {
		b.perRow += 4
	}
}

// appendRows appends the columns of the rows.
func (b *FrameBuilder) appendRows(p []byte) []byte {
	n := len(b.rows)
	if n == 0 {
		return p
	}
	stride := b.layLanes()
	for k := range lanes {
		lane := b.lanes[k*stride : k*stride+n]
		switch {
		case b.any.small>>(8*k)&0xff == 0 && k != laneHead:
		case len(b.wide[k]) != 0:
			p = b.appendWideLane(p, lane, k)
		default:
			p = appendBytes(p, frmHead+protowire.Number(k), lane)
		}
	}
	if uint32(b.any.times) != 0 {
		p = b.appendTimes(p, frmEngine, 0)
	}
	if b.any.times>>32 != 0 {
		p = b.appendTimes(p, frmCollected, 32)
	}
	return p
}

// layLanes transposes the rows into b.lanes and returns the distance between
// the lanes.
func (b *FrameBuilder) layLanes() (stride int) {
	n := len(b.rows)
	stride = (n + 7) &^ 7
	b.lanes = extend(b.lanes[:0], lanes*stride)
	b.rows = append(b.rows, row{}, row{}, row{}, row{}, row{}, row{}, row{})
	full := b.rows[:stride]
	b.rows = b.rows[:n]
	for i := 0; i+8 <= len(full); i += 8 {
		r := (*[8]row)(full[i:])
		c0, c1, c2, c3, c4, c5, c6, c7 := transpose(r[0].small, r[1].small, r[2].small, r[3].small,
			r[4].small, r[5].small, r[6].small, r[7].small)
		for k, c := range [8]uint64{c0, c1, c2, c3, c4, c5, c6, c7} {
			binary.LittleEndian.PutUint64(b.lanes[k*stride+i:], c)
		}
	}
	return stride
}

// appendWideLane appends a column of which some values take more octets.
func (b *FrameBuilder) appendWideLane(p, lane []byte, k int) []byte {
	p, at := openField(p, frmHead+protowire.Number(k))
	wide := b.wide[k]
	for _, c := range lane {
		if c == wideLane {
			p = binary.AppendUvarint(p, wide[0])
			wide = wide[1:]
			continue
		}
		p = append(p, c)
	}
	return closeField(p, at)
}

func (b *FrameBuilder) appendTimes(p []byte, num protowire.Number, shift uint) []byte {
	p = appendLen(p, num, 4*len(b.rows))
	at := len(p)
	p = extend(p, 4*len(b.rows))
	q, rows := p[at:], b.rows
	shift &= 63
	for ; len(rows) >= 4 && len(q) >= 16; rows, q = rows[4:], q[16:] {
		binary.LittleEndian.PutUint64(q, uint64(uint32(rows[0].times>>shift))|rows[1].times>>shift<<32)
		binary.LittleEndian.PutUint64(q[8:], uint64(uint32(rows[2].times>>shift))|rows[3].times>>shift<<32)
	}
	for i := range rows {
		binary.LittleEndian.PutUint32(q[4*i:], uint32(rows[i].times>>shift))
	}
	return p
}
