package firehose

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"detour/alert"
	"detour/internal/latency"
	"detour/route"
	"detour/stream"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bounds of the flags that wait for their ear.
const (
	flagsWaiting      = 1 << 20
	flagsWaitingBytes = 512 << 20
)

// phase is a part of a run with latencies of its own: of updates that were due from
// its beginning on.
type phase struct {
	from route.Time
	*latency.Recorder
}

// phases are those of an ear, by beginning. The driver begins them, the ear's
// goroutine adds; before the first nothing counts.
type phases struct{ list atomic.Pointer[[]phase] }

func (p *phases) begin(from route.Time) *latency.Recorder {
	h := latency.Fine()
	var list []phase
	if old := p.list.Load(); old != nil {
		list = append(list, *old...)
	}
	list = append(list, phase{from, h})
	p.list.Store(&list)
	return h
}

// observe counts what was due at a time and came after a while.
func (p *phases) observe(due route.Time, took time.Duration) {
	list := p.list.Load()
	if list == nil {
		return
	}
	for i := len(*list) - 1; i >= 0; i-- {
		if h := &(*list)[i]; due >= h.from {
			h.Observe(took)
			return
		}
	}
}

// flagEar is a subscriber of all flags. A flag carries the engine time of its
// update, which is when that was due.
type flagEar struct {
	phases
	sub   *nats.Subscription
	heard atomic.Uint64
	bad   atomic.Uint64
}

func listenFlags(nc *nats.Conn) (*flagEar, error) {
	e := &flagEar{}
	sub, err := nc.Subscribe(stream.AllFlags, e.take)
	if err == nil {
		err = sub.SetPendingLimits(flagsWaiting, flagsWaitingBytes)
	}
	if err == nil {
		err = nc.Flush()
	}
	if err != nil {
		return nil, fmt.Errorf("listen to flags: %w", err)
	}
	e.sub = sub
	return e, nil
}

func (e *flagEar) take(m *nats.Msg) {
	t, ok := flagTime(m.Data)
	if !ok {
		e.bad.Add(1)
		return
	}
	e.heard.Add(1)
	e.observe(route.TimeOf(t), time.Since(t))
}

// flagTime reads a flag's engine time without a JSON decoder: there are tens of
// thousands a second.
func flagTime(line []byte) (time.Time, bool) {
	_, rest, ok := bytes.Cut(line, []byte(`"time":"`))
	if !ok {
		return time.Time{}, false
	}
	text, _, ok := bytes.Cut(rest, []byte{'"'})
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, string(text))
	return t, err == nil
}

// alertEar reads stored alerts as a sink does.
type alertEar struct {
	phases
	reader *stream.Reader
	events *events
	stamp  phases        // since Timing.Received, a frame's oldest update
	others atomic.Uint64 // incidents that are of no labelled event
	lost   atomic.Uint64
}

func listenAlerts(js jetstream.JetStream, e *events) *alertEar {
	return &alertEar{
		events: e, reader: stream.NewReader(js, stream.ReaderConfig{Stream: stream.AlertsStream}),
	}
}

// heardAlert is what the ear needs of an alert.
type heardAlert struct {
	Revision uint32        `json:"revision"`
	Scope    alert.Scope   `json:"scope"`
	Suspect  route.ASN     `json:"suspect_asn"`
	Timing   *alert.Timing `json:"timing"`
}

func (e *alertEar) run(ctx context.Context) error {
	return e.reader.Run(ctx, 1, func(m *stream.Message) error {
		now := time.Now()
		e.lost.Add(m.Hole)
		var a heardAlert
		if err := json.Unmarshal(m.Data, &a); err != nil {
			return fmt.Errorf("read alert %d: %w", m.Sequence, err)
		}
		if a.Scope != alert.ScopeIncident || a.Revision != 1 {
			return nil
		}
		due, ok := e.events.end(a.Suspect)
		if !ok {
			e.others.Add(1)
			return nil
		}
		e.observe(due, now.Sub(due.Std()))
		if a.Timing != nil {
			e.stamp.observe(due, now.Sub(a.Timing.Received.Std()))
		}
		return nil
	})
}
