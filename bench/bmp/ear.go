package bmp

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"

	"detour/route"
)

// ear is the output of the listener. It counts, and sees whether an update of a peer
// follows the one before.
type ear struct {
	mu       sync.Mutex
	last     map[uint32]uint32 // by peer, the number of its last update
	updates  uint64
	elements uint64
	wrong    uint64
}

// Add implements ingest.Output.
func (e *ear) Add(_ context.Context, u *route.Update, _ *route.Session) error {
	if u.Kind != route.KindUpdate {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.updates++
	e.elements += uint64(u.Elements())
	if len(u.Communities) != 4 {
		e.wrong++
		return nil
	}
	n := binary.BigEndian.Uint32(u.Communities)
	if n != e.last[u.Peer]+1 {
		e.wrong++
	}
	e.last[u.Peer] = n
	return nil
}

// Tick implements ingest.Output.
func (e *ear) Tick(context.Context, route.Time) error { return nil }

// End implements ingest.Output.
func (e *ear) End(context.Context) error { return nil }

func (e *ear) heard() (updates, elements uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.updates, e.elements
}

// check fails unless all that was sent was heard in order.
func (e *ear) check(sent uint64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.updates != sent || e.wrong > 0 {
		return fmt.Errorf("%d of %d updates were handed on, %d of them out of order", e.updates, sent, e.wrong)
	}
	return nil
}
