package wire

import (
	"encoding/binary"
	"math/bits"

	"detour/route"
)

// putWide returns the word of small values of which at least one is too large.
func (b *FrameBuilder) putWide(v [lanes]uint64) (w uint64) {
	for k, c := range v {
		limit, shift := uint64(wideLane), 8*(k+1)
		if k == laneHead {
			limit, shift = wideHead, 0
		}
		if c >= limit {
			b.wide = binary.AppendUvarint(b.wide, c)
			b.size += 1 + (bits.Len64(c)-1)/7
			c = limit
		}
		w |= c << shift
	}
	return w
}

// putTimes returns the entries for times of which one has no offset. e and c
// are engine time from the base, the collector's from engine time.
func (b *FrameBuilder) putTimes(engine, collected route.Time, e, c int64) (int64, int64) {
	if e < minOffset || e > maxOffset {
		e = timeWide
		b.putWideTime(engine)
	}
	if collected == 0 {
		return e, timeUnknown
	}
	if c < minOffset || c > maxOffset {
		c = timeWide
		b.putWideTime(collected)
	}
	return e, c
}
