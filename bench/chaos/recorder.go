package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"detour/alert"
	"detour/stream"
)

// recorder reads stored alerts as they come, as a sink does, and keeps when.
type recorder struct {
	js jetstream.JetStream

	mu      sync.Mutex
	arrived map[uint64]time.Time // by sequence
	last    time.Time
}

func newRecorder(js jetstream.JetStream) *recorder {
	return &recorder{js: js, arrived: map[uint64]time.Time{}}
}

// run records until ctx ends.
func (r *recorder) run(ctx context.Context) error {
	reader := stream.NewReader(r.js, stream.ReaderConfig{Stream: stream.AlertsStream})
	return reader.Run(ctx, 1, func(m *stream.Message) error {
		now := time.Now()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.arrived[m.Sequence], r.last = now, now
		return nil
	})
}

// state returns how many messages came, and when the last one did.
func (r *recorder) state() (messages int, last time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.arrived), r.last
}

// message is one stored alert.
type message struct {
	sequence uint64
	arrived  time.Time // at the recorder, zero if it did not get there
	alert    *alert.Alert
}

// Bounds of reading everything that is stored.
const (
	auditBatch = 500
	auditWait  = 5 * time.Second
	alertsMax  = 1_000_000
)

// audit reads all stored alerts once more, by another way than the recorder's,
// and adds when they had arrived.
func (r *recorder) audit(ctx context.Context) ([]message, error) {
	list, err := stored(ctx, r.js)
	if err != nil {
		return nil, fmt.Errorf("read stored alerts: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range list {
		list[i].arrived = r.arrived[list[i].sequence]
	}
	return list, nil
}

func stored(ctx context.Context, js jetstream.JetStream) (list []message, err error) {
	s, err := js.Stream(ctx, stream.AlertsStream)
	if err != nil {
		return nil, err
	}
	state := s.CachedInfo().State
	if state.Msgs == 0 {
		return nil, nil
	}
	if state.Msgs > alertsMax {
		return nil, fmt.Errorf("%d messages are too many", state.Msgs)
	}
	c, err := js.CreateConsumer(ctx, stream.AlertsStream, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, DeliverPolicy: jetstream.DeliverAllPolicy, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	for uint64(len(list)) < state.Msgs { // each batch is asked for as large as it will be, so that it ends
		batch, err := c.Fetch(int(min(auditBatch, state.Msgs-uint64(len(list)))), jetstream.FetchMaxWait(auditWait))
		if err != nil {
			return nil, err
		}
		had := len(list)
		for m := range batch.Messages() {
			one, e := messageOf(m)
			err = errors.Join(err, e)
			list = append(list, one)
		}
		if err := errors.Join(err, batch.Error()); err != nil {
			return nil, err
		}
		if len(list) == had {
			return nil, errors.New("the stream ends before its last message")
		}
	}
	return list, nil
}

func messageOf(m jetstream.Msg) (message, error) {
	meta, err := m.Metadata()
	if err != nil {
		return message{}, err
	}
	a := new(alert.Alert)
	if err := json.Unmarshal(m.Data(), a); err != nil {
		return message{}, fmt.Errorf("alert %d: %w", meta.Sequence.Stream, err)
	}
	return message{sequence: meta.Sequence.Stream, alert: a}, nil
}

// settleMax is how long what was due may take to come.
const settleMax = 45 * time.Second

// settle waits until at least so many messages came and then none for a while; it
// gives up, without an error, when nothing has come for long.
func (r *recorder) settle(ctx context.Context, quiet time.Duration, least int) error {
	began := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		n, last := r.state()
		idle := time.Since(last)
		if last.Before(began) {
			idle = time.Since(began)
		}
		if n >= least && idle >= quiet || idle >= settleMax {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for alerts: %w", ctx.Err())
		}
	}
}
