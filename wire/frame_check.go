package wire

import (
	"encoding/binary"
	"fmt"
	"slices"

	"detour/route"
)

// check reads the columns and holds them against each other, so that no reader
// can leave them.
func (f *Frame) check() error {
	if err := f.readHeadSessions(); err != nil {
		return err
	}
	if err := f.readRows(); err != nil {
		return err
	}
	if err := f.checkTimes(); err != nil {
		return err
	}
	if err := f.checkRare(); err != nil {
		return err
	}
	f.readPaths()
	f.communities = f.fields[frmCommunities].b
	return f.readPrefixes()
}

// readHeadSessions gives the heads their sessions, which all but events have.
func (f *Frame) readHeadSessions() error {
	b := f.fields[frmHeadSession].b
	for k := range f.heads {
		place, next := uvarint(b, 0)
		if next == 0 {
			return errColumn
		}
		h := &f.heads[k]
		switch b = b[next:]; {
		case place > uint64(len(f.ids)):
			return errIndex
		case place != 0:
			h.peer = f.ids[place-1]
		case h.kind == route.KindUpdate:
			return fmt.Errorf("head %d: %w", k, errNoPeer)
		default:
			h.peer = route.AllPeers
		}
	}
	if len(b) != 0 {
		return errColumn
	}
	return nil
}

// checkTimes wants as many wide times as entries that stand for one.
func (f *Frame) checkTimes() error {
	left := len(f.fields[frmWideTimes].b) / 8
	if left == 0 {
		return nil
	}
	for b := f.rows; len(b) >= rowLen; b = b[rowLen:] {
		if int32(binary.LittleEndian.Uint32(b[8:])) == timeWide {
			left--
		}
		if int32(binary.LittleEndian.Uint32(b[12:])) == timeWide {
			left--
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
	for ; len(b) >= 32 && len(out) >= 8; b, out = b[32:], out[8:] {
		out[0] = route.ASN(binary.LittleEndian.Uint32(b))
		out[1] = route.ASN(binary.LittleEndian.Uint32(b[4:]))
		out[2] = route.ASN(binary.LittleEndian.Uint32(b[8:]))
		out[3] = route.ASN(binary.LittleEndian.Uint32(b[12:]))
		out[4] = route.ASN(binary.LittleEndian.Uint32(b[16:]))
		out[5] = route.ASN(binary.LittleEndian.Uint32(b[20:]))
		out[6] = route.ASN(binary.LittleEndian.Uint32(b[24:]))
		out[7] = route.ASN(binary.LittleEndian.Uint32(b[28:]))
	}
	for k := range out {
		out[k] = route.ASN(binary.LittleEndian.Uint32(b[4*k:]))
	}
}
