package live

import (
	"io"
	"sync"
	"time"
)

// ReadAhead reads from r in a goroutine of its own, up to limit bytes ahead of
// whoever reads from it: whoever sends is served although decoding takes its time.
// At the limit it waits, and counts that. Close, after closing r, ends it.
type ReadAhead struct {
	mu     sync.Mutex
	moved  sync.Cond
	buf    []byte // a ring, which grows up to limit
	limit  int
	from   int
	filled int
	err    error
	closed bool
	full   uint64
	fullAt time.Time
	done   chan struct{}
}

// readAheadLeast is how long a ring is at first: who says nothing costs little.
const readAheadLeast = 2 << 10

// NewReadAhead begins to read from r.
func NewReadAhead(r io.Reader, limit int) *ReadAhead {
	a := &ReadAhead{buf: make([]byte, min(limit, readAheadLeast)), limit: limit, done: make(chan struct{})}
	a.moved.L = &a.mu
	go a.fill(r)
	return a
}

func (a *ReadAhead) fill(r io.Reader) {
	defer close(a.done)
	for {
		room := a.room()
		if room == nil {
			return
		}
		n, err := r.Read(room)
		a.mu.Lock()
		a.filled += n
		a.err = err
		a.moved.Broadcast()
		a.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// room returns free memory in one piece, once there is any; nil after Close.
func (a *ReadAhead) room() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.filled == len(a.buf) && len(a.buf) < a.limit {
		a.grow()
	}
	if a.filled == a.limit {
		a.full++
	}
	for a.filled == a.limit && !a.closed {
		a.moved.Wait()
		a.fullAt = time.Now()
	}
	if a.closed {
		return nil
	}
	at := (a.from + a.filled) % len(a.buf)
	return a.buf[at:min(len(a.buf), at+len(a.buf)-a.filled)]
}

// grow makes the ring, which is full, four times as long. The lock is held.
func (a *ReadAhead) grow() {
	longer := make([]byte, min(a.limit, 4*len(a.buf)))
	n := copy(longer, a.buf[a.from:])
	copy(longer[n:], a.buf[:a.from])
	a.buf, a.from = longer, 0
}

// Read implements io.Reader. It belongs to one goroutine.
func (a *ReadAhead) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.filled == 0 && a.err == nil && !a.closed {
		a.moved.Wait()
	}
	if a.filled == 0 {
		if a.err != nil {
			return 0, a.err
		}
		return 0, io.ErrClosedPipe
	}
	n := copy(p, a.buf[a.from:min(len(a.buf), a.from+a.filled)])
	a.from = (a.from + n) % len(a.buf)
	a.filled -= n
	a.moved.Broadcast()
	return n, nil
}

// Close waits for the goroutine; what it reads from has to be closed before.
func (a *ReadAhead) Close() error {
	a.mu.Lock()
	a.closed = true
	a.moved.Broadcast()
	a.mu.Unlock()
	<-a.done
	return nil
}

// Waiting returns how many bytes wait, and how often the limit was reached.
func (a *ReadAhead) Waiting() (bytes int, full uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.filled, a.full
}

// LastFull returns when reading last had to wait at the limit: now, where it waits;
// zero if it never did.
func (a *ReadAhead) LastFull() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.filled == a.limit && a.err == nil {
		return time.Now()
	}
	return a.fullAt
}
