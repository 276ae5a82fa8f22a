package processor

import (
	"errors"
	"fmt"

	"detour/route"
	"detour/stream"
	"detour/wire"
)

var (
	// errUnnumbered refuses frames that no publisher makes: epochs and numbers
	// begin at 1, and each ingester has a name.
	errUnnumbered = errors.New("frame has no ingester, no epoch or no number")
	errAhead      = errors.New("engine time lies beyond the time at which the frame was stored")
	errBefore     = errors.New("engine time lies before 1970")
	errEpoch      = errors.New("epoch lies beyond the time at which the frame was stored")
	errSkip       = errors.New("frame stopped the shard before")
	errHeavy      = errors.New("frame asks for too much work")
)

// read decodes a frame and decides whether it is let in. One that is not is
// counted under its ingester's name and kept for inspection, and the next frame of
// that ingester may jump. A name is what a frame says.
func (e *engine) read(f *wire.Frame, sequence uint64, stored route.Time, data []byte) error {
	err, counter := errSkip, &e.counters.SkippedFrames
	if _, skip := e.skip[sequence]; !skip {
		if err = f.Decode(data); err == nil && (len(f.Ingester) == 0 || f.Epoch == 0 || f.Number == 0) {
			err = errUnnumbered
		}
		counter = &e.counters.BadFrames
	}
	if err == nil {
		err, counter = timely(f, stored), &e.counters.AheadFrames
	}
	if err == nil {
		return nil
	}
	*counter++
	name, known := wire.FrameIngester(data)
	if !known {
		name = []byte(unnamed)
		e.hole() // nobody knows whose frame it was
	} else if in := e.byName[string(name)]; in != nil {
		in.hole = true
	}
	switch c := e.blamed.of(name); counter {
	case &e.counters.BadFrames:
		c.BadFrames++
	case &e.counters.SkippedFrames:
		c.Skipped++
	default:
		c.Refused++
	}
	e.quarantine.add(sequence, string(name), err.Error(), data)
	return fmt.Errorf("of ingester %q: %w", name, err)
}

// timely holds what a frame says of time against when the server stored it, which
// is part of the log, and which no ingester can choose. 0 is not known. Times of
// the past are as good as any: a recording's are.
func timely(f *wire.Frame, stored route.Time) error {
	least, greatest, ok := f.EngineTimes()
	switch {
	case ok && least < 0:
		return errBefore
	case stored == 0:
		return nil
	case ok && greatest > stored+stream.MaxAhead:
		return errAhead
	case f.Epoch > uint64(stored+stream.MaxAhead):
		return errEpoch
	}
	return nil
}

// lastReceived is a time that a year of four digits can name.
const lastReceived = 253_402_300_799 * route.Second

// receivedAt returns when the ingester had the frame, 0 where what it says cannot
// be: latencies and alerts tell of it.
func receivedAt(f *wire.Frame, stored route.Time) route.Time {
	t := f.Received
	if t < 0 || t > lastReceived || stored != 0 && t > stored+stream.MaxAhead {
		return 0
	}
	return t
}
