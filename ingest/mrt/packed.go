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

// uncounted is what the length of a packed record leaves out: view and
// sequence.
const uncounted = 4

// fillsPacked reports whether entries fill b, which starts with view and
// sequence, exactly. Every entry is paid from budget.
func fillsPacked(t layout, b []byte, budget *int) bool {
	n := uncounted
	for n < len(b) {
		size := tableEntryLen(t, b[n:])
		if *budget--; size == 0 || *budget < 0 {
			return false
		}
		n += size
	}
	return n == len(b)
}

// startPacked reports whether the current record holds several entries that
// fill it exactly, and if so starts the walk over them.
func (r *Reader) startPacked(t layout) bool {
	total := headerLen + int(r.head.length)
	whole := r.w.need(total + uncounted)
	r.body = r.w.buf[r.w.pos+headerLen : r.w.pos+total]
	if !whole {
		return false
	}
	all := r.w.buf[r.w.pos+headerLen : r.w.pos+total+uncounted]
	budget := resyncEntriesAllowed
	if !fillsPacked(t, all, &budget) {
		return false
	}
	r.body = all
	r.consume = total + uncounted
	r.packed = packed{layout: t, rest: all[uncounted:]}
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
