package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// Run sends, takes acks and resends until ctx ends or nothing more can be sent:
// the connection was closed for good or the server refuses a message for ever.
// It returns nil when ctx ended. It runs once.
func (s *Sender) Run(ctx context.Context) error {
	// Room for the acks of several rounds. One that is dropped for want of room
	// costs a resend.
	acks := make(chan *nats.Msg, 4*s.cfg.Window+64)
	sub, err := s.nc.ChanSubscribe(s.replies.prefix+"*.*", acks)
	if err != nil {
		err = fmt.Errorf("subscribe to acks of %s: %w", s.cfg.Subject, err)
		s.end(err)
		return err
	}
	defer sub.Unsubscribe() //nolint:errcheck // fails only when the connection is gone
	s.begin()
	err = s.loop(ctx, acks)
	s.end(err)
	return err
}

func (s *Sender) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = true
	s.resend()
}

func (s *Sender) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Stop()
	s.running = false
	s.err = ErrSenderStopped
	if err != nil {
		s.err = fmt.Errorf("%w: %w", ErrSenderStopped, err)
	}
	s.progress()
}

func (s *Sender) loop(ctx context.Context, acks <-chan *nats.Msg) error {
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case m := <-acks:
			err = s.answered(m)
		case <-s.timer.C:
			err = s.expired()
		}
		if err != nil {
			return err
		}
	}
}

// answered handles an ack or refusal.
func (s *Sender) answered(m *nats.Msg) error {
	round, index, ok := s.replies.parse(m.Subject)
	if !ok {
		return nil
	}
	seq, err := parseAck(m)
	if errors.Is(err, errRefused) {
		return fmt.Errorf("store on %s: %w", s.cfg.Subject, err)
	}
	s.mu.Lock()
	if err != nil {
		if round == s.window.round && s.window.holds(index) {
			s.refused()
		}
		s.mu.Unlock()
		return nil
	}
	s.done = s.window.ack(index, round, seq, time.Now(), s.done[:0])
	if len(s.done) > 0 {
		s.acked()
	}
	s.mu.Unlock()
	if s.cfg.OnAck != nil {
		for _, a := range s.done {
			s.cfg.OnAck(a)
		}
	}
	return nil
}

// acked does what follows from progress. The lock is held.
func (s *Sender) acked() {
	for _, a := range s.done {
		s.stats.Messages++
		s.stats.Bytes += uint64(a.Bytes)
	}
	s.window.backoff, s.window.timeout = s.cfg.BackoffMin, s.cfg.AckTimeout
	switch {
	case s.window.inFlight() == 0:
		s.window.failed = false
		s.timer.Stop()
	case !s.window.failed:
		s.timer.Reset(s.window.timeout)
	}
	s.progress()
}

// progress wakes who waits. The lock is held.
func (s *Sender) progress() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// expired handles the timer: an ack did not come, or a backoff is over.
func (s *Sender) expired() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.window.inFlight() == 0 {
		return nil
	}
	if s.nc.IsClosed() {
		return fmt.Errorf("send on %s: %w", s.cfg.Subject, nats.ErrConnectionClosed)
	}
	if !s.window.failed {
		s.stats.Timeouts++
		s.window.timeout = min(2*s.window.timeout, ackTimeoutGrows*s.cfg.AckTimeout)
	}
	s.resend()
	return nil
}

// refused begins a backoff, unless one is under way. The lock is held.
func (s *Sender) refused() {
	if s.window.failed {
		return
	}
	s.stats.Refusals++
	s.window.failed = true
	s.timer.Reset(s.window.backoff)
	s.window.backoff = min(2*s.window.backoff, s.cfg.BackoffMax)
}

// resend sends all that is in flight. The lock is held.
func (s *Sender) resend() {
	again := s.window.round > 0
	s.window.goBack()
	if s.window.inFlight() == 0 {
		return
	}
	s.timer.Reset(s.window.timeout)
	for i := s.window.base; i < s.window.next; i++ {
		if err := s.transmit(i); err != nil {
			s.refused()
			return
		}
		if again {
			s.stats.Resends++
		}
	}
}

// transmit publishes message i. Without a connection it does not: the client
// would pile up copies in its reconnect buffer. The lock is held.
func (s *Sender) transmit(i uint64) error {
	if !s.nc.IsConnected() {
		return nats.ErrDisconnected
	}
	return s.nc.PublishRequest(s.cfg.Subject, s.replies.subject(s.window.round, i), s.window.at(i).data)
}
