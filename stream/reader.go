package stream

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/route"
)

// Bounds and times of a Reader. With two requests open, a Reader holds at most
// 500 messages or 4 MiB that were not yet handled.
const (
	pullRequests  = 2
	pullBatch     = 250
	pullBytes     = 2<<20 - 9 // a prime: see pull.ended
	pullExpiry    = 2 * time.Second
	pullHeartbeat = 500 * time.Millisecond

	readerBeat     = pullHeartbeat / 2
	readerInactive = 5 * time.Second // after which the server forgets an abandoned consumer
)

// ErrStreamReplaced says that sequences of before mean nothing any more: the
// stream was deleted and made anew, or ends before the wanted sequence.
var ErrStreamReplaced = errors.New("stream is not the one that was read before")

// ReaderConfig describes a Reader. Only Stream is needed.
type ReaderConfig struct {
	Stream string
	// Created is the creation time of the stream that the wanted sequence
	// belongs to; zero takes any.
	Created time.Time
	// Mail brings work that Run's goroutine does between messages. A returned
	// error ends Run. May be nil.
	Mail <-chan func() error
}

// ReaderStats counts since the Reader was made.
type ReaderStats struct {
	Messages, Bytes uint64
	Duplicates      uint64 // messages at or below the position, dropped
	Holes, Missing  uint64 // holes, and sequences in them
	Opens           uint64 // consumers made; each beyond the first had a cause below
	Lost            uint64 // deliveries that did not arrive
	Silences        uint64 // missing heartbeats, lost connections
	Stalls          uint64 // consumers that stood still before the end of the stream
	Failures        uint64 // requests to JetStream that failed
}

// Reader hands out the messages of one stream in order of their sequence, each
// once, from any sequence on. It needs no durable consumer: a short-lived one
// without acks, which it makes again at the first sign of trouble.
//
// It speaks the pull protocol itself rather than through the client's
// OrderedConsumer, whose reset waits for 10 s, or Messages, which allocates a
// timer for each message.
type Reader struct {
	js  jetstream.JetStream
	nc  *nats.Conn
	cfg ReaderConfig

	// Owned by Run.
	stream  jetstream.Stream
	created time.Time
	message Message
	handled uint64   // messages handled; the watchdog's pulse
	asking  patience // of questions about the stream
	making  patience // of consumers

	position atomic.Uint64
	end      atomic.Uint64
	stats    readerCounters
}

type readerCounters struct {
	messages, bytes, duplicates, holes, missing, opens, lost, silences, stalls, failures atomic.Uint64
}

// NewReader returns a Reader that does nothing until Run.
func NewReader(js jetstream.JetStream, cfg ReaderConfig) *Reader {
	return &Reader{js: js, nc: js.Conn(), cfg: cfg}
}

// Position returns the last sequence that was handled, or that Run began behind.
func (r *Reader) Position() uint64 { return r.position.Load() }

// End returns the last sequence that the stream is known to have held.
func (r *Reader) End() uint64 { return max(r.end.Load(), r.position.Load()) }

// Place is Position and End; open is false until the stream was found.
func (r *Reader) Place() (position, end uint64, open bool) {
	open = r.stats.opens.Load() > 0
	return r.Position(), r.End(), open
}

// Created returns the stream's creation time. Only the handler may call it.
func (r *Reader) Created() time.Time { return r.created }

// Stats returns the counts.
func (r *Reader) Stats() ReaderStats {
	c := &r.stats
	return ReaderStats{
		Messages: c.messages.Load(), Bytes: c.bytes.Load(), Duplicates: c.duplicates.Load(),
		Holes: c.holes.Load(), Missing: c.missing.Load(), Opens: c.opens.Load(), Lost: c.lost.Load(),
		Silences: c.silences.Load(), Stalls: c.stalls.Load(), Failures: c.failures.Load(),
	}
}

// Run calls handle for each message from sequence from on (0 is 1), in its own
// goroutine, until ctx ends (nil), handle returns an error (that error), the
// stream is gone or replaced, or the connection is closed. It runs once.
func (r *Reader) Run(ctx context.Context, from uint64, handle func(*Message) error) error {
	r.position.Store(max(from, 1) - 1)
	for ctx.Err() == nil {
		p, err := r.reopen(ctx)
		if err != nil {
			return err
		}
		if p == nil {
			break
		}
		err = r.read(ctx, p, handle)
		p.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// reopen makes a consumer, and tries until it has one. It returns nil when ctx
// has ended, and an error where trying again is of no use.
func (r *Reader) reopen(ctx context.Context) (*pull, error) {
	for wait := DefaultBackoffMin; ; wait = min(2*wait, DefaultBackoffMax) {
		p, err := r.open(ctx)
		switch {
		case err == nil:
			return p, nil
		case ctx.Err() != nil:
			return nil, nil //nolint:nilerr // the end of ctx is the normal end
		case errors.Is(err, ErrStreamReplaced), errors.Is(err, jetstream.ErrStreamNotFound), r.nc.IsClosed():
			return nil, fmt.Errorf("read stream %s: %w", r.cfg.Stream, err)
		}
		r.stats.failures.Add(1)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, nil
		}
	}
}

// read hands out what a consumer delivers until it must be made again (nil).
func (r *Reader) read(ctx context.Context, p *pull, handle func(*Message) error) error {
	beat := time.NewTicker(readerBeat)
	defer beat.Stop()
	dog := watchdog{reader: r, pull: p}
	for {
		select {
		case m := <-p.messages:
			if again, err := r.receive(p, m, handle); again || err != nil {
				return err
			}
		case work := <-r.cfg.Mail:
			if err := work(); err != nil {
				return err
			}
		case <-beat.C:
			if again, err := dog.look(ctx); again || err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// receive handles a message or status; again asks for another consumer.
func (r *Reader) receive(p *pull, m *nats.Msg, handle func(*Message) error) (again bool, err error) {
	p.heard = time.Now()
	d, ok := deliveryOf(m.Reply)
	if !ok {
		return p.status(m) != nil, nil
	}
	if d.consumer != p.delivered+1 {
		r.stats.lost.Add(1)
		return true, nil
	}
	p.delivered++
	position := r.position.Load()
	if d.sequence <= position {
		r.stats.duplicates.Add(1)
		return false, nil
	}
	hole := d.sequence - position - 1
	if hole > 0 {
		r.stats.holes.Add(1)
		r.stats.missing.Add(hole)
	}
	r.message = Message{
		Sequence: d.sequence, Hole: hole, Pending: d.pending,
		Stored:  route.Time(d.stored / 1e3),
		Subject: m.Subject, Header: m.Header, Data: m.Data,
	}
	if err := handle(&r.message); err != nil {
		return false, err
	}
	r.handled++
	r.stats.messages.Add(1)
	r.stats.bytes.Add(uint64(len(m.Data)))
	r.end.Store(d.sequence + d.pending)
	r.position.Store(d.sequence)
	return false, nil
}
