package live

import (
	"context"
	"math/rand/v2"
	"time"

	"detour/internal/pause"
)

// Backoff is the wait between two attempts to connect: it doubles from Min to Max,
// and half of each is left to chance, so that a thousand clients do not come back
// in the same second. It belongs to one goroutine.
type Backoff struct {
	Min, Max time.Duration
	next     time.Duration
}

// Next returns how long to wait now.
func (b *Backoff) Next() time.Duration {
	wait := max(b.next, b.Min)
	b.next = min(2*wait, b.Max)
	return wait/2 + rand.N(wait/2+1)
}

// Wait waits for Next, or until ctx ends.
func (b *Backoff) Wait(ctx context.Context) error { return pause.For(ctx, b.Next()) }

// Reset begins with Min again: a connection has proved to be of use.
func (b *Backoff) Reset() { b.next = 0 }
