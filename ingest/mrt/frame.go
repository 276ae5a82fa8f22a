package mrt

import (
	"encoding/binary"
	"io"
)

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// frame makes the next whole record current. It returns io.EOF at the end.
func (r *Reader) frame() error {
	for {
		r.w.pos += r.consume
		r.consume = 0
		if r.search && !r.resync() {
			return r.end()
		}
		if !r.w.need(headerLen) {
			return r.end()
		}
		r.head = r.w.header(0)
		r.at = r.w.offset()
		r.body = nil
		if reason, ok := r.believable(); !ok {
			r.bad(reason, nil, nil)
			r.searchAt(1)
			continue
		}
		total := headerLen + int(r.head.length)
		if !r.w.need(total) {
			if r.w.err != io.EOF {
				return r.fail()
			}
			r.cut = true
			r.searchAt(1)
			continue
		}
		r.body = r.w.buf[r.w.pos+headerLen : r.w.pos+total]
		r.consume = total
		r.count()
		return nil
	}
}

// believable judges the current header before its length is trusted.
func (r *Reader) believable() (Reason, bool) {
	if r.head.length > r.head.limit() {
		return ReasonLength, false
	}
	if !r.head.registered() && !r.follows(headerLen+int(r.head.length)) {
		return ReasonType, false
	}
	return 0, true
}

func (r *Reader) count() {
	r.report.Records++
	r.report.byType[typeSlot(r.head.typ, r.head.subtype)]++
	if r.report.Records == 1 {
		r.report.FirstTime = int64(r.head.seconds)
	}
	r.report.LastTime = int64(r.head.seconds)
}

// end accounts for what stands behind the last whole record.
func (r *Reader) end() error {
	if r.w.err != nil && r.w.err != io.EOF {
		return r.fail()
	}
	if !r.ended {
		r.ended = true
		from := r.w.offset()
		if r.search {
			from = r.searchFrom
		}
		r.report.TailBytes = r.w.base + int64(r.w.end) - from
		r.w.pos, r.search = r.w.end, false
	}
	return io.EOF
}

// follows reports whether a header that looks real, or the end of the input,
// stands n bytes behind the current one. It may move the window: slices of it
// are void afterwards, except r.body.
func (r *Reader) follows(n int) bool {
	whole := r.w.need(n + headerLen)
	if r.body != nil {
		r.body = r.w.buf[r.w.pos+headerLen : r.w.pos+headerLen+int(r.head.length)]
	}
	if !whole {
		return r.w.err == io.EOF && len(r.w.avail()) >= n
	}
	h := r.w.header(n)
	return h.registered() && h.length <= h.limit() && near(h.seconds, r.head.seconds)
}

// near reports whether two record times lie within a day.
func near(a, b uint32) bool {
	d := int64(a) - int64(b)
	return -secondsOfPlausible <= d && d <= secondsOfPlausible
}

// distrust decides, after the content of the current record did not fit its
// length, whether the length is to be believed. If no header stands where the
// record ends, or a whole record stands where its content ends, the next one is
// searched from resume bytes behind this header on.
func (r *Reader) distrust(resume int) {
	believe := r.follows(headerLen + int(r.head.length))
	budget := resyncEntriesAllowed
	if believe && resume > 1 && resume+headerLen <= headerLen+int(r.head.length) {
		believe = !r.consistent(resume, &budget)
		r.body = r.w.buf[r.w.pos+headerLen : r.w.pos+headerLen+int(r.head.length)]
	}
	if !believe {
		r.searchAt(resume)
	}
}

// searchAt makes the next frame start with a search, from bytes behind the
// current header.
func (r *Reader) searchAt(from int) {
	r.consume = from
	r.search = true
	r.searchFrom = r.at
	if from > 1 { // what stands before was used
		r.searchFrom += int64(from)
	}
}
