package wire

import (
	"encoding/binary"
	"math"

	"detour/route"
)

// EngineTimes returns the least and the greatest engine time of f's updates, the
// end of a log (the greatest time that there is) apart, and whether the frame has
// an update. Both ends are what is asked before an update is applied: nobody has
// to take an ingester's word for what time it is.
func (f *Frame) EngineTimes() (least, greatest route.Time, ok bool) {
	if len(f.fields[frmWideTimes].b) != 0 || f.Base < 0 || f.Base > math.MaxInt64/2 {
		return f.anyEngineTimes()
	}
	low, high := int32(math.MaxInt32), int32(math.MinInt32)
	for b := f.rows; len(b) >= rowLen; b = b[rowLen:] {
		e := int32(binary.LittleEndian.Uint32(b[8:]))
		low, high = min(low, e), max(high, e)
	}
	if f.updates == 0 {
		return math.MaxInt64, math.MinInt64, false
	}
	return f.Base + route.Time(low), f.Base + route.Time(high), true
}

// anyEngineTimes is EngineTimes where not all of them are near a base time of our
// days.
func (f *Frame) anyEngineTimes() (least, greatest route.Time, ok bool) {
	least, greatest = math.MaxInt64, math.MinInt64
	r := UpdateReader{rows: rowReader{frame: f}}
	for b := f.rows; len(b) >= rowLen; b = b[rowLen:] {
		times := binary.LittleEndian.Uint64(b[8:])
		e, c := int64(int32(times)), int64(times)>>32
		t := f.Base + route.Time(e)
		if e < minOffset || c < minOffset {
			t, _ = r.wideTimes(e, c)
		}
		if least = min(least, t); t != math.MaxInt64 {
			greatest = max(greatest, t)
		}
	}
	return least, greatest, f.updates > 0
}
