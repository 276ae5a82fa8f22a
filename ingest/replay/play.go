package replay

import (
	"context"

	"detour/route"
)

// play waits until it is time for engine and tells what time it is, each second.
// With a speed seconds go by where the recording is silent, too. Tables wait for
// nothing.
func (s *Source) play(ctx context.Context, engine route.Time) error {
	for s.lastTick != 0 && !s.priming.Load() {
		next := s.pacer.tick(s.lastTick, engine)
		if next == 0 {
			break
		}
		if err := s.tick(ctx, next); err != nil {
			return err
		}
	}
	if engine >= s.lastTick+route.Second {
		return s.tick(ctx, engine)
	}
	return s.await(ctx, engine)
}

func (s *Source) tick(ctx context.Context, engine route.Time) error {
	if err := s.await(ctx, engine); err != nil {
		return err
	}
	s.lastTick = engine
	s.tally.show()
	return s.out.Tick(ctx, engine)
}

func (s *Source) await(ctx context.Context, engine route.Time) error {
	if s.priming.Load() {
		return nil
	}
	return s.pacer.wait(ctx, engine)
}
