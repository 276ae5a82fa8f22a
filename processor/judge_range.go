package processor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// errBadRange is the error of evidence that is skipped and counted.
var errBadRange = errors.New("bad evidence")

// judge gives one range to the correlator and gathers the alerts that follow.
func (j *Judge) judge(ctx context.Context, m *stream.Message, at stream.AlertPosition) error {
	j.pending = j.pending[:0]
	if err := j.rng.Decode(m.Data); err != nil {
		return fmt.Errorf("%w: %w", errBadRange, err)
	}
	if err := possible(&j.rng, m.Stored); err != nil {
		return err
	}
	j.c.Stored(m.Stored)
	if slices.Contains(j.cfg.Skip, m.Sequence) {
		j.c.Pass(&j.rng.Header)
		return fmt.Errorf("%w: it stopped the correlator before", errBadRange)
	}
	j.begin(ctx, at)
	err := j.c.Range(&j.rng, func(a *alert.Alert) { j.pending = append(j.pending, a) })
	if errors.Is(err, correlate.ErrBad) {
		err = fmt.Errorf("%w: %w", errBadRange, err)
	}
	return err
}

// possible does for evidence what timely does for frames: a shard's time, and that
// of its stream, would otherwise shut out all that comes after. A shard's time may
// itself be ahead by what frames may, and streams have clocks of their own.
func possible(r *wire.Range, stored route.Time) error {
	h := &r.Header
	latest := stored + 2*stream.MaxAhead
	switch {
	case h.Engine < 0, h.StreamCreated < 0:
		return fmt.Errorf("%w: a time before 1970", errBadRange)
	case stored == 0:
		return nil
	case h.Engine > latest, h.StreamCreated > latest:
		return fmt.Errorf("%w: a time beyond the one at which it was stored", errBadRange)
	}
	for i := range r.Records() {
		if t := r.Records()[i].Engine; t > latest {
			return fmt.Errorf("%w: a record beyond the time at which it was stored", errBadRange)
		}
	}
	return nil
}
