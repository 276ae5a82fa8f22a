package processor

import (
	"context"
	"sync/atomic"
	"time"

	"detour/internal/pause"
)

// restLeast is how much work is rested from at once.
const restLeast = 4 * time.Millisecond

// patience lets a unit that is not needed yet rest for as long as it works, so that
// reading a long log leaves time to those who are at work. Rest is for any
// goroutine, the remainder for the unit's own.
type patience struct {
	rests atomic.Bool
	debt  time.Duration
}

// Rest tells whether somebody else does this unit's work while it is on its way to
// the end of its log.
func (p *patience) Rest(yes bool) { p.rests.Store(yes) }

// after is called with the time that a message took.
func (p *patience) after(ctx context.Context, took time.Duration) {
	if !p.rests.Load() {
		p.debt = 0
		return
	}
	if p.debt += took; p.debt >= restLeast {
		_ = pause.For(ctx, p.debt) // the end of ctx is noticed by whoever reads
		p.debt = 0
	}
}
