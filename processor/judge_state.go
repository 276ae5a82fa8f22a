package processor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"detour/internal/snapshot"
	"detour/processor/correlate"
)

// judgeState is what a snapshot of a Judge holds.
type judgeState struct {
	shards   int
	mode     correlate.Mode
	sequence uint64 // of the last range of evidence
	created  int64  // of its stream, in nanoseconds since 1970
	counters JudgeCounters
	ended    []bool
	running  int
	c        *correlate.Correlator
}

func judgeCodec() (*snapshot.Codec, error) { return snapshot.For(&judgeState{}) }

// Snapshot returns the state of the Judge behind the last range of evidence that
// it handled. What Shard.Snapshot says holds here, too, but for the time: the
// maps of a correlator are put in order while it stands still.
//
// The alerts up to that range have been stored when it returns.
func (j *Judge) Snapshot(ctx context.Context, reuse []byte) (Snapshot, error) {
	codec, failed := judgeCodec()
	if failed != nil {
		return Snapshot{}, failed
	}
	var out Snapshot
	size := len(reuse)
	if size == 0 {
		err := j.ask(ctx, func() error {
			begin := time.Now()
			size, failed = codec.Size(j.state())
			out.Stood = time.Since(begin)
			return nil
		})
		if err = errors.Join(err, failed); err != nil {
			return Snapshot{}, fmt.Errorf("snapshot of the correlator: %w", err)
		}
	}
	body := room(reuse, size+size/16+page)
	given := uint64(0)
	err := j.ask(ctx, func() error {
		begin := time.Now()
		given = j.teller.given
		stats := j.c.Stats()
		state := j.state()
		out.Body, failed = codec.Append(body, state)
		out.Sequence, out.Created = state.sequence, fromNanos(state.created)
		out.Engine, out.Elements = stats.Watermark, stats.Elements
		out.Stood = max(out.Stood, time.Since(begin))
		return nil
	})
	if err = errors.Join(err, failed); err == nil {
		err = j.teller.flushTo(ctx, given)
	}
	if err != nil {
		return Snapshot{}, fmt.Errorf("snapshot of the correlator: %w", err)
	}
	return out, nil
}

func (j *Judge) state() *judgeState {
	return &judgeState{
		shards: len(j.ended), mode: j.cfg.Correlate.Mode, sequence: j.sequence, created: nanos(j.reader.Created()),
		counters: j.count(), ended: j.ended, running: j.running, c: j.c,
	}
}

// Restore gives a Judge that NewJudge has just made the state of a snapshot's
// body. Run then reads behind the snapshot's place, as that of a Shard does.
//
// The number of shards and the mode must be the snapshot's. Limits, rules and
// what is known from elsewhere may differ: they hold for what is judged from here
// on. After an error the Judge is of no use.
func (j *Judge) Restore(body []byte) error {
	codec, err := judgeCodec()
	if err != nil {
		return err
	}
	s := &judgeState{c: j.c}
	if err := codec.Decode(body, s); err != nil {
		return fmt.Errorf("restore the correlator: %w", err)
	}
	switch {
	case s.shards != len(j.ended) || s.mode != j.cfg.Correlate.Mode:
		return fmt.Errorf("restore a correlator of %d shards, mode %d: %w: it is of %d shards, mode %d",
			len(j.ended), j.cfg.Correlate.Mode, ErrMismatch, s.shards, s.mode)
	case s.c != j.c || len(s.ended) != s.shards || s.c.Shards() != s.shards:
		return fmt.Errorf("restore the correlator: %w: it holds none of %d shards", snapshot.ErrDamaged, s.shards)
	}
	j.c.Restored()
	j.restored = true
	j.sequence, j.counters, j.ended, j.running = s.sequence, s.counters, s.ended, s.running
	told := &j.teller.counts
	told.stored.Store(s.counters.Alerts)
	told.muted.Store(s.counters.Muted)
	told.known.Store(s.counters.Known)
	j.read(fromNanos(s.created))
	j.tell(0)
	return nil
}
