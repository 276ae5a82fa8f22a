package stream

import (
	"context"
	"time"

	"detour/internal/pause"
)

// calmPart is the part of the spill buffer that may be in use for Calm to return, and
// calmLook the time between two looks.
const (
	calmPart = 4
	calmLook = 5 * time.Millisecond
)

// Calm waits until little is spilled and no shard's processors lag too far. A live
// source calls it between the parts of what could wait, such as a table that it is
// primed with, so that this drives nothing out that cannot.
func (p *Publisher) Calm(ctx context.Context) error {
	select { // not begin, which belongs to the goroutine of Add
	case <-p.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.failure != nil {
		return p.failure
	}
	if p.pace.over.Load() != 0 {
		if err := p.holdBack(ctx); err != nil {
			return err
		}
	}
	for p.spilled.Load() > p.cfg.SpillBytes/calmPart {
		select {
		case <-p.stopped:
			return ErrSenderStopped
		default:
		}
		if err := pause.For(ctx, calmLook); err != nil {
			return err
		}
	}
	return nil
}
