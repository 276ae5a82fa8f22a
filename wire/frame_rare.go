package wire

import (
	"google.golang.org/protobuf/encoding/protowire"

	"detour/route"
)

// checkRare reads what few updates have: segments and OTC.
func (f *Frame) checkRare() error {
	f.otc, f.segmented, f.segments = f.otc[:0], f.segmented[:0], f.segments[:0]
	if f.flags&route.FlagHasOTC != 0 || len(f.fields[frmOTC].b) != 0 {
		if err := f.readOTC(); err != nil {
			return err
		}
	}
	if len(f.fields[frmSegmented].b)+len(f.fields[frmSegments].b) == 0 {
		return nil
	}
	return f.checkSegments()
}

// readOTC wants a value for each update that has FlagHasOTC.
func (f *Frame) readOTC() error {
	for b := f.fields[frmOTC].b; len(b) > 0; {
		v, size := protowire.ConsumeVarint(b)
		if size < 0 {
			return errTruncated
		}
		f.otc, b = append(f.otc, route.ASN(v)), b[size:]
	}
	left, r := len(f.otc), rowReader{frame: f}
	for range f.updates {
		if r.head().flags&route.FlagHasOTC != 0 {
			left--
		}
	}
	if left != 0 {
		return errColumn
	}
	return nil
}

// checkSegments wants segments that cover the paths of the updates which
// frmSegmented names: each entry is how many updates stand between one and the
// one before it.
func (f *Frame) checkSegments() error {
	if err := f.readSegments(); err != nil {
		return err
	}
	segs, r, at := f.segments, rowReader{frame: f}, 0
	for b := f.fields[frmSegmented].b; len(b) > 0; at++ {
		skip, size := protowire.ConsumeVarint(b)
		if size < 0 {
			return errTruncated
		}
		b = b[size:]
		if uint32(skip) >= uint32(f.updates-at) {
			return errIndex
		}
		at += int(uint32(skip))
		for range uint32(skip) {
			r.next()
		}
		k := cover(segs, r.next()[lanePathLength])
		if k == 0 {
			return errSegments
		}
		f.segmented, segs = append(f.segmented, at), segs[k:]
	}
	if len(segs) != 0 {
		return errSegments
	}
	return nil
}

// cover returns how many of segs cover a path of n ASNs, 0 if they do not.
func cover(segs []route.Segment, n uint64) int {
	for k := range segs {
		c := uint64(segs[k].Count)
		if c >= n {
			if c > n {
				return 0
			}
			return k + 1
		}
		n -= c
	}
	return 0
}

func (f *Frame) readSegments() error {
	for b := f.fields[frmSegments].b; len(b) > 0; {
		v, l := protowire.ConsumeVarint(b)
		if l < 0 {
			return errTruncated
		}
		b = b[l:]
		v = uint64(uint32(v))
		t, c := route.SegmentType(v&7), v>>3
		if t < route.ASSet || t > route.ASConfedSet || c == 0 || c > 0xffff {
			return errSegments
		}
		f.segments = append(f.segments, route.Segment{Type: t, Count: uint16(c)})
	}
	return nil
}
