package wire

import (
	"fmt"

	"detour/route"
)

// Frame is a decoded frame: a view of its bytes, which must stay unchanged as
// long as it is read. It belongs to one goroutine; Decode reuses its memory,
// whose bound is MaxFrame: a hostile frame may take 40 times its length.
type Frame struct {
	Ingester      []byte // view
	Epoch, Number uint64
	Received      route.Time
	Base          route.Time

	baseNumber uint64
	b          []byte
	fields     [frmColumns]gathered
	ids        []uint32 // session ids by place in the peer list
	sessions   []SessionView
	known      []knownSession // by id
	knownHeads *[headSlots]knownHead
	shapes     *prefixShapes
	heads      []head
	flags      route.Flags // those that any head has
	updates    int

	rows, communities []byte      // views
	fullRows          []byte      // memory of rows that came short
	wide              []uint64    // values that rows have no place for, in order of rows and lanes
	asns              []route.ASN // of all paths
	prefixes          []route.NLRI
	otc               []route.ASN
	segmented         []int // updates that have segments
	segments          []route.Segment
}

// NumSessions returns the length of the frame's peer list.
func (f *Frame) NumSessions() int { return len(f.ids) }

// NumUpdates returns how many updates and events the frame holds.
func (f *Frame) NumUpdates() int { return f.updates }

// Decode checks all of b and makes f its view. After a nil error no reader of f
// can fail. Unknown fields and flag bits are skipped; an unknown kind is an
// error, since an event that is not understood cannot be applied. After an
// error f is empty.
func (f *Frame) Decode(b []byte) error {
	f.reset()
	err := f.decode(b)
	if err != nil {
		f.reset()
		return fmt.Errorf("decode frame: %w", err)
	}
	return nil
}

func (f *Frame) reset() {
	if f.shapes == nil {
		f.shapes = newPrefixShapes()
		f.known = make([]knownSession, knownSlots)
		f.knownHeads = new([headSlots]knownHead)
	}
	f.Ingester, f.Epoch, f.Number, f.Received, f.Base = nil, 0, 0, 0, 0
	f.baseNumber = 0
	f.b, f.ids, f.sessions, f.heads, f.flags, f.updates = nil, f.ids[:0], f.sessions[:0], f.heads[:0], 0, 0
	for i := range f.fields {
		f.fields[i].reset()
	}
}

func (f *Frame) decode(b []byte) error {
	if len(b) > MaxFrame {
		return errTooLong
	}
	f.b = b
	for i := 0; i < len(b); {
		tag, v, next, err := readField(b, i)
		if err != nil {
			return err
		}
		switch tag {
		case frmSessions<<3 | typeBytes:
			err = f.addSession(view(b, span(v)))
		case frmHeads<<3 | typeBytes:
			err = f.addHead(view(b, span(v)))
		case frmIngester<<3 | typeBytes:
			f.Ingester = view(b, span(v))
			err = checkName(b, span(v))
		case frmEpoch << 3:
			f.Epoch = v
		case frmNumber << 3:
			f.Number = v
		case frmReceived << 3:
			f.Received = route.Time(v)
		case frmBase << 3:
			f.Base = route.Time(v)
		case frmBaseNumber << 3:
			f.baseNumber = v
		default:
			err = f.addColumn(tag, b, i, next)
		}
		if err != nil {
			return err
		}
		i = next
	}
	return f.check()
}

// addColumn takes the field b[i:next], if it is one of the columns.
func (f *Frame) addColumn(tag uint64, b []byte, i, next int) error {
	num := tag >> 3
	if num < frmHeadSession || num >= frmColumns {
		return nil
	}
	g := &f.fields[num]
	width, native := elementOf(num)
	_, lo := uvarint(b, i) // behind the tag
	switch {
	case tag&7 == typeBytes:
		_, lo = uvarint(b, lo)
		if native == typeBytes {
			g.b = b[lo:next:next]
			return nil
		}
	case tag&7 != native:
		return nil
	}
	if !g.add(b[lo:next:next], width) {
		return errColumn
	}
	return nil
}

// elementOf returns the octets of one element of a column, 0 for varints, and
// its wire type.
func elementOf(num uint64) (width int, native uint64) {
	switch num {
	case frmPath, frmPrefix, frmPrefix56, frmPathID, frmShortRows:
		return 4, typeFixed4
	case frmRows, frmPrefix128, frmWideTimes:
		return 8, typeFixed8
	case frmCommunities, frmLarge:
		return 1, typeBytes
	}
	return 0, typeVarint
}

// Sessions returns a reader of the frame's peer list. A session that changed
// within the frame stands there again; the last entry of an ID counts.
func (f *Frame) Sessions() SessionReader { return SessionReader{left: f.sessions} }

// SessionReader yields the sessions of a frame.
type SessionReader struct{ left []SessionView }

// Next sets s to the next session and reports whether there was one.
func (r *SessionReader) Next(s *SessionView) bool {
	if len(r.left) == 0 {
		return false
	}
	*s, r.left = r.left[0], r.left[1:]
	return true
}

// view returns the bytes of s, nil when there are none.
func view(b []byte, s span) []byte {
	if s.len() == 0 {
		return nil
	}
	return b[s.lo():s.hi():s.hi()]
}
