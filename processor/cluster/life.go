package cluster

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"detour/stream"
)

// Waits between two lives of a unit that failed.
const (
	againMin = 100 * time.Millisecond
	againMax = 5 * time.Second
)

// finishWait bounds a unit's Finish.
const finishWait = 30 * time.Second

// life is a unit that this member runs, made again whenever it fails.
type life struct {
	unit int
	make func(context.Context, int) (Unit, error)
	log  *slog.Logger

	running  atomic.Pointer[running] // nil between lives
	trouble  atomic.Pointer[string]
	failures atomic.Uint64
	cancel   context.CancelFunc
	done     chan struct{}
	ending   bool

	// Of the manager's goroutine: since when, and how far it was a moment ago.
	begun   time.Time
	pace    pace
	current bool
}

type running struct{ Unit }

func newLife(unit int, mk func(context.Context, int) (Unit, error), log *slog.Logger) *life {
	return &life{unit: unit, make: mk, log: log.With("unit", stream.UnitName(unit)), done: make(chan struct{})}
}

func (l *life) begin(ctx context.Context) {
	ctx, l.cancel = context.WithCancel(ctx)
	go func() {
		defer close(l.done)
		for wait := againMin; ctx.Err() == nil; wait = min(2*wait, againMax) {
			start := time.Now()
			err := l.once(ctx)
			if ctx.Err() != nil {
				return
			}
			if time.Since(start) > againMax {
				wait = againMin // it had worked for a while
			}
			l.failed(err, wait)
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
	}()
}

// once is one life.
func (l *life) once(ctx context.Context) error {
	u, err := l.make(ctx, l.unit)
	if err != nil {
		return err
	}
	l.running.Store(&running{u})
	defer l.running.Store(nil)
	l.trouble.Store(nil)
	return u.Run(ctx)
}

func (l *life) failed(err error, wait time.Duration) {
	l.failures.Add(1)
	text := "ended without an error"
	if err != nil {
		text = err.Error()
	}
	text = text[:min(len(text), 500)]
	l.trouble.Store(&text)
	l.log.Error("unit failed, will be made again", "err", text, "in", wait)
}

// end stops the unit, after Finish if it is to keep something.
func (l *life) end(ctx context.Context, finish bool) {
	l.ending = true
	r := l.running.Load()
	if !finish || r == nil {
		l.cancel()
		return
	}
	go func() { // ends with cancel, which done follows
		defer l.cancel()
		ctx, cancel := context.WithTimeout(ctx, finishWait)
		defer cancel()
		if err := r.Finish(ctx); err != nil {
			l.log.Warn("last checkpoint failed; the next start reads more of the log", "err", err)
		}
	}()
}

func (l *life) finished() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// state says how far the unit is.
func (l *life) state() stream.UnitState {
	s := stream.UnitState{Unit: l.unit}
	r := l.running.Load()
	l.current = false
	if r == nil {
		s.Trouble = "starting"
		if t := l.trouble.Load(); t != nil {
			s.Trouble, s.Failed = *t, true
		}
		l.pace = pace{}
		return s
	}
	s = r.State()
	s.Unit = l.unit
	if s.Trouble != "" {
		l.pace = pace{}
		return s
	}
	l.current = l.pace.current(s.Sequence, s.End)
	s.Current = l.current
	return s
}

// rest lets the unit take its time on its way to the end of its log.
func (l *life) rest(covered bool) {
	if r := l.running.Load(); r != nil {
		r.Rest(covered && !l.current)
	}
}

// pace tells whether a unit is at the end of its log: what is left is not more than
// it handled in the last fifth of a second, so that others may stop. No clocks are
// compared.
type pace struct {
	marks [paceMarks]uint64 // sequences, a heartbeat apart
	next  int
	begun bool
}

const paceMarks = int(200 * time.Millisecond / stream.HeartbeatEvery)

func (p *pace) current(sequence, end uint64) bool {
	if !p.begun {
		p.begun = true
		for i := range p.marks {
			p.marks[i] = sequence
		}
	}
	handled := sequence - min(sequence, p.marks[p.next])
	p.marks[p.next] = sequence
	p.next = (p.next + 1) % paceMarks
	return end-min(end, sequence) <= handled
}
