package wire

import (
	"encoding/binary"

	"detour/route"
)

// Updates returns a reader of the frame's updates, valid until the next Decode.
func (f *Frame) Updates() UpdateReader {
	return UpdateReader{rows: rowReader{frame: f}, number: f.baseNumber}
}

// UpdateReader yields the updates of a frame. Keep it outside of the loop: as a
// loop variable it would be copied for each update.
type UpdateReader struct {
	rows   rowReader
	number uint64

	// Where the update's part of the shared columns begins.
	path, communities, large, prefix, wideTime, otc, segmented, segments int
}

// Next sets u to the next update and reports whether there was one. MPAnnounced,
// MPWithdrawn and what a frame does not carry are zero. All slices of u become
// views of the frame's memory: they live until its next Decode and must not be
// written to.
func (r *UpdateReader) Next(u *route.Update) bool {
	f, i := r.rows.frame, r.rows.done
	if i >= f.updates {
		return false
	}
	row := f.rows[rowLen*i:][:rowLen]
	w, times := binary.LittleEndian.Uint64(row), binary.LittleEndian.Uint64(row[8:])
	head, number, asns, comms, large := w&0xffff, w>>16&0xff, w>>24&0xff, w>>32&0xff, w>>40&0xff
	announced, withdrawn := w>>48&0xff, w>>56
	if w&wideBits != 0 {
		v := r.rows.next()
		head, number, asns, comms, large, announced, withdrawn = v[0], v[1], v[2], v[3], v[4], v[5], v[6]
	} else {
		r.rows.done++
	}
	r.number += number
	u.Number = r.number
	h := &f.heads[head]
	u.Kind, u.Flags, u.Origin, u.Peer = h.kind, h.flags, h.origin, h.peer
	setHop(&u.NextHop, &h.nextHop)
	setHop(&u.MPNextHop, &h.mpNextHop)
	clearUncarried(u)

	lo, hi := r.path, r.path+int(asns)
	r.path = hi
	path := f.asns[lo:hi:hi]
	lo, hi = r.communities, r.communities+4*int(comms)
	r.communities = hi
	communities := f.communities[lo:hi:hi]
	lo, hi = r.prefix, r.prefix+int(announced)
	end := hi + int(withdrawn)
	r.prefix = end
	ann, wd := f.prefixes[lo:hi:hi], f.prefixes[hi:end:end]
	u.Path.Segments, u.LargeCommunities = nil, nil
	u.Path.ASNs, u.Communities, u.Announced, u.Withdrawn = path, communities, ann, wd
	if large != 0 {
		lo, hi = r.large, r.large+12*int(large)
		r.large = hi
		u.LargeCommunities = f.fields[frmLarge].b[lo:hi:hi]
	}
	// What may need a call comes last, so that little has to be kept across it.
	e, c := int64(int32(times)), int64(times)>>32
	u.Engine, u.Collected = f.Base+route.Time(e), f.Base+route.Time(e+c)
	if e < minOffset || c < minOffset {
		u.Engine, u.Collected = r.wideTimes(e, c)
	}
	if u.Flags&route.FlagHasOTC != 0 || len(f.segmented) != 0 {
		r.rare(u, i)
	}
	return true
}

// setHop copies a next hop. Octets beyond Len are zero in both, so that of two
// short ones eight octets are enough.
func setHop(dst, src *route.NextHop) {
	if dst.Len|src.Len <= 8 {
		*(*[8]byte)(dst.Bytes[:]) = *(*[8]byte)(src.Bytes[:])
		dst.Len = src.Len
		return
	}
	*dst = *src
}

// clearUncarried zeroes what a frame does not carry, or few updates have.
func clearUncarried(u *route.Update) {
	u.MED, u.LocalPref, u.OTC, u.AggregatorASN, u.AggregatorAddr = 0, 0, 0, 0, [4]byte{}
	u.MPAnnounced, u.MPWithdrawn = 0, 0
}

// wideTimes returns the times of an update of which one has no offset. e and c
// are its entries.
func (r *UpdateReader) wideTimes(e, c int64) (engine, collected route.Time) {
	engine = r.rows.frame.Base + route.Time(e)
	if e == timeWide {
		engine = r.wide(engine)
	}
	switch c {
	case timeUnknown:
		return engine, 0
	case timeWide:
		return engine, r.wide(engine + timeWide)
	}
	return engine, engine + route.Time(c)
}

// wide returns the next of the wide times, near where the frame has none.
func (r *UpdateReader) wide(near route.Time) route.Time {
	b := r.rows.frame.fields[frmWideTimes].b
	if len(b) == 0 {
		return near
	}
	t := route.Time(binary.LittleEndian.Uint64(b[8*r.wideTime:]))
	r.wideTime++
	return t
}

// rare sets what few updates have.
func (r *UpdateReader) rare(u *route.Update, i int) {
	f := r.rows.frame
	if u.Flags&route.FlagHasOTC != 0 {
		u.OTC = f.otc[r.otc]
		r.otc++
	}
	if at := f.segmented; r.segmented < len(at) && at[r.segmented] == i {
		r.segmented++
		lo := r.segments
		r.segments += cover(f.segments[lo:], uint64(len(u.Path.ASNs)))
		u.Path.Segments = f.segments[lo:r.segments:r.segments]
	}
}
