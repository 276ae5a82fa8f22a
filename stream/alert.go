package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"detour/route"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// AlertPublisher stores alerts on DETOUR_ALERTS. One goroutine calls it, so that
// alerts stand in order.
type AlertPublisher struct{ js jetstream.JetStream }

// NewAlertPublisher returns a publisher of alerts. js should be of JetStream, which
// forgets acks that do not come.
func NewAlertPublisher(js jetstream.JetStream) *AlertPublisher { return &AlertPublisher{js} }

// JetStream returns what publishers and readers work with.
func JetStream(nc *nats.Conn) (jetstream.JetStream, error) {
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncTimeout(DefaultAckTimeout))
	if err != nil {
		return nil, fmt.Errorf("open jetstream: %w", err)
	}
	return js, nil
}

// Publish stores an alert and tries until it is acked or ctx ends. id is that
// of the alert with its revision: a second live copy is recognised by it, within
// the stream's duplicate window. position says up to where in the evidence the
// alerts are then published.
func (p *AlertPublisher) Publish(ctx context.Context, subject, id, position string, data []byte) error {
	_, err := p.publish(ctx, subject, id, position, data)
	return err
}

// ErrAlertsMoved says that somebody else has stored alerts since: who publishes
// must read them first.
var ErrAlertsMoved = errors.New("others have stored alerts meanwhile")

// PublishAfter is Publish that stores only where last is still the stream's last
// sequence, and else returns ErrAlertsMoved. So a publisher that slept for longer
// than the duplicate window stores nothing twice. Where the stream is replicated,
// a second live copy within the window is no error: the server looks at ids first.
// It returns the sequence under which the alert is stored.
func (p *AlertPublisher) PublishAfter(
	ctx context.Context, last uint64, subject, id, position string, data []byte,
) (sequence uint64, err error) {
	return p.publish(ctx, subject, id, position, data, jetstream.WithExpectLastSequence(last))
}

func (p *AlertPublisher) publish(
	ctx context.Context, subject, id, position string, data []byte, opts ...jetstream.PublishOpt,
) (uint64, error) {
	m, always := alertMessage(subject, id, position, data)
	opts = append(opts, always...)
	for wait := DefaultBackoffMin; ; wait = min(2*wait, DefaultBackoffMax) {
		ack, err := p.try(ctx, m, opts)
		if err == nil {
			return ack.Sequence, nil
		}
		var api *jetstream.APIError
		if errors.As(err, &api) && wrongLast(api.ErrorCode) {
			return 0, ErrAlertsMoved
		}
		if Hopeless(err) {
			return 0, fmt.Errorf("publish alert %s: %w", id, err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return 0, fmt.Errorf("publish alert %s: %w (last: %w)", id, ctx.Err(), err)
		}
	}
}

// alertMessage returns an alert as it is stored, and what holds of each that is.
func alertMessage(subject, id, position string, data []byte) (*nats.Msg, []jetstream.PublishOpt) {
	m := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{PositionHeader: {position}}}
	return m, []jetstream.PublishOpt{
		jetstream.WithMsgID(id), jetstream.WithExpectStream(AlertsStream), jetstream.WithRetryAttempts(0),
	}
}

func (p *AlertPublisher) try(
	ctx context.Context, m *nats.Msg, opts []jetstream.PublishOpt,
) (*jetstream.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, DefaultAckTimeout)
	defer cancel()
	return p.js.PublishMsg(ctx, m, opts...)
}

// wrongLast are the codes of "the last sequence is another", with it and without.
func wrongLast(code jetstream.ErrorCode) bool { return code == 10071 || code == 10164 }

// Hopeless reports whether sending an alert again is of no use.
func Hopeless(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) && api.ErrorCode == codeMessageTooLarge {
		return true
	}
	return errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrBadSubject) ||
		errors.Is(err, nats.ErrConnectionClosed)
}

// FlagPublisher tells flags on core NATS, to whoever listens at that moment.
// One goroutine calls it.
type FlagPublisher struct {
	nc *nats.Conn
	m  nats.Msg
}

// NewFlagPublisher returns a publisher of flags.
func NewFlagPublisher(nc *nats.Conn) *FlagPublisher {
	return &FlagPublisher{nc: nc, m: nats.Msg{Header: nats.Header{PositionHeader: {""}, ReceivedHeader: {""}}}}
}

// Publish tells a flag that comes from the index-th record of a frame, which its
// ingester had at received. It does not wait, and nothing is sent again.
func (p *FlagPublisher) Publish(
	subject string, shard int, sequence uint64, index uint32, received route.Time, data []byte,
) error {
	p.m.Subject, p.m.Data = subject, data
	p.m.Header[PositionHeader][0] = FlagPosition(shard, sequence, index)
	p.m.Header[ReceivedHeader][0] = strconv.FormatInt(int64(received), 10)
	if err := p.nc.PublishMsg(&p.m); err != nil {
		return fmt.Errorf("publish flag: %w", err)
	}
	return nil
}

// FlagPosition returns <shard>/<sequence>/<index>.
func FlagPosition(shard int, sequence uint64, index uint32) string {
	b := strconv.AppendInt(make([]byte, 0, 48), int64(shard), 10)
	b = append(b, '/')
	b = strconv.AppendUint(b, sequence, 10)
	b = append(b, '/')
	return string(strconv.AppendUint(b, uint64(index), 10))
}
