package wire

import (
	"fmt"

	"detour/route"
)

// Frame is a decoded frame: a view of its bytes, which must stay unchanged as
// long as it is read. It belongs to one goroutine; Decode reuses its memory.
type Frame struct {
	Ingester      []byte // view
	Epoch, Number uint64
	Received      route.Time
	Base          route.Time

	b       []byte
	ids     []uint32 // session ids by place in the peer list
	updates int
	restLo  int // where the first update stands that scans has no place for
	sessLo  int // where the first session stands

	maxPeer, namedBy int // largest peer field, and the first update that has it

	// scans keeps what checking found in the first updates, so that the reader
	// need not find it again; a frame of the usual size fits.
	scans []updateScan
	rest  updateScan // of the update at hand, for those that do not fit
}

// maxScans bounds Frame.scans: 52 KiB.
const maxScans = 256

// updateScan is an update message and what stands in it.
type updateScan struct {
	m span
	f fields
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
	if err := f.decode(b); err != nil {
		f.reset()
		return fmt.Errorf("decode frame: %w", err)
	}
	return nil
}

func (f *Frame) reset() {
	if f.scans == nil {
		f.scans = make([]updateScan, maxScans)
	}
	*f = Frame{ids: f.ids[:0], scans: f.scans}
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
		case frmUpdates<<3 | typeBytes:
			err = f.addUpdate(span(v), i)
		case frmSessions<<3 | typeBytes:
			err = f.addSession(span(v), i)
		case frmIngester<<3 | typeBytes:
			if f.Ingester = view(b, span(v)); !validString(b, span(v)) {
				err = errUTF8
			}
		case frmEpoch << 3:
			f.Epoch = v
		case frmNumber << 3:
			f.Number = v
		case frmReceived << 3:
			f.Received = route.Time(v)
		case frmBase << 3:
			f.Base = route.Time(v)
		}
		if err != nil {
			return err
		}
		i = next
	}
	if f.maxPeer > len(f.ids) { // only now: sessions may stand behind the updates
		return fmt.Errorf("update %d: %w", f.namedBy, errPeerIndex)
	}
	return nil
}

func (f *Frame) addUpdate(m span, lo int) error {
	s := &f.rest
	if f.updates < maxScans {
		s = &f.scans[f.updates]
	} else if f.updates == maxScans {
		f.restLo = lo
	}
	s.m = m
	peer, err := s.check(f.b)
	if err != nil {
		return fmt.Errorf("update %d: %w", f.updates, err)
	}
	if int(peer) > f.maxPeer {
		f.maxPeer, f.namedBy = int(peer), f.updates
	}
	f.updates++
	return nil
}

func (f *Frame) addSession(m span, lo int) error {
	id, _, err := checkSession(f.b, m)
	if err != nil {
		return fmt.Errorf("session %d: %w", len(f.ids), err)
	}
	if len(f.ids) == 0 {
		f.sessLo = lo
	}
	f.ids = append(f.ids, id)
	return nil
}

// Sessions returns a reader of the frame's peer list. A session that changed
// within the frame stands there again; the last entry of an ID counts.
func (f *Frame) Sessions() SessionReader {
	return SessionReader{b: f.b, i: f.sessLo, left: len(f.ids)}
}

// Updates returns a reader of the frame's updates, valid until the next Decode.
func (f *Frame) Updates() UpdateReader { return UpdateReader{frame: f, rest: f.restLo} }

// SessionReader yields the sessions of a frame.
type SessionReader struct {
	b       []byte
	i, left int
}

// Next sets s to the next session and reports whether there was one.
func (r *SessionReader) Next(s *SessionView) bool {
	if r.left == 0 {
		return false
	}
	r.left--
	m, ok := nextMessage(r.b, &r.i, frmSessions)
	if ok {
		s.fill(view(r.b, m))
	}
	return ok
}

// UpdateReader yields the updates of a frame.
type UpdateReader struct {
	frame  *Frame
	done   int
	rest   int // where to look for the next update that has no scan
	number uint64
}

// Next sets u, whose memory it reuses, to the next update and reports whether
// there was one. Prefixes stand IPv4 first, then IPv6; MPAnnounced,
// MPWithdrawn and what a frame does not carry are zero. The communities view
// the frame's bytes.
func (r *UpdateReader) Next(u *route.Update) bool {
	f := r.frame
	if r.done == f.updates {
		return false
	}
	s := &f.rest
	if r.done < maxScans {
		s = &f.scans[r.done]
	} else if !r.rescan(s) {
		return false // not after Decode
	}
	r.done++
	r.number += s.f.v[updNumber]
	s.fill(u, f)
	u.Number = r.number
	return true
}

// rescan finds the next update beyond those that Frame.scans holds.
func (r *UpdateReader) rescan(s *updateScan) (ok bool) {
	if s.m, ok = nextMessage(r.frame.b, &r.rest, frmUpdates); !ok {
		return false
	}
	return s.f.scanUpdate(r.frame.b, s.m) == nil
}

// nextMessage returns the next submessage of field num in bytes that Decode has
// accepted, and moves i behind it.
func nextMessage(b []byte, i *int, num uint64) (m span, ok bool) {
	for *i < len(b) {
		tag, v, next, err := readField(b, *i)
		if err != nil {
			return 0, false
		}
		*i = next
		if tag == num<<3|typeBytes {
			return span(v), true
		}
	}
	return 0, false
}
