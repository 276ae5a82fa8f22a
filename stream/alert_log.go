package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"detour/route"

	"github.com/nats-io/nats.go/jetstream"
)

// AlertPosition is the place in the evidence that an alert comes from. The zero
// value lies before all others.
type AlertPosition struct {
	Created  route.Time // of the evidence stream
	Sequence uint64     // of the message in it
	Index    uint32     // of the alert among those of the message
}

// String returns <created, in microseconds>/<sequence>/<index>, as it stands in
// PositionHeader.
func (p AlertPosition) String() string {
	b := strconv.AppendInt(make([]byte, 0, 48), int64(p.Created), 10)
	b = append(b, '/')
	b = strconv.AppendUint(b, p.Sequence, 10)
	b = append(b, '/')
	return string(strconv.AppendUint(b, uint64(p.Index), 10))
}

// ParseAlertPosition reads what String has written.
func ParseAlertPosition(s string) (AlertPosition, error) {
	created, rest, _ := strings.Cut(s, "/")
	sequence, index, ok := strings.Cut(rest, "/")
	c, err1 := strconv.ParseInt(created, 10, 64)
	q, err2 := strconv.ParseUint(sequence, 10, 64)
	i, err3 := strconv.ParseUint(index, 10, 32)
	if err := errors.Join(err1, err2, err3); err != nil || !ok {
		return AlertPosition{}, fmt.Errorf("position %.64q is not <created>/<sequence>/<index>", s)
	}
	return AlertPosition{route.Time(c), q, uint32(i)}, nil
}

// Before reports whether p lies before q. What comes from an older evidence
// stream lies before all of a newer one.
func (p AlertPosition) Before(q AlertPosition) bool {
	switch {
	case p.Created != q.Created:
		return p.Created < q.Created
	case p.Sequence != q.Sequence:
		return p.Sequence < q.Sequence
	}
	return p.Index < q.Index
}

// errRead ends the reading of alerts.
var errRead = errors.New("all alerts are read")

// readSpell is how long alerts are read until it is asked again where they end: the
// last ones may have been discarded meanwhile.
const readSpell = 10 * time.Second

// ReadAlerts hands out what is stored of alerts behind sequence last, in order,
// and returns the stream's last sequence. The leader says where the end is, so
// that a replica that lags hides nothing. It tries until ctx ends.
func ReadAlerts(
	ctx context.Context, js jetstream.JetStream, last uint64, each func(*Message) error,
) (uint64, error) {
	for {
		end, first, err := alertsEnd(ctx, js)
		if err != nil {
			return last, err
		}
		if end <= last || first > end { // nothing new, or a stream made anew
			return end, nil
		}
		last, err = readAlerts(ctx, js, last, end, each)
		switch {
		case errors.Is(err, errRead):
			return last, nil
		case err == nil:
			err = ctx.Err()
		}
		if err != nil {
			return last, fmt.Errorf("read alerts behind sequence %d: %w", last, err)
		}
	}
}

// readAlerts reads up to end, or for a spell, and returns the last sequence read.
func readAlerts(
	ctx context.Context, js jetstream.JetStream, last, end uint64, each func(*Message) error,
) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, readSpell)
	defer cancel()
	r := NewReader(js, ReaderConfig{Stream: AlertsStream})
	err := r.Run(ctx, last+1, func(m *Message) error {
		if err := each(m); err != nil {
			return err
		}
		if last = m.Sequence; last >= end {
			return errRead
		}
		return nil
	})
	return last, err
}

// alertsEnd returns the sequences of the last and the first alert.
func alertsEnd(ctx context.Context, js jetstream.JetStream) (last, first uint64, err error) {
	var p patience
	for wait := DefaultBackoffMin; ; wait = min(2*wait, DefaultBackoffMax) {
		last, first, err = tryAlertsEnd(ctx, js, p.wait())
		p.done(err)
		if err == nil || errors.Is(err, jetstream.ErrStreamNotFound) || js.Conn().IsClosed() {
			break
		}
		select {
		case <-time.After(wait):
			continue
		case <-ctx.Done():
		}
		break
	}
	if err != nil {
		return 0, 0, fmt.Errorf("look up end of %s: %w", AlertsStream, err)
	}
	return last, first, nil
}

func tryAlertsEnd(
	ctx context.Context, js jetstream.JetStream, wait time.Duration,
) (last, first uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	st, err := js.Stream(ctx, AlertsStream)
	if err != nil {
		return 0, 0, err
	}
	state := st.CachedInfo().State
	return state.LastSeq, state.FirstSeq, nil
}
