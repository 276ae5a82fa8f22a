package wire

import (
	"encoding/binary"

	"detour/route"
)

func (b *FrameBuilder) putWideTime(t route.Time) {
	b.wideTimes = binary.LittleEndian.AppendUint64(b.wideTimes, uint64(t))
	b.size += 8
}

// putRare writes what few updates have. The row of u stands already.
func (b *FrameBuilder) putRare(u *route.Update, announced, withdrawn []route.NLRI) {
	before := len(b.otc) + len(b.segmented) + len(b.segments) + len(b.pathID)
	if u.Flags&route.FlagHasOTC != 0 {
		b.otc = binary.AppendUvarint(b.otc, uint64(u.OTC))
	}
	if u.Flags&route.FlagPathIDs != 0 {
		b.pathID = appendPathIDs(appendPathIDs(b.pathID, announced), withdrawn)
	}
	if len(u.Path.Segments) != 0 {
		at := b.Updates() - 1
		b.segmented = binary.AppendUvarint(b.segmented, uint64(at-b.segmentedBefore))
		b.segmentedBefore = at + 1
		for _, s := range u.Path.Segments {
			b.segments = binary.AppendUvarint(b.segments, uint64(s.Count)<<3|uint64(s.Type))
		}
	}
	b.size += len(b.otc) + len(b.segmented) + len(b.segments) + len(b.pathID) - before
}

func appendPathIDs(b []byte, ns []route.NLRI) []byte {
	for i := range ns {
		b = binary.LittleEndian.AppendUint32(b, ns[i].PathID)
	}
	return b
}
