package stream

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// SentAlert is an alert that is on its way.
type SentAlert struct{ ack jetstream.PubAckFuture }

// SendAfter is PublishAfter that does not wait, so that many alerts of one moment
// take the time of one; last is what the stream will end with when all that were
// sent before are stored. It does not try again: who sent ahead and was refused
// goes on with PublishAfter from the first that is not stored.
func (p *AlertPublisher) SendAfter(last uint64, subject, id, position string, data []byte) (SentAlert, error) {
	m := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{PositionHeader: {position}}}
	ack, err := p.ahead.PublishMsgAsync(m, jetstream.WithExpectLastSequence(last), jetstream.WithMsgID(id),
		jetstream.WithExpectStream(AlertsStream), jetstream.WithRetryAttempts(0))
	if err != nil {
		return SentAlert{}, fmt.Errorf("send alert %s: %w", id, err)
	}
	return SentAlert{ack}, nil
}

// Stored waits for the ack and returns the sequence; it may be called once.
func (s SentAlert) Stored(ctx context.Context) (sequence uint64, err error) {
	select {
	case ack := <-s.ack.Ok():
		return ack.Sequence, nil
	case err := <-s.ack.Err():
		return 0, fmt.Errorf("store alert: %w", err)
	case <-ctx.Done():
		return 0, fmt.Errorf("store alert: %w", ctx.Err())
	}
}
