package processor

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"detour/stream"
	"detour/wire"
)

// PoisonedError says that applying one message panicked. What was being changed may
// be half changed, so the Shard or Judge must be thrown away: another one begins at
// its checkpoint, or at the log's start, and skips the message if it came to grief
// there before (docs/adr/0026).
type PoisonedError struct {
	Shard    int // -1: the correlator
	Sequence uint64
	Ingester string // of a frame, as it says itself; "?" where it does not
	Cause    any    // what was thrown
	Where    string // file and line that threw it
	Stack    []byte
}

func (e *PoisonedError) Error() string {
	if e.Shard < 0 {
		return fmt.Sprintf("evidence at sequence %d stops the correlator: %v (%s)", e.Sequence, e.Cause, e.Where)
	}
	return fmt.Sprintf("frame of ingester %q at sequence %d stops shard %d: %v (%s)", e.Ingester, e.Sequence, e.Shard,
		e.Cause, e.Where)
}

// guarded applies a message and makes an error of a panic.
func guarded(m *stream.Message, shard int, apply func() error) (err error) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		name, known := wire.FrameIngester(m.Data)
		if !known {
			name = []byte(unnamed)
		}
		err = &PoisonedError{
			Shard: shard, Sequence: m.Sequence, Ingester: string(name), Cause: cause, Where: thrownAt(),
			Stack: debug.Stack(),
		}
	}()
	return apply()
}

// thrownAt returns the line that panicked, when called by what recovers.
func thrownAt() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	thrown := false
	for {
		f, more := frames.Next()
		inside := strings.HasPrefix(f.Function, "runtime.")
		if thrown && !inside {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		thrown = thrown || f.Function == "runtime.gopanic"
		if !more {
			return "unknown"
		}
	}
}

// Bounds of a Poison: what is applied once more, because the cause may have been
// another one, and how many messages of a stream may be poisonous before whoever
// runs the shard gives up.
const (
	poisonTries  = 2
	poisonMost   = 64
	poisonFailed = poisonTries * poisonMost
)

// Poison remembers which messages of one stream stopped its Shard, or the Judge,
// over restarts. It belongs to the goroutine that restarts it; the zero value is
// ready.
type Poison struct {
	failed map[uint64]int
	times  int
}

// Again reports whether a Shard or Judge that ended with err is to be started
// again, with Skip as its configuration says.
func (p *Poison) Again(err error) bool {
	bad, ok := errors.AsType[*PoisonedError](err)
	if !ok || p.times >= poisonFailed {
		return false
	}
	if p.failed == nil {
		p.failed = map[uint64]int{}
	}
	p.times++
	p.failed[bad.Sequence]++
	return true
}

// Skip returns the sequences that failed twice, in order.
func (p *Poison) Skip() (sequences []uint64) {
	for s, times := range p.failed {
		if times >= poisonTries {
			sequences = append(sequences, s)
		}
	}
	slices.Sort(sequences)
	return sequences
}
