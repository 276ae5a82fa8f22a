package mrt

import (
	"fmt"
	"io"

	"detour/ingest/decode"
	"detour/route"
)

// Reader reads the records of one input. It belongs to one goroutine. In steady
// state it does not allocate; its memory is at most 17 MiB and the peer table.
type Reader struct {
	w      window
	opt    Options
	in     *input // nil when not made by Open
	report Report

	head    header
	at      int64 // offset of the current record
	body    []byte
	consume int // bytes of the window to drop before the next record

	search     bool // the next header has to be searched for,
	searchFrom int64
	cut        bool   // … because a record runs past the end of the input
	last       uint32 // time of the last good record
	hasLast    bool
	ended      bool

	dec     decode.Decoder
	try     decode.Decoder // for second opinions, so that dec's counters stay true
	tryInto route.Update
	peers   []peer
	hasPeer bool // a PEER_INDEX_TABLE was read
	rib     cursor
	packed  packed
}

// NewReader returns a Reader of uncompressed MRT from src. Open reads files.
func NewReader(src io.Reader, o Options) *Reader {
	r := &Reader{w: window{src: src}, opt: o}
	r.report.Name = o.Name
	r.report.Compression = "none"
	return r
}

// Next fills rec with the next update, state change or RIB entry. It returns
// io.EOF at the end of the input, also of a damaged one: what was wrong stands
// in Report. Any other error is an input that cannot be read further.
func (r *Reader) Next(rec *Record) error {
	for {
		if len(r.packed.rest) > 0 {
			if r.nextPacked(rec) {
				return nil
			}
			continue
		}
		if r.rib.active {
			if r.nextEntry(rec) {
				return nil
			}
			continue
		}
		if err := r.frame(); err != nil {
			return err
		}
		if r.dispatch(rec) {
			return nil
		}
	}
}

// dispatch reads the framed record and reports whether rec was filled.
func (r *Reader) dispatch(rec *Record) bool {
	switch r.head.typ {
	case TypeBGP4MP, TypeBGP4MPET:
		return r.bgp4mp(rec)
	case TypeTableDump:
		return r.tableDump(rec)
	case TypeTableDumpV2:
		r.tableDumpV2()
		return false
	}
	r.skip()
	return false
}

// begin sets the fields of rec that every kind has.
func (r *Reader) begin(rec *Record, k Kind) {
	rec.Kind = k
	rec.Type, rec.Subtype = r.head.typ, r.head.subtype
	rec.Offset = r.at
	rec.Time = r.time()
	rec.Originated, rec.Sequence = 0, 0
	rec.OldState, rec.NewState = 0, 0
	rec.Body = r.body
}

// time returns the time of the current record, microseconds included.
func (r *Reader) time() route.Time {
	t := route.Time(r.head.seconds) * route.Second
	if r.head.typ == TypeBGP4MPET && len(r.body) >= 4 {
		t += min(route.Time(be32(r.body)), route.Second-1)
	}
	return t
}

// good notes that the current record was what its header says.
func (r *Reader) good() {
	r.last, r.hasLast = r.head.seconds, true
}

// skip counts the current record as of no use here.
func (r *Reader) skip() { r.report.skipped[typeSlot(r.head.typ, r.head.subtype)]++ }

// bad counts something of the current record that cannot be used.
func (r *Reader) bad(reason Reason, err error, body []byte) {
	r.report.Bad[reason].add(r.at)
	if r.opt.Quarantine != nil {
		r.opt.Quarantine(Bad{
			Offset: r.at, Type: r.head.typ, Subtype: r.head.subtype, Time: r.time(),
			Reason: reason, Err: err, Body: body,
		})
	}
}

// Report returns what was read so far. It is final once Next returned io.EOF,
// and belongs to the Reader.
func (r *Reader) Report() *Report {
	r.report.Decode = r.dec.Counters
	r.report.Bytes = r.w.base + int64(r.w.end)
	if r.in != nil {
		r.report.Compression = r.in.compression
		r.report.Tail = r.in.tail
	}
	return &r.report
}

// Close closes what Open opened.
func (r *Reader) Close() error {
	if r.in == nil {
		return nil
	}
	return r.in.Close()
}

// fail says that the input cannot be read further.
func (r *Reader) fail() error {
	name := r.opt.Name
	if name == "" {
		name = "input"
	}
	return fmt.Errorf("read mrt %s at offset %d: %w", name, r.w.base+int64(r.w.end), r.w.err)
}
