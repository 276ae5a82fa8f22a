package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/pause"
	"detour/stream"
)

// Bounds and times. The heartbeat is short because a client notices only by it
// that a consumer's leader is gone. What that one had sent and nobody got comes
// again after ackWait: it is not much longer than an election takes. A busy server may
// be late with it by ackLate, and whoever asks at that very moment gets what is newer
// first.
const (
	pending   = 256 // messages that are not acked: what comes twice after a death
	ackWait   = 10 * time.Second
	ackLate   = 2 * time.Second
	expiry    = 2 * time.Second
	heartbeat = 500 * time.Millisecond
	apiWait   = 5 * time.Second

	againMin = 100 * time.Millisecond
	againMax = 5 * time.Second
)

// Sink takes alerts. Both methods are called in Run's goroutine. After an error of
// either, all that was written since the last Flush is written again, until it goes.
type Sink interface {
	// Write takes one alert message.
	Write(data []byte) error
	// Flush makes all that was written safe.
	Flush() error
}

// Config of a Feed.
type Config struct {
	Name string // of the durable consumer; letters, digits, - and _
}

// Deps of a Feed.
type Deps struct {
	JS   jetstream.JetStream
	Sink Sink
	// Report takes what the sink says when it takes no alert, and "" when it does
	// again, for health; may be nil.
	Report func(problem string)
	Log    *slog.Logger // nil is silent
}

// Stats of a Feed.
type Stats struct {
	Delivered uint64    // handed to the sink and acked
	Again     uint64    // delivered before, by what the server says
	Failures  uint64    // of the sink
	Reopens   uint64    // of the consumer
	Sequence  uint64    // of the last one, also of a process before this one
	Waiting   uint64    // behind it, when it was sent
	Oldest    time.Time // when the first that came and is not acked was stored; zero without one
}

// Feed is one sink's consumer.
type Feed struct {
	cfg  Config
	deps Deps

	delivered, again, failures, reopens, sequence, waiting atomic.Uint64
	// When the first of unacked was stored, in nanoseconds since 1970; 0 without one.
	oldest   atomic.Int64
	made     time.Time // the stream
	unacked  []jetstream.Msg
	written  int  // of these, since the last error
	seen     seen // what came in this process
	troubled bool // Report was told a problem
}

// New returns a Feed that does nothing until Run.
func New(cfg Config, deps Deps) (*Feed, error) {
	if cfg.Name == "" {
		return nil, errors.New("feed: a sink needs a name")
	}
	if deps.Report == nil {
		deps.Report = func(string) {}
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Feed{cfg: cfg, deps: deps}, nil
}

// Stats may be called from any goroutine.
func (f *Feed) Stats() Stats {
	s := Stats{
		Delivered: f.delivered.Load(), Again: f.again.Load(), Failures: f.failures.Load(), Reopens: f.reopens.Load(),
		Sequence: f.sequence.Load(), Waiting: f.waiting.Load(),
	}
	if at := f.oldest.Load(); at != 0 {
		s.Oldest = time.Unix(0, at)
	}
	return s
}

// Run delivers until ctx ends (nil), or the stream is gone.
func (f *Feed) Run(ctx context.Context) error {
	for wait := againMin; ctx.Err() == nil; {
		began := time.Now()
		err := f.once(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // the end of ctx is the normal end
		case errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, nats.ErrConnectionClosed):
			return fmt.Errorf("read alerts for sink %s: %w", f.cfg.Name, err)
		}
		f.reopens.Add(1)
		if time.Since(began) > againMax {
			wait = againMin
		}
		f.deps.Log.Warn("alerts are asked for again", "sink", f.cfg.Name, "err", err, "in", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		wait = min(2*wait, againMax)
	}
	return nil
}

// once is one life of the consumer's requests.
func (f *Feed) once(ctx context.Context) error {
	c, err := f.open(ctx)
	if err != nil {
		return err
	}
	if len(f.unacked) > 0 { // of a life before, in which the connection was lost
		if err := f.work(ctx, true); err != nil {
			return err
		}
	}
	// What a process before this one was sent and has not acked comes again after
	// ackWait, and then first. Asked for sooner, what is newer would come before it.
	if c.CachedInfo().NumAckPending > 0 {
		if err := pause.For(ctx, ackWait+ackLate); err != nil {
			return err
		}
	}
	it, err := c.Messages(jetstream.PullMaxMessages(pending), jetstream.PullExpiry(expiry),
		jetstream.PullHeartbeat(heartbeat))
	if err != nil {
		return fmt.Errorf("ask for alerts: %w", err)
	}
	defer it.Stop()
	defer context.AfterFunc(ctx, it.Stop)()
	for {
		m, err := it.Next()
		if err != nil && ctx.Err() != nil {
			f.settle()
			return nil
		}
		if err != nil {
			return fmt.Errorf("wait for alerts: %w", err)
		}
		if err := f.deliver(ctx, m); err != nil {
			return err
		}
	}
}

// open makes sure that there is a consumer. Sequences mean nothing in a stream that
// was made anew.
func (f *Feed) open(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	s, err := f.deps.JS.Stream(ctx, stream.AlertsStream)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", stream.AlertsStream, err)
	}
	if made := s.CachedInfo().Created; !made.Equal(f.made) {
		f.made, f.seen, f.written, f.unacked = made, seen{}, 0, f.unacked[:0]
	}
	c, err := s.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:       f.cfg.Name,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       ackWait,
		MaxAckPending: pending,
		DeliverPolicy: jetstream.DeliverAllPolicy,
	})
	if err != nil {
		return nil, fmt.Errorf("open consumer: %w", err)
	}
	f.sequence.Store(max(f.seen.last, c.CachedInfo().AckFloor.Stream)) // of lives before, too
	return c, nil
}
