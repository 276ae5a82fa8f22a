package wire

import (
	"encoding/binary"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"

	"detour/route"
)

// Field numbers of Record and Path.
const (
	recKind      = 1
	recFlags     = 2
	recPeer      = 3
	recSequence  = 4
	recIndex     = 5
	recNumber    = 6
	recEngine    = 7
	recReceived  = 8
	recPrefix4   = 9
	recPrefix6   = 10
	recPrev      = 11
	recNext      = 12
	recNewcomers = 13
	recContrast  = 14
	recUnique    = 15
	recLongest   = 16
	recIngester  = 17
	recEvent     = 18
	recOTC       = 19
	recOrigins   = 20
	recAS        = 21
	recNextAS    = 22
	recOrigin    = 23
	recYoung     = 24
	recThird     = 25
	recRoutes    = 26
	recRaised    = 27
	recDelta     = 28

	pathASNs = 1
)

func recordShape() shape {
	return shape{
		varints:     (1<<fieldCount - 2) &^ (1<<recPrefix4 | 1<<recPrefix6 | 1<<recOrigins),
		lens:        1<<recPrefix4 | 1<<recPrefix6 | 1<<recOrigins,
		packedFixed: 1 << recOrigins,
	}
}

func pathShape() shape { return shape{lens: 1 << pathASNs, packedFixed: 1 << pathASNs} }

// appendRecord appends r as a field of an EvidenceRange. Deltas count from
// last.
func appendRecord(b []byte, r, last *Record) []byte {
	b, at := openField(b, rngRecords)
	b = appendUint(b, recKind, uint64(r.Kind))
	b = appendUint(b, recFlags, uint64(r.Flags))
	b = appendUint(b, recPeer, uint64(r.Peer+1)) // AllPeers + 1 is 0
	b = appendUint(b, recSequence, r.Sequence-last.Sequence)
	b = appendUint(b, recIndex, uint64(r.Index))
	b = appendUint(b, recNumber, zigzag(int64(r.Number-last.Number)))
	b = appendUint(b, recEngine, zigzag(int64(r.Engine-last.Engine)))
	b = appendUint(b, recReceived, zigzag(int64(r.Received-last.Received)))
	b = appendPrefix(b, &r.Prefix)
	b = appendUint(b, recPrev, uint64(r.Prev))
	b = appendUint(b, recNext, uint64(r.Next))
	b = appendUint(b, recNewcomers, r.Newcomers)
	b = appendUint(b, recContrast, r.Contrast)
	b = appendUint(b, recUnique, uint64(r.Unique))
	b = appendUint(b, recLongest, uint64(r.Longest))
	b = appendUint(b, recIngester, uint64(r.Ingester))
	b = appendUint(b, recEvent, uint64(r.Event))
	b = appendUint(b, recOTC, uint64(r.OTC))
	b = appendPackedASNs(b, recOrigins, r.Origins)
	b = appendUint(b, recAS, uint64(r.AS))
	b = appendUint(b, recNextAS, uint64(r.NextAS))
	b = appendUint(b, recOrigin, uint64(r.Origin))
	b = appendUint(b, recYoung, r.Young)
	b = appendUint(b, recThird, uint64(r.Third))
	b = appendUint(b, recRoutes, r.Routes)
	b = appendUint(b, recRaised, r.Raised)
	b = appendUint(b, recDelta, zigzag(r.Delta))
	return closeField(b, at)
}

// appendPackedASNs appends a packed fixed32 field unless it is empty.
func appendPackedASNs(b []byte, num protowire.Number, asns []route.ASN) []byte {
	if len(asns) == 0 {
		return b
	}
	b = protowire.AppendTag(b, num, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(4*len(asns)))
	for _, a := range asns {
		b = binary.LittleEndian.AppendUint32(b, uint32(a))
	}
	return b
}

// appendPrefix appends a prefix in NLRI form unless it is the zero Prefix.
func appendPrefix(b []byte, p *route.Prefix) []byte {
	num := protowire.Number(recPrefix4)
	switch p.Family {
	case route.IPv4:
	case route.IPv6:
		num = recPrefix6
	default:
		return b
	}
	var w [17]byte
	n := putPrefix(w[:], 0, p.Hi, p.Lo, p.Bits)
	return appendBytes(b, num, w[:n])
}

// place is where a record stands in the log; records tell it as the difference
// to the one before.
type place struct {
	sequence, number uint64
	engine, received route.Time
	index            uint32
	any              bool // there is one before
}

// readRecord checks the record message m against the range's tables and at, the
// place of the record before it, which it moves on, and sets rec from it.
func (r *Range) readRecord(rec *Record, m span, at *place) error {
	var f fields
	if err := f.scan(r.b, m.lo(), m.hi(), recordShape()); err != nil {
		return err
	}
	if err := r.checkRecord(m, &f); err != nil {
		return err
	}
	if err := at.move(&f, &r.Header); err != nil {
		return err
	}
	n := len(r.origins)
	r.origins = readASNs(r.origins, r.b, m, &f, recOrigins)
	*rec = Record{
		Kind:      RecordKind(f.v[recKind]),
		Flags:     RecordFlags(f.v[recFlags]),
		Event:     route.Kind(f.v[recEvent]),
		Ingester:  uint32(f.v[recIngester]),
		Peer:      uint32(f.v[recPeer]) - 1, // 0 is AllPeers
		Sequence:  at.sequence,
		Index:     at.index,
		Number:    at.number,
		Engine:    at.engine,
		Received:  at.received,
		Prefix:    r.prefix(&f),
		Prev:      uint32(f.v[recPrev]),
		Next:      uint32(f.v[recNext]),
		Newcomers: f.v[recNewcomers],
		Contrast:  f.v[recContrast],
		Unique:    uint8(f.v[recUnique]),
		Longest:   uint8(f.v[recLongest]),
		OTC:       route.ASN(f.v[recOTC]),
		Origins:   r.origins[n:len(r.origins):len(r.origins)],
		AS:        route.ASN(f.v[recAS]),
		NextAS:    route.ASN(f.v[recNextAS]),
		Origin:    route.ASN(f.v[recOrigin]),
		Young:     f.v[recYoung],
		Third:     route.ASN(f.v[recThird]),
		Routes:    f.v[recRoutes],
		Raised:    f.v[recRaised],
		Delta:     unzigzag(f.v[recDelta]),
	}
	return nil
}

// checkRecord accepts the fields of the record message m by themselves and
// against the range's tables.
func (r *Range) checkRecord(m span, f *fields) error {
	kind, event := uint32(f.v[recKind]), uint32(f.v[recEvent])
	p4, p6 := f.span(recPrefix4), f.span(recPrefix6)
	peer, prev, next := uint32(f.v[recPeer]), uint32(f.v[recPrev]), uint32(f.v[recNext])
	_, originsOK := countASNs(r.b, m, f, recOrigins)
	switch {
	case kind < uint32(RecordChange) || kind > uint32(RecordVisibility) || event > uint32(route.KindHeard):
		return errEnum
	case peer == 0 && kind < uint32(RecordEvent):
		return errNoPeer
	case int(peer) > r.peers:
		return errPeerIndex
	case uint32(f.v[recIngester]) >= uint32(r.ingesters), int(prev) > len(r.hops), int(next) > len(r.hops):
		return errIndex
	case p4.len() != 0 && p6.len() != 0:
		return errTwoFamily
	case !checkOne(r.b, p4, 32), !checkOne(r.b, p6, 128):
		return errNLRI
	case uint32(f.v[recUnique]) > 255, uint32(f.v[recLongest]) > 255:
		return errUint8
	case !originsOK:
		return errPath
	}
	judged := next
	if kind == uint32(RecordLeft) {
		judged = prev
	}
	hops := 0
	if judged != 0 {
		hops = int(r.hops[judged-1])
	}
	new, contrast := f.v[recNewcomers], f.v[recContrast]
	if bits.Len64(new|f.v[recYoung]) > hops || contrast&^new != 0 {
		return errBits
	}
	return nil
}

// move moves on to the record whose fields are f, which must stand behind the
// one before and within the range.
func (at *place) move(f *fields, h *RangeHeader) error {
	delta, index := f.v[recSequence], uint32(f.v[recIndex])
	sequence := at.sequence + delta
	if sequence < at.sequence || sequence < h.From || sequence >= h.To {
		return errOrder
	}
	if at.any && delta == 0 && index <= at.index {
		return errOrder
	}
	*at = place{
		sequence: sequence, index: index, any: true,
		number:   at.number + uint64(unzigzag(f.v[recNumber])),
		engine:   at.engine + route.Time(unzigzag(f.v[recEngine])),
		received: at.received + route.Time(unzigzag(f.v[recReceived])),
	}
	return nil
}

// checkOne tells whether s is empty or holds one prefix.
func checkOne(b []byte, s span, maxBits byte) bool {
	return s.len() == 0 || b[s.lo()] <= maxBits && s.len() == 1+(int(b[s.lo()])+7)>>3
}

func (r *Range) prefix(f *fields) route.Prefix {
	family, s := route.IPv4, f.span(recPrefix4)
	if s.len() == 0 {
		family, s = route.IPv6, f.span(recPrefix6)
	}
	if s.len() == 0 {
		return route.Prefix{}
	}
	p := route.Prefix{Bits: r.b[s.lo()], Family: family}
	hi, lo := route.Mask(p.Bits)
	p.Hi = load8(r.b, s.lo()+1) & hi
	if p.Bits > 64 {
		p.Lo = load8(r.b, s.lo()+9) & lo
	}
	return p
}
