package wire

import (
	"fmt"
	"slices"

	"detour/route"
)

// Range is a decoded evidence range: its records, and a view of its bytes, which
// must stay unchanged as long as the tables are read. It belongs to one
// goroutine; Decode reuses its memory.
type Range struct {
	Header RangeHeader

	b         []byte
	ingesters int
	peers     int
	highest   uint32   // ingester of a peer
	hops      []uint32 // length of each path
	count     int      // of records, before they are read
	records   []Record
	origins   []route.ASN // of all records
}

// NumIngesters returns the length of the ingester table.
func (r *Range) NumIngesters() int { return r.ingesters }

// NumPeers returns the length of the peer table.
func (r *Range) NumPeers() int { return r.peers }

// NumPaths returns the length of the path table.
func (r *Range) NumPaths() int { return len(r.hops) }

// NumRecords returns how many records the range holds.
func (r *Range) NumRecords() int { return len(r.records) }

// Decode checks all of b, every index included, and makes r its view. After a
// nil error no reader of r can fail, every index of a record lies in its table,
// and no hop bit lies beyond its path. Unknown fields are skipped. After an error r is empty.
func (r *Range) Decode(b []byte) error {
	r.reset()
	if err := r.decode(b); err != nil {
		r.reset()
		return fmt.Errorf("decode evidence range: %w", err)
	}
	return nil
}

func (r *Range) reset() { *r = Range{hops: r.hops[:0], records: r.records[:0], origins: r.origins[:0]} }

func (r *Range) decode(b []byte) error {
	if len(b) > MaxRange {
		return errTooLong
	}
	r.b = b
	if err := r.checkTables(); err != nil {
		return err
	}
	h := &r.Header
	if h.Shard >= h.Shards || h.From > h.To {
		return errHeader
	}
	// Tables may stand behind what uses them, so indexes and records come second.
	if r.peers > 0 && r.highest >= uint32(r.ingesters) {
		return r.strayPeer()
	}
	return r.readRecords()
}

// strayPeer names the first peer whose ingester is beyond the table.
func (r *Range) strayPeer() error {
	peers := r.Peers()
	var peer PeerView
	n := 0
	for peers.Next(&peer) && peer.Ingester < uint32(r.ingesters) {
		n++
	}
	return fmt.Errorf("peer %d: %w", n, errIndex)
}

func (r *Range) readRecords() error {
	r.records = slices.Grow(r.records, r.count)[:r.count]
	var at place
	for i, n := 0, 0; n < r.count; n++ {
		m, _ := nextMessage(r.b, &i, rngRecords)
		if err := r.readRecord(&r.records[n], m, &at); err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
	}
	return nil
}

// checkTables reads the header and accepts the tables.
func (r *Range) checkTables() error {
	for i := 0; i < len(r.b); {
		tag, v, next, err := readField(r.b, i)
		if err != nil {
			return err
		}
		m := span(v)
		switch tag {
		case rngIngesters<<3 | typeBytes:
			r.ingesters++
			err = checkName(r.b, m)
		case rngPeers<<3 | typeBytes:
			r.peers++
			var ingester uint32
			ingester, err = checkSession(r.b, m)
			r.highest = max(r.highest, ingester)
		case rngPaths<<3 | typeBytes:
			err = r.addPath(m)
		case rngRecords<<3 | typeBytes:
			r.count++
		default:
			r.setHeader(tag, v)
		}
		if err != nil {
			return err
		}
		i = next
	}
	return nil
}

func (r *Range) setHeader(tag, v uint64) {
	h := &r.Header
	switch tag {
	case rngShard << 3:
		h.Shard = uint32(v)
	case rngShards << 3:
		h.Shards = uint32(v)
	case rngStreamCreated << 3:
		h.StreamCreated = route.Time(v)
	case rngFrom << 3:
		h.From = v
	case rngTo << 3:
		h.To = v
	case rngEngine << 3:
		h.Engine = route.Time(v)
	case rngEnd << 3:
		h.End = v != 0
	case rngElements << 3:
		h.Elements = v
	case rngDegraded << 3:
		h.Degraded = v != 0
	}
}

func (r *Range) addPath(m span) error {
	if s, ok := onlyASNs(r.b, m); ok {
		if s.len()&3 != 0 {
			return errPath
		}
		r.hops = append(r.hops, uint32(s.len()>>2))
		return nil
	}
	var f fields
	if err := f.scan(r.b, m.lo(), m.hi(), pathShape()); err != nil {
		return err
	}
	n, ok := countASNs(r.b, m, &f, pathASNs)
	if !ok {
		return errPath
	}
	r.hops = append(r.hops, uint32(n))
	return nil
}

// Ingesters returns a reader of the ingester table.
func (r *Range) Ingesters() NameReader { return NameReader{b: r.b} }

// Peers returns a reader of the peer table.
func (r *Range) Peers() PeerReader { return PeerReader{b: r.b} }

// Paths returns a reader of the path table.
func (r *Range) Paths() PathReader { return PathReader{b: r.b} }

// Records returns the records in their order. They are r's own, with all that
// they hold, until it decodes again.
func (r *Range) Records() []Record { return r.records }

// NameReader yields the ingester table in the order of its indexes.
type NameReader struct {
	b []byte
	i int
}

// Next returns the next name, a view of the range's bytes, and reports whether
// there was one.
func (r *NameReader) Next() ([]byte, bool) {
	m, ok := nextMessage(r.b, &r.i, rngIngesters)
	return view(r.b, m), ok
}

// PeerView is an entry of the peer table: a session and its ingester's index.
type PeerView struct {
	SessionView
	Ingester uint32
}

// PeerReader yields the peer table in the order of its indexes.
type PeerReader struct {
	b []byte
	i int
}

// Next sets v to the next peer and reports whether there was one.
func (r *PeerReader) Next(v *PeerView) bool {
	raw, ok := r.Raw()
	if ok {
		v.Set(raw)
	}
	return ok
}

// Raw returns the next peer as it is encoded, a view of the range's bytes, and
// reports whether there was one. Equal bytes of two ranges with equal ingester
// tables are one session: callers need not Set what they know already.
func (r *PeerReader) Raw() ([]byte, bool) {
	m, ok := nextMessage(r.b, &r.i, rngPeers)
	return view(r.b, m), ok
}

// Set makes v a view of what Raw has returned.
func (v *PeerView) Set(raw []byte) { v.Ingester = v.fill(raw) }

// PathReader yields the path table in the order of its indexes.
type PathReader struct {
	b []byte
	i int
}

// Append appends the ASNs of the next path to dst and reports whether there was
// one.
func (r *PathReader) Append(dst []route.ASN) ([]route.ASN, bool) {
	m, ok := nextMessage(r.b, &r.i, rngPaths)
	if !ok {
		return dst, false
	}
	if s, ok := onlyASNs(r.b, m); ok {
		return appendASNs(dst, r.b[s.lo():s.hi()]), true
	}
	var f fields
	if f.scan(r.b, m.lo(), m.hi(), pathShape()) != nil {
		return dst, false
	}
	return readASNs(dst, r.b, m, &f, pathASNs), true
}

// onlyASNs returns the ASNs of a path message that holds nothing else, in one
// piece and of less than 128 octets, as nearly all do.
func onlyASNs(b []byte, m span) (span, bool) {
	i, end := m.lo(), m.hi()
	if end-i < 2 || b[i] != pathASNs<<3|typeBytes || b[i+1] >= 0x80 || i+2+int(b[i+1]) != end {
		return 0, false
	}
	return span(uint64(i+2) | uint64(end)<<32), true
}
