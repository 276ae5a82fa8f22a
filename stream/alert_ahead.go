package stream

import (
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// SentAlert is an alert that is on its way.
type SentAlert struct{ ack jetstream.PubAckFuture }

// SendAfter is PublishAfter that does not wait and does not try again, so that many
// alerts take little longer than one; last is what the stream will end with when
// all that were sent before are stored. If one is refused, so are all behind it.
func (p *AlertPublisher) SendAfter(last uint64, subject, id, position string, data []byte) (SentAlert, error) {
	m, opts := alertMessage(subject, id, position, data)
	ack, err := p.js.PublishMsgAsync(m, append(opts, jetstream.WithExpectLastSequence(last))...)
	if err != nil {
		return SentAlert{}, fmt.Errorf("send alert %s: %w", id, err)
	}
	return SentAlert{ack}, nil
}

// Ok brings the ack, or Err why there is none. One of the two is read, once.
func (s SentAlert) Ok() <-chan *jetstream.PubAck { return s.ack.Ok() }

// Err is the other of Ok.
func (s SentAlert) Err() <-chan error { return s.ack.Err() }
