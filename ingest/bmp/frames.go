package bmp

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"detour/ingest/live"
)

const (
	version   = 3
	headerLen = 6 // RFC 7854 §4.1

	// windowLen holds a Route Monitoring message with the longest BGP message (RFC
	// 8654). Longer ones are read in steps of it: memory comes after the octets, so a
	// length that lies costs nothing.
	windowLen = 66 << 10
)

// frames cuts a stream into messages.
type frames struct {
	in     *bufio.Reader
	max    int
	offset int64          // of the present message
	held   int            // octets of it that still stand in the window
	long   []byte         // a message that does not fit there
	watch  *live.Watchdog // runs while a message has begun and is not whole
}

// newFrames reads from r. giveUp is called, and must end reading, when a message
// takes longer than the limit.
func newFrames(r io.Reader, l Limits, giveUp func()) *frames {
	f := &frames{in: bufio.NewReaderSize(r, windowLen), max: l.MaxMessage, watch: live.Watch(l.WholeMessage, giveUp)}
	f.watch.Stop()
	return f
}

// close ends the watch.
func (f *frames) close() { f.watch.Stop() }

// release forgets the message that next returned.
func (f *frames) release() {
	if f.long != nil {
		f.offset += int64(len(f.long))
		f.long = nil
	}
	n, _ := f.in.Discard(f.held) // it stands in the window, so it cannot fail
	f.offset += int64(n)
	f.held = 0
}

// waiting reports whether next would have to wait.
func (f *frames) waiting() bool { return f.in.Buffered() == 0 }

// next returns the type and body of the next message, which stay valid until
// release. io.EOF means that the stream ended between messages.
func (f *frames) next() (typ uint8, body []byte, err error) {
	f.release()
	if _, err := f.in.Peek(1); err != nil {
		return 0, nil, err
	}
	head, err := f.whole(headerLen)
	if err != nil {
		return 0, nil, err
	}
	n := int64(binary.BigEndian.Uint32(head[1:]))
	switch {
	case head[0] != version:
		return 0, nil, f.errorf("%s where version 3 of BMP must stand", foreign(head[0]))
	case n < headerLen:
		return 0, nil, f.errorf("a message length of %d, less than its header", n)
	case n > int64(f.max):
		return 0, nil, f.errorf("a message length of %d, the limit is %d", n, f.max)
	}
	typ = head[5]
	msg, err := f.whole(int(n))
	if err != nil {
		return 0, nil, err
	}
	return typ, msg[headerLen:], nil
}

// whole returns the first n octets of the present message once they are there.
func (f *frames) whole(n int) (b []byte, err error) {
	if f.in.Buffered() < n {
		f.watch.Fed()
		defer f.watch.Stop()
	}
	if n <= f.in.Size() {
		f.held = n
		b, err = f.in.Peek(n)
	} else {
		f.held = 0
		b, err = f.readLong(n)
	}
	if err == io.EOF {
		f.held = len(b)
		return nil, f.errorf("the end of the stream, after %d octets of a message", len(b))
	}
	return b, err
}

func (f *frames) readLong(n int) ([]byte, error) {
	var b []byte
	for len(b) < n {
		at := len(b)
		b = slices.Grow(b, min(n-at, windowLen))[:min(n, at+windowLen)]
		if got, err := io.ReadFull(f.in, b[at:]); err != nil {
			if err == io.ErrUnexpectedEOF {
				err = io.EOF
			}
			return b[:at+got], err
		}
	}
	f.long = b
	return b, nil
}

// at says where in the stream the present message begins.
func (f *frames) at() string { return fmt.Sprintf("octet %d of the stream", f.offset) }

// errorf says where in the stream what was wrong.
func (f *frames) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %s", f.at(), fmt.Sprintf(format, args...))
}

// foreign names what begins like this.
func foreign(first byte) string {
	switch first {
	case 0x16:
		return "0x16, as TLS begins,"
	case 0xff:
		return "0xff, as BGP begins,"
	case 1, 2, 4:
		return fmt.Sprintf("version %d", first)
	}
	return fmt.Sprintf("%#02x", first)
}
