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

	b               []byte
	ids             []uint32 // session ids by place in the peer list
	updates         int
	updLo, updHi    int // stretch of b that holds all updates
	sessLo, sessHi  int
	maxPeer, badUpd uint32
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
	*f = Frame{ids: f.ids[:0]}
	if err := f.decode(b); err != nil {
		*f = Frame{ids: f.ids[:0]}
		return fmt.Errorf("decode frame: %w", err)
	}
	return nil
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
			err = f.addUpdate(span(v), i, next)
		case frmSessions<<3 | typeBytes:
			err = f.addSession(span(v), i, next)
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
	if int(f.maxPeer) > len(f.ids) {
		return fmt.Errorf("update %d: %w", f.badUpd, errPeerIndex)
	}
	return nil
}

func (f *Frame) addUpdate(m span, lo, hi int) error {
	peer, err := checkUpdate(f.b, m)
	if err != nil {
		return fmt.Errorf("update %d: %w", f.updates, err)
	}
	if f.updates == 0 {
		f.updLo = lo
	}
	f.updHi = hi
	if peer > f.maxPeer { // sessions may stand behind the updates
		f.maxPeer, f.badUpd = peer, uint32(f.updates)
	}
	f.updates++
	return nil
}

func (f *Frame) addSession(m span, lo, hi int) error {
	id, _, err := checkSession(f.b, m)
	if err != nil {
		return fmt.Errorf("session %d: %w", len(f.ids), err)
	}
	if len(f.ids) == 0 {
		f.sessLo = lo
	}
	f.sessHi = hi
	f.ids = append(f.ids, id)
	return nil
}

// Sessions returns a reader of the frame's peer list. A session that changed
// within the frame stands there again; the last entry of an ID counts.
func (f *Frame) Sessions() SessionReader { return SessionReader{b: f.b[:f.sessHi], i: f.sessLo} }

// Updates returns a reader of the frame's updates.
func (f *Frame) Updates() UpdateReader {
	return UpdateReader{b: f.b, i: f.updLo, end: f.updHi, ids: f.ids, base: f.Base}
}

// SessionReader yields the sessions of a frame.
type SessionReader struct {
	b []byte
	i int
}

// Next sets s to the next session and reports whether there was one.
func (r *SessionReader) Next(s *SessionView) bool {
	m, ok := nextMessage(r.b, &r.i, frmSessions)
	if ok {
		s.fill(r.b, m)
	}
	return ok
}

// UpdateReader yields the updates of a frame.
type UpdateReader struct {
	b      []byte
	i, end int
	ids    []uint32
	base   route.Time
	number uint64
}

// Next sets u, whose memory it reuses, to the next update and reports whether
// there was one. Prefixes stand IPv4 first, then IPv6; MPAnnounced,
// MPWithdrawn and what a frame does not carry are zero. The communities view
// the frame's bytes.
func (r *UpdateReader) Next(u *route.Update) bool {
	m, ok := nextMessage(r.b[:r.end], &r.i, frmUpdates)
	if ok {
		r.fillUpdate(u, m)
	}
	return ok
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
