package wire

import (
	"encoding/binary"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// readRows reads the small values of all updates. Heads must lie in their list,
// and counts cover what they count.
func (f *Frame) readRows() error {
	f.rows = f.fields[frmRows].b
	if len(f.fields[frmShortRows].b) != 0 && !f.expandRows() || len(f.rows)%rowLen != 0 {
		return errColumn
	}
	f.updates = len(f.rows) / rowLen
	f.wide = f.wide[:0]
	sums, plain := f.sumRows()
	if !plain || len(f.fields[frmWide].b) != 0 {
		if err := f.readWide(&sums); err != nil {
			return err
		}
	}
	if 4*sums[lanePathLength] != uint64(len(f.fields[frmPath].b)) ||
		4*sums[laneCommunityCount] != uint64(len(f.fields[frmCommunities].b)) ||
		12*sums[laneLargeCount] != uint64(len(f.fields[frmLarge].b)) ||
		4*(sums[laneAnnounced]+sums[laneWithdrawn]) != uint64(len(f.fields[frmPrefix].b)) {
		return errColumn
	}
	return nil
}

// expandRows makes rows of short ones, which lack the collector's time.
func (f *Frame) expandRows() bool {
	b := f.fields[frmShortRows].b
	if len(f.rows) != 0 || len(b)%shortRowLen != 0 {
		return false
	}
	n := len(b) / shortRowLen * rowLen
	f.fullRows = slices.Grow(f.fullRows[:0], n)[:n]
	for out := f.fullRows; len(b) >= shortRowLen && len(out) >= rowLen; b, out = b[shortRowLen:], out[rowLen:] {
		binary.LittleEndian.PutUint64(out, binary.LittleEndian.Uint64(b))
		binary.LittleEndian.PutUint64(out[8:], uint64(binary.LittleEndian.Uint32(b[8:])))
	}
	f.rows = f.fullRows
	return true
}

// halves takes every other octet of a word, with room above each to add some
// hundreds of them.
const halves = 0x00ff00ff00ff00ff

// sumRows returns the sums of what stands in the rows, and whether all of them
// are plain: of a head that there is, and without a wide value.
func (f *Frame) sumRows() (sums [lanes]uint64, plain bool) {
	var over uint64
	lift := f.headLift()
	for rows := f.rows; len(rows) > 0; {
		some := rows[:min(len(rows), 256*rowLen)]
		rows = rows[len(some):]
		var even, odd uint64
		for ; len(some) >= rowLen; some = some[rowLen:] {
			w := binary.LittleEndian.Uint64(some)
			over |= w | (w&0xffff + lift)
			even += w & (halves &^ 0xff)
			odd += w >> 8 & (halves &^ 0xff)
		}
		for k := 1; k < lanes; k += 2 {
			sums[k] += even >> (8 * (k + 1)) & 0xffff
			sums[k+1] += odd >> (8 * (k + 1)) & 0xffff
		}
	}
	return sums, over&wideBits == 0
}

// headLift returns what lifts a place beyond the heads to wideHead.
func (f *Frame) headLift() uint64 { return wideHead - min(uint64(len(f.heads)), wideHead) }

// readWide checks the rows that are not plain and adds their wide values to
// sums.
func (f *Frame) readWide(sums *[lanes]uint64) error {
	for b := f.fields[frmWide].b; len(b) > 0; {
		v, size := protowire.ConsumeVarint(b)
		if size < 0 {
			return errTruncated
		}
		f.wide, b = append(f.wide, v), b[size:]
	}
	left, lift := f.wide, f.headLift()
	for rows := f.rows; len(rows) >= rowLen; rows = rows[rowLen:] {
		w := binary.LittleEndian.Uint64(rows)
		if (w|(w&0xffff+lift))&wideBits == 0 {
			continue
		}
		v := lanesOf(w)
		for k := range v {
			if !isWide(k, v[k]) {
				continue
			}
			if len(left) == 0 {
				return errColumn
			}
			if k != laneNumber && left[0] > math.MaxUint32 {
				return errIndex
			}
			sums[k] += left[0] - v[k]
			v[k], left = left[0], left[1:]
		}
		if v[laneHead] >= uint64(len(f.heads)) {
			return errIndex
		}
	}
	if len(left) != 0 {
		return errColumn
	}
	return nil
}

// rowReader reads the small values of a frame that has been decoded.
type rowReader struct {
	frame *Frame
	done  int
	wide  int // of Frame.wide
}

// next returns the values of the next row.
func (r *rowReader) next() (v [lanes]uint64) {
	w := binary.LittleEndian.Uint64(r.frame.rows[rowLen*r.done:])
	r.done++
	v = lanesOf(w)
	if w&wideBits != 0 {
		for k := range v {
			if isWide(k, v[k]) {
				v[k] = r.frame.wide[r.wide]
				r.wide++
			}
		}
	}
	return v
}

// head returns the head of the next row.
func (r *rowReader) head() *head {
	w := binary.LittleEndian.Uint64(r.frame.rows[rowLen*r.done:])
	if w&wideBits != 0 {
		return &r.frame.heads[r.next()[laneHead]]
	}
	r.done++
	return &r.frame.heads[w&0xffff]
}
