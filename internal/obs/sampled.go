package obs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// maxSampled bounds the messages that are told apart. They are constants of the
// code; what is beyond shares one allowance.
const maxSampled = 256

// Sampled returns a logger for places that data from outside can make write at
// any rate: of each message (text and level) it passes on a burst, and then one
// per interval with the number of those left out since as "left_out". An
// allowance that was not used is saved up, to a burst at most. Loggers made from
// it with With share its allowances.
func Sampled(l *slog.Logger, burst int, every time.Duration) *slog.Logger {
	return slog.New(&sampled{
		next: l.Handler(), ration: &ration{burst: max(burst, 1), every: every, of: map[sampleKey]*allowance{}},
	})
}

type sampled struct {
	next   slog.Handler
	ration *ration
}

// ration holds the allowances of all messages.
type ration struct {
	burst int
	every time.Duration

	mu sync.Mutex
	of map[sampleKey]*allowance
}

type sampleKey struct {
	level slog.Level
	text  string
}

// allowance is a bucket of tokens, one of which comes back at each interval.
type allowance struct {
	left    int
	since   time.Time // when the last token came back
	leftOut int
}

// take reports whether a record may pass, and how many did not before it.
func (r *ration) take(k sampleKey, now time.Time) (leftOut int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.of[k]
	if a == nil && len(r.of) >= maxSampled {
		k = sampleKey{}
		a = r.of[k]
	}
	if a == nil {
		a = &allowance{left: r.burst, since: now}
		r.of[k] = a
	}
	if n := int(now.Sub(a.since) / max(r.every, 1)); n > 0 {
		a.left = min(a.left+n, r.burst)
		a.since = a.since.Add(time.Duration(n) * r.every)
	}
	if a.left == 0 {
		a.leftOut++
		return 0, false
	}
	if a.left == r.burst {
		a.since = now // what was not used beyond a burst is not saved up
	}
	a.left--
	leftOut, a.leftOut = a.leftOut, 0
	return leftOut, true
}

// Enabled implements slog.Handler.
func (s *sampled) Enabled(ctx context.Context, l slog.Level) bool { return s.next.Enabled(ctx, l) }

// Handle implements slog.Handler.
func (s *sampled) Handle(ctx context.Context, rec slog.Record) error {
	leftOut, ok := s.ration.take(sampleKey{rec.Level, rec.Message}, time.Now())
	if !ok {
		return nil
	}
	if leftOut > 0 {
		rec = rec.Clone()
		rec.AddAttrs(slog.Int("left_out", leftOut))
	}
	return s.next.Handle(ctx, rec)
}

// WithAttrs implements slog.Handler.
func (s *sampled) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &sampled{s.next.WithAttrs(attrs), s.ration}
}

// WithGroup implements slog.Handler.
func (s *sampled) WithGroup(name string) slog.Handler {
	return &sampled{s.next.WithGroup(name), s.ration}
}
