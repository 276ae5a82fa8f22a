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

// NewAlertPublisher returns a publisher of alerts.
func NewAlertPublisher(js jetstream.JetStream) *AlertPublisher { return &AlertPublisher{js} }

// Publish stores an alert and tries until it is acked or ctx ends. id is that
// of the alert with its revision: a second live copy is recognised by it, within
// the stream's duplicate window. position says up to where in the evidence the
// alerts are then published.
func (p *AlertPublisher) Publish(ctx context.Context, subject, id, position string, data []byte) error {
	m := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{PositionHeader: {position}}}
	for wait := DefaultBackoffMin; ; wait = min(2*wait, DefaultBackoffMax) {
		err := p.try(ctx, m, id)
		if err == nil {
			return nil
		}
		if hopeless(err) {
			return fmt.Errorf("publish alert %s: %w", id, err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return fmt.Errorf("publish alert %s: %w (last: %w)", id, ctx.Err(), err)
		}
	}
}

func (p *AlertPublisher) try(ctx context.Context, m *nats.Msg, id string) error {
	ctx, cancel := context.WithTimeout(ctx, DefaultAckTimeout)
	defer cancel()
	_, err := p.js.PublishMsg(ctx, m, jetstream.WithMsgID(id), jetstream.WithExpectStream(AlertsStream),
		jetstream.WithRetryAttempts(0))
	return err
}

// hopeless reports whether trying again is of no use.
func hopeless(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) && api.ErrorCode == codeMessageTooLarge {
		return true
	}
	return errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrBadSubject) ||
		errors.Is(err, nats.ErrConnectionClosed)
}

// LastAlertPosition returns the position that the last stored alert carries, ""
// when none is stored. A correlator that starts stays mute up to it.
func LastAlertPosition(ctx context.Context, js jetstream.JetStream) (string, error) {
	st, err := js.Stream(ctx, AlertsStream)
	if err != nil {
		return "", fmt.Errorf("look up %s: %w", AlertsStream, err)
	}
	state := st.CachedInfo().State
	if state.Msgs == 0 {
		return "", nil
	}
	m, err := st.GetMsg(ctx, state.LastSeq)
	if err != nil {
		return "", fmt.Errorf("read last alert: %w", err)
	}
	return m.Header.Get(PositionHeader), nil
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
