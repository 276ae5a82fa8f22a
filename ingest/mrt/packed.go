package mrt

// packed walks the entries of a TABLE_DUMP record that holds more than one. RIS
// wrote its first dumps (January 2000) so: view and sequence once, then entry
// after entry, and a length that leaves view and sequence out.
type packed struct {
	layout layout
	rest   []byte
}

// tableEntryLen returns the length of the entry at the front of b, 0 when b
// does not hold it.
func tableEntryLen(t layout, b []byte) int {
	fixed := t.fixed - 4
	if len(b) < fixed || int(b[t.addr]) > t.addr*8 {
		return 0
	}
	n := fixed + int(be16(b[fixed-2:]))
	if n > len(b) {
		return 0
	}
	return n
}

// startPacked reports whether the current record holds several entries that
// fill it exactly, and if so starts the walk over them.
func (r *Reader) startPacked(t layout) bool {
	const uncounted = 4 // view and sequence
	total := headerLen + int(r.head.length)
	whole := r.w.need(total + uncounted)
	r.body = r.w.buf[r.w.pos+headerLen : r.w.pos+total]
	if !whole {
		return false
	}
	all := r.w.buf[r.w.pos+headerLen : r.w.pos+total+uncounted]
	n := 4
	for n < len(all) {
		size := tableEntryLen(t, all[n:])
		if size == 0 {
			return false
		}
		n += size
	}
	r.body = all
	r.consume = total + uncounted
	r.packed = packed{layout: t, rest: all[4:]}
	r.report.Packed++
	r.good()
	return true
}

// nextPacked reads the next entry of the walk and reports whether rec was
// filled.
func (r *Reader) nextPacked(rec *Record) bool {
	p := &r.packed
	n := tableEntryLen(p.layout, p.rest)
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return r.tableEntry(rec, p.layout, b)
}
