package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"detour/route"
)

// check reads the columns and holds them against each other, so that no reader
// can leave them.
func (f *Frame) check() error {
	if err := f.readLanes(); err != nil {
		return err
	}
	f.layRows()
	if err := f.checkPeers(); err != nil {
		return err
	}
	if err := f.readTimes(); err != nil {
		return err
	}
	if err := f.checkRare(); err != nil {
		return err
	}
	f.readPaths()
	f.communities = f.fields[frmCommunities].b
	return f.readPrefixes()
}

// readLanes reads the columns of small values. Places must lie in their lists,
// and counts cover what they count.
func (f *Frame) readLanes() error {
	f.updates = countVarints(f.fields[frmHead].b)
	if len(f.zeros) < 4*f.updates {
		f.zeros = make([]byte, max(4*f.updates, 2048))
	}
	if f.updates > 0 && len(f.heads) == 0 {
		return errIndex
	}
	var sums [lanes]uint64
	for k := range sums {
		mask, limit := uint64(math.MaxUint32), uint64(math.MaxUint64)
		switch k {
		case laneHead:
			limit = uint64(len(f.heads) - 1)
		case lanePeer:
			limit = uint64(len(f.ids))
		case laneNumber:
			mask = math.MaxUint64
		}
		var err error
		if sums[k], err = f.lanes[k].read(f.fields[frmHead+k].b, f.updates, mask, limit, f.zeros); err != nil {
			return fmt.Errorf("column %d: %w", frmHead+k, err)
		}
	}
	if 4*sums[lanePathLength] != uint64(len(f.fields[frmPath].b)) ||
		4*sums[laneCommunityCount] != uint64(len(f.fields[frmCommunities].b)) ||
		12*sums[laneLargeCount] != uint64(len(f.fields[frmLarge].b)) ||
		sums[laneAnnounced]+sums[laneWithdrawn] != uint64(len(f.fields[frmPrefixLength].b)) {
		return errColumn
	}
	return nil
}

// layRows transposes the lanes into rows.
func (f *Frame) layRows() {
	n := f.updates
	f.rows = slices.Grow(f.rows[:0], n+7)[:(n+7)&^7]
	l := &f.lanes
	for i := 0; i < n; i += 8 {
		out := (*[8]uint64)(f.rows[i:])
		out[0], out[1], out[2], out[3], out[4], out[5], out[6], out[7] = transpose(
			l[0].load(i), l[1].load(i), l[2].load(i), l[3].load(i),
			l[4].load(i), l[5].load(i), l[6].load(i), l[7].load(i))
	}
	f.wide = f.wide[:0]
	for k := range f.lanes {
		if len(f.lanes[k].wide) != 0 {
			f.orderWide()
			return
		}
	}
}

// orderWide puts the wide values of all lanes in the order of the rows.
func (f *Frame) orderWide() {
	var at [lanes]int
	for _, w := range f.rows[:f.updates] {
		for k := range at {
			if w>>(8*k)&wideLane != 0 {
				f.wide = append(f.wide, f.lanes[k].wide[at[k]])
				at[k]++
			}
		}
	}
}

// checkPeers wants a peer with every update that is no event.
func (f *Frame) checkPeers() error {
	if bytes.IndexByte(f.lanes[lanePeer].octets, 0) < 0 {
		return nil
	}
	r := rowReader{frame: f}
	for i := range f.updates {
		if v := r.next(); v[lanePeer] == 0 && f.heads[v[laneHead]].kind == route.KindUpdate {
			return fmt.Errorf("update %d: %w", i, errNoPeer)
		}
	}
	return nil
}

// readTimes wants as many wide times as entries that stand for one.
func (f *Frame) readTimes() error {
	left := len(f.fields[frmWideTimes].b) / 8
	for _, c := range [2]struct {
		num int
		to  *[]byte
	}{{frmEngine, &f.engine}, {frmCollected, &f.collected}} {
		b := f.fields[c.num].b
		if *c.to = b; len(b) == 0 {
			*c.to = f.zeros[:4*f.updates]
		}
		if len(*c.to) != 4*f.updates {
			return errColumn
		}
		for ; len(f.fields[frmWideTimes].b) != 0 && len(b) > 0; b = b[4:] {
			if int32(binary.LittleEndian.Uint32(b)) == timeWide {
				left--
			}
		}
	}
	if left != 0 {
		return errColumn
	}
	return nil
}

// readPaths copies the ASNs out of the octets.
func (f *Frame) readPaths() {
	b := f.fields[frmPath].b
	f.asns = slices.Grow(f.asns[:0], len(b)/4)[:len(b)/4]
	out := f.asns
	for ; len(b) >= 16 && len(out) >= 4; b, out = b[16:], out[4:] {
		out[0] = route.ASN(binary.LittleEndian.Uint32(b))
		out[1] = route.ASN(binary.LittleEndian.Uint32(b[4:]))
		out[2] = route.ASN(binary.LittleEndian.Uint32(b[8:]))
		out[3] = route.ASN(binary.LittleEndian.Uint32(b[12:]))
	}
	for k := range out {
		out[k] = route.ASN(binary.LittleEndian.Uint32(b[4*k:]))
	}
}
