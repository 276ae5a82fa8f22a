package processor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"detour/stream"
)

// Snapshot returns the state of the shard after the frame that it applied last.
// Any goroutine may call it while Run runs; before that it waits, and as long as
// the stream cannot be read; afterwards it is an error. Calls must not overlap. reuse is the Body of a snapshot that is
// needed no longer, or nil.
//
// The evidence up to that frame has been stored when it returns. The shard
// stands still only while its tables are copied into memory that was made ready
// before, for the time that Stood tells.
func (s *Shard) Snapshot(ctx context.Context, reuse []byte) (Snapshot, error) {
	var out Snapshot
	size, sent := 0, uint64(0)
	var failed error
	err := s.ask(ctx, func() error {
		begin := time.Now()
		size, failed = s.codec.Size(s.state())
		out.Stood = time.Since(begin)
		return nil
	})
	if err = errors.Join(err, failed); err != nil {
		return Snapshot{}, fmt.Errorf("snapshot of shard %d: %w", s.cfg.Shard, err)
	}
	body := room(reuse, size+size/16+page) // it may have grown until it is copied
	err = s.ask(ctx, func() error {
		if failed = s.sendRest(ctx); failed != nil {
			return final(failed)
		}
		sent = s.sender.Sent()
		begin := time.Now()
		state := s.state()
		out.Body, failed = s.codec.Append(body, state)
		out.Stood = max(out.Stood, time.Since(begin))
		state.describe(&out)
		return nil
	})
	if err = errors.Join(err, failed); err == nil {
		err = s.sender.WaitStored(ctx, sent)
	}
	if err != nil {
		return Snapshot{}, fmt.Errorf("snapshot of shard %d: %w", s.cfg.Shard, err)
	}
	return out, nil
}

func (s *Shard) state() *shardState {
	return s.engine.state(max(s.to, 1)-1, s.reader.Created())
}

// sendRest sends the range under construction, if there is one, so that what the
// snapshot holds has been told.
func (s *Shard) sendRest(ctx context.Context) error {
	if s.frames == 0 {
		return nil
	}
	if err := s.send(ctx); err != nil {
		return err
	}
	return ctx.Err() // then it was not sent
}

// final returns what has to end Run: a sender that has stopped says so itself.
func final(err error) error {
	if errors.Is(err, stream.ErrSenderStopped) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// Restore gives a Shard that NewShard has just made the state of a snapshot's
// body. Run then reads behind the snapshot's place, and ends with
// stream.ErrStreamReplaced if the stream is not the one of that time. If frames
// behind that place have left the stream, the next one is marked as coming
// behind a gap.
//
// The number of the shard and of the shards must be the snapshot's. Bounds may
// differ: they hold for what is new, and nothing that is there is taken away. So
// may Watched, FlagsPerBlock and the like, which count from here on. After an
// error the Shard is of no use.
func (s *Shard) Restore(body []byte) error {
	state, err := s.engine.restore(s.codec, body)
	if err != nil {
		return err
	}
	if state.sequence > 0 {
		s.from, s.to = state.sequence+1, state.sequence+1
	}
	s.reader = stream.NewReader(s.deps.JS, stream.ReaderConfig{
		Stream: stream.UpdatesStream(s.cfg.Shard), Mail: s.mail, Created: fromNanos(state.created),
	})
	s.tell()
	return nil
}
