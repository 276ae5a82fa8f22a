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

	"detour/stream"
)

// Bounds and times. The heartbeat is short because a client notices only by it
// that a consumer's leader is gone.
const (
	pending   = 256 // messages that are not acked: what comes twice after a death
	ackWait   = 30 * time.Second
	expiry    = 2 * time.Second
	heartbeat = 500 * time.Millisecond
	apiWait   = 5 * time.Second

	againMin = 100 * time.Millisecond
	againMax = 5 * time.Second
)

// Sink takes alerts. Both methods are called in Run's goroutine.
type Sink interface {
	// Write takes one alert message; an error is tried again until it goes.
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
	Delivered uint64 // handed to the sink and acked
	Again     uint64 // delivered before, by what the server says
	Failures  uint64 // of the sink
	Reopens   uint64 // of the consumer
	Sequence  uint64 // of the last one
	Waiting   uint64 // behind it, when it was sent
}

// Feed is one sink's consumer.
type Feed struct {
	cfg  Config
	deps Deps

	delivered, again, failures, reopens, sequence, waiting atomic.Uint64
	unacked                                                []jetstream.Msg
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
	return Stats{
		Delivered: f.delivered.Load(), Again: f.again.Load(), Failures: f.failures.Load(), Reopens: f.reopens.Load(),
		Sequence: f.sequence.Load(), Waiting: f.waiting.Load(),
	}
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
	f.unacked = f.unacked[:0]
	asked, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	c, err := f.deps.JS.CreateOrUpdateConsumer(asked, stream.AlertsStream, jetstream.ConsumerConfig{
		Durable:       f.cfg.Name,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       ackWait,
		MaxAckPending: pending,
		DeliverPolicy: jetstream.DeliverAllPolicy,
	})
	if err != nil {
		return fmt.Errorf("open consumer: %w", err)
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
		if err != nil {
			return fmt.Errorf("wait for alerts: %w", err)
		}
		if err := f.deliver(ctx, m); err != nil {
			return err
		}
	}
}

// deliver hands one message over, as often as it takes.
func (f *Feed) deliver(ctx context.Context, m jetstream.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("read delivery: %w", err)
	}
	if meta.NumDelivered > 1 {
		f.again.Add(1)
	}
	if err := f.insist(ctx, m, func() error { return f.deps.Sink.Write(m.Data()) }); err != nil {
		return err
	}
	f.unacked = append(f.unacked, m)
	f.sequence.Store(meta.Sequence.Stream)
	f.waiting.Store(meta.NumPending)
	if meta.NumPending > 0 && len(f.unacked) < pending/2 {
		return nil
	}
	if err := f.insist(ctx, m, f.deps.Sink.Flush); err != nil {
		return err
	}
	for _, m := range f.unacked {
		if err := m.Ack(); err != nil {
			return fmt.Errorf("ack alert: %w", err)
		}
		f.delivered.Add(1)
	}
	f.unacked = f.unacked[:0]
	return nil
}

// insist tries until it goes, and tells the server that work goes on.
func (f *Feed) insist(ctx context.Context, m jetstream.Msg, try func() error) error {
	for wait := againMin; ; wait = min(2*wait, againMax) {
		err := try()
		if err == nil {
			if wait > againMin {
				f.deps.Report("")
			}
			return nil
		}
		f.failures.Add(1)
		f.deps.Report(err.Error())
		f.deps.Log.Error("sink does not take an alert", "sink", f.cfg.Name, "err", err, "again in", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, waits := range append(f.unacked[:len(f.unacked):len(f.unacked)], m) {
			if err := waits.InProgress(); err != nil {
				return fmt.Errorf("ask for more time: %w", err)
			}
		}
	}
}
