package mrt

// resync searches the next header whose record is consistent in itself: known
// type, length within its limit, time within a day of the last good record, and
// a body whose inner lengths fit exactly. It reports false at the end of the
// input.
func (r *Reader) resync() bool {
	budget := resyncEntriesAllowed
	for r.w.need(headerLen) {
		i, found := nextCandidate(r.w.avail())
		r.w.pos += i
		if !found {
			continue
		}
		if r.consistent(0, &budget) {
			r.search = false
			r.resynced()
			return true
		}
		r.w.pos++
	}
	return false
}

// nextCandidate returns the place of the next four bytes that may be a known
// type and subtype, counted from the header they would belong to. Without one
// it returns how much of b need not be looked at again.
func nextCandidate(b []byte) (int, bool) {
	i := 0
	for ; i+headerLen <= len(b); i++ {
		if b[i+4] == 0 && b[i+6] == 0 && b[i+5]-12 <= 5 && b[i+7] <= 12 {
			return i, true
		}
	}
	return i, false
}

func (r *Reader) resynced() {
	if r.cut {
		r.cut = false
		r.report.Bad[ReasonCut].add(r.searchFrom)
	}
	r.report.Resyncs.add(r.searchFrom)
	r.report.ResyncBytes += r.w.offset() - r.searchFrom
}

// consistent judges the record that starts skip bytes into the window, whose
// header must be at hand. Walks of RIB entries are paid from budget, so that no
// input can make the search quadratic.
func (r *Reader) consistent(skip int, budget *int) bool {
	h := r.w.header(skip)
	if !h.known() || h.length > h.limit() || r.hasLast && !near(h.seconds, r.last) {
		return false
	}
	total := skip + headerLen + int(h.length)
	if !r.w.need(total) {
		return false
	}
	b := r.w.buf[r.w.pos+skip+headerLen : r.w.pos+total]
	switch h.typ {
	case TypeBGP4MPET:
		if len(b) < 4 || be32(b) >= 1e6 {
			return false
		}
		return exactBGP4MP(h, b[4:])
	case TypeBGP4MP:
		return exactBGP4MP(h, b)
	case TypeTableDump:
		return exactTableDump(h, b) || r.consistentPacked(skip, h, budget)
	case TypeTableDumpV2:
		return exactTableDumpV2(h, b, budget)
	}
	return false
}

func (r *Reader) consistentPacked(skip int, h header, budget *int) bool {
	total := skip + headerLen + int(h.length) + uncounted
	if h.length < uncounted || !r.w.need(total) {
		return false
	}
	return fillsPacked(tableLayout(h.subtype), r.w.buf[r.w.pos+skip+headerLen:r.w.pos+total], budget)
}

func exactBGP4MP(h header, b []byte) bool {
	if h.stateChange() {
		s, reason := splitState(h, b)
		return reason == reasonNone && s.rest == 0 && s.old <= 8 && s.new <= 8
	}
	if h.subtype == Entry || h.subtype == Snapshot {
		return false
	}
	var m message
	return m.split(h, b) == reasonNone && m.rest == 0
}

func exactTableDump(h header, b []byte) bool {
	t := tableLayout(h.subtype)
	if len(b) < t.fixed {
		return false
	}
	return int(b[4+t.addr]) <= t.addr*8 && t.fixed+int(be16(b[t.fixed-2:])) == len(b)
}

func exactTableDumpV2(h header, b []byte, budget *int) bool {
	if h.subtype == PeerIndexTable {
		_, ok := parsePeers(nil, b)
		return ok
	}
	c, ok := ribCursor(h.subtype, b)
	if !ok || c.left == 0 {
		return false
	}
	for ; c.left > 0; c.left-- {
		if *budget--; *budget < 0 {
			return false
		}
		e, ok := c.entry()
		if !ok {
			return false
		}
		c.rest = c.rest[e.size:]
	}
	return len(c.rest) == 0
}
