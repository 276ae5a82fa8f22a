package wire

import (
	"bytes"
	"fmt"
)

// knownSession is a session message that a Frame has accepted before. An
// ingester's frames bring the same sessions again and again.
type knownSession struct {
	raw  []byte // a copy
	view SessionView
}

// knownSlots and knownLen bound what a Frame remembers: 256 KiB of messages.
const (
	knownSlots = 1024
	knownLen   = 256
)

// addSession checks a session message and appends it to the peer list.
func (f *Frame) addSession(raw []byte) error {
	k := f.knownSlot(raw)
	if !bytes.Equal(k.raw, raw) || len(raw) == 0 {
		v, err := readSession(raw)
		if err != nil {
			return fmt.Errorf("session %d: %w", len(f.sessions), err)
		}
		k.view, k.raw = v, k.raw[:0]
		if len(raw) <= knownLen {
			k.raw = append(k.raw, raw...)
		}
	}
	f.ids = append(f.ids, k.view.ID)
	f.sessions = append(f.sessions, k.view)
	f.sessions[len(f.sessions)-1].raw = raw
	k.view.raw = nil // which would keep the frame alive
	return nil
}

// knownSlot returns where the message was kept if it was seen before: by the
// id, with which our own encoder begins.
func (f *Frame) knownSlot(raw []byte) *knownSession {
	if len(raw) < 3 {
		return &f.known[0]
	}
	id := uint(raw[1])
	if id >= 0x80 {
		id = id&0x7f | uint(raw[2])<<7
	}
	return &f.known[id%knownSlots]
}
