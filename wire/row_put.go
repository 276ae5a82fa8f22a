package wire

import (
	"encoding/binary"
	"math/bits"

	"detour/route"
)

// putRow appends what every update has.
func (b *FrameBuilder) putRow(u *route.Update, s *route.Session, announced, withdrawn int) {
	head, number := b.headOf(u, s), u.Number-b.last
	b.last = u.Number
	asns, comms, large := uint64(len(u.Path.ASNs)), uint64(len(u.Communities))/4, uint64(0)
	if len(u.LargeCommunities) != 0 {
		large = uint64(len(u.LargeCommunities)) / 12
	}
	ann, wd := uint64(announced), uint64(withdrawn)
	e, c := int64(u.Engine-b.base), int64(u.Collected-u.Engine)
	if uint64(e-minOffset)|uint64(c-minOffset) > maxOffset-minOffset || u.Collected == 0 {
		e, c = b.putTimes(u.Engine, u.Collected, e, c)
	}
	w := head | number<<16 | asns<<24 | comms<<32 | large<<40 | ann<<48 | wd<<56
	if head>>8|number|asns|comms|large|ann|wd >= wideLane {
		w = b.putWide([lanes]uint64{head, number, asns, comms, large, ann, wd})
	}
	p := b.rows.room(rowLen)
	binary.LittleEndian.PutUint64(p, w)
	binary.LittleEndian.PutUint64(p[8:], uint64(uint32(e))|uint64(c)<<32)
	b.rows.n += rowLen
}

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
