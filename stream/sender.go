package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// Defaults of SenderConfig.
const (
	DefaultWindow     = 4
	MaxWindow         = 256
	DefaultAckTimeout = 500 * time.Millisecond
	ackTimeoutGrows   = 4 // times, at most, while none comes
	DefaultBackoffMin = 50 * time.Millisecond
	DefaultBackoffMax = 250 * time.Millisecond
)

// ErrSenderStopped is returned to senders after Run has ended.
var ErrSenderStopped = errors.New("sender has stopped")

// SenderConfig describes a Sender. Only Subject is needed.
type SenderConfig struct {
	Subject    string
	Window     int           // messages in flight
	AckTimeout time.Duration // without progress; then all in flight is sent again, and it doubles
	BackoffMin time.Duration // pause before that after a refusal
	BackoffMax time.Duration
	OnAck      func(Ack) // called by Run's goroutine, without locks; may be nil
}

func (c SenderConfig) withDefaults() SenderConfig {
	if c.Window == 0 {
		c.Window = DefaultWindow
	}
	c.Window = min(max(c.Window, 1), MaxWindow)
	if c.AckTimeout == 0 {
		c.AckTimeout = DefaultAckTimeout
	}
	if c.BackoffMin == 0 {
		c.BackoffMin = DefaultBackoffMin
	}
	if c.BackoffMax == 0 {
		c.BackoffMax = max(DefaultBackoffMax, c.BackoffMin)
	}
	return c
}

// Ack tells of a message that is stored, after all that were sent before it.
type Ack struct {
	Sequence uint64
	Bytes    int
	Latency  time.Duration // since its first transmission
}

// SenderStats counts since the Sender was made.
type SenderStats struct {
	Messages, Bytes uint64 // stored
	Resends         uint64 // messages sent once more
	Timeouts        uint64 // times that no ack came
	Refusals        uint64 // no responders, errors from the server, no connection
}

// Sender stores messages on one subject in order, with a small window in
// flight. What is not acked is sent again with all that followed it
// (go-back-N), the same bytes, until it is; so the stream holds every message,
// and after any run of second copies the order is restored.
//
// It publishes with a reply subject of its own and keeps its own table of what
// is in flight: the client's PublishMsgAsync retries single messages behind the
// caller's back, which reorders them, gives up after 0.5 s without responders
// and allocates a future and timer for each.
//
// Send, TrySend and Flush may be called before Run, and by several goroutines;
// the order is then that of the calls.
type Sender struct {
	nc      *nats.Conn
	cfg     SenderConfig
	replies replies
	timer   *time.Timer // ack timeout, or end of a backoff
	done    []Ack       // Run's scratch

	mu      sync.Mutex
	window  window
	running bool
	err     error         // why Run ended
	changed chan struct{} // closed at the next progress; nil when nobody waits
	stats   SenderStats
}

// NewSender returns a Sender that does nothing until Run.
func NewSender(nc *nats.Conn, cfg SenderConfig) *Sender {
	cfg = cfg.withDefaults()
	s := &Sender{
		nc:      nc,
		cfg:     cfg,
		replies: replies{prefix: nc.NewInbox() + "."},
		timer:   time.NewTimer(time.Hour),
		window:  window{slots: make([]slot, cfg.Window), backoff: cfg.BackoffMin, timeout: cfg.AckTimeout},
	}
	s.timer.Stop()
	return s
}

// Send copies data and stores it; it waits only for room in the window. A nil
// error says that the message will be stored as long as Run runs; Flush tells
// when. Data larger than the server takes is an error.
func (s *Sender) Send(ctx context.Context, data []byte) error {
	for {
		ok, err := s.TrySend(data)
		if ok || err != nil {
			return err
		}
		if err := s.WaitRoom(ctx); err != nil {
			return err
		}
	}
}

// TrySend is Send that returns false instead of waiting.
func (s *Sender) TrySend(data []byte) (bool, error) {
	if limit := s.nc.MaxPayload(); limit > 0 && int64(len(data)) > limit {
		return false, fmt.Errorf("send %d bytes on %s: %w", len(data), s.cfg.Subject, nats.ErrMaxPayload)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false, s.err
	}
	if s.window.full() {
		return false, nil
	}
	index := s.window.push(data, time.Now())
	if !s.running || s.window.failed {
		return true, nil // sent with the rest when Run begins or the backoff ends
	}
	if s.window.inFlight() == 1 {
		s.timer.Reset(s.window.timeout)
	}
	if err := s.transmit(index); err != nil {
		s.refused()
	}
	return true, nil
}

// Idle reports whether nothing is in flight.
func (s *Sender) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.window.inFlight() == 0
}

// Room reports whether TrySend would take a message. It stays true for whoever
// is the only caller of TrySend.
func (s *Sender) Room() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.window.full()
}

// WaitRoom waits until there is room.
func (s *Sender) WaitRoom(ctx context.Context) error {
	if err := s.wait(ctx, func() bool { return !s.window.full() }); err != nil {
		return fmt.Errorf("wait for room to send: %w", err)
	}
	return nil
}

// Flush waits until all that was sent is stored, and returns the sequence of
// the last message.
func (s *Sender) Flush(ctx context.Context) (uint64, error) {
	if err := s.wait(ctx, func() bool { return s.window.inFlight() == 0 }); err != nil {
		return s.Last(), fmt.Errorf("wait for acks: %w", err)
	}
	return s.Last(), nil
}

// Sent returns how many messages the Sender was given.
func (s *Sender) Sent() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.window.next
}

// WaitStored waits until the first n messages are stored, whatever came behind
// them.
func (s *Sender) WaitStored(ctx context.Context, n uint64) error {
	if err := s.wait(ctx, func() bool { return s.window.base >= n }); err != nil {
		return fmt.Errorf("wait for acks: %w", err)
	}
	return nil
}

// Last returns the sequence of the last stored message, 0 before the first.
func (s *Sender) Last() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.window.last
}

// Stats returns the counts.
func (s *Sender) Stats() SenderStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// wait returns when cond holds under the lock.
func (s *Sender) wait(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		if cond() || s.err != nil {
			holds, err := cond(), s.err
			s.mu.Unlock()
			if holds {
				return nil
			}
			return err
		}
		if s.changed == nil {
			s.changed = make(chan struct{})
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
