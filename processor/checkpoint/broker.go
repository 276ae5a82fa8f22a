package checkpoint

import (
	"context"
	"errors"
	"time"

	"detour/internal/pause"
	"detour/stream"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Buckets on JetStream, and the streams that hold them.
const (
	ObjectBucket = "DETOUR_CHECKPOINTS"
	KeyBucket    = "DETOUR"

	objectStream = "OBJ_" + ObjectBucket
	keyStream    = "KV_" + KeyBucket
)

const (
	// requestWait is how long one request may take. A replica that has gone is
	// asked again through another server.
	requestWait = 5 * time.Second
	retryPause  = 200 * time.Millisecond
	// absentTries is how often something must be missing: a replica that lags
	// answers so for a moment.
	absentTries = 3
)

// broker asks JetStream patiently: an election takes 4 to 9 seconds.
type broker struct {
	js       jetstream.JetStream
	patience time.Duration
}

// try repeats a request until it succeeds, cannot succeed, or patience or ctx end.
func (b *broker) try(ctx context.Context, do func(context.Context) error) error {
	return b.tryAbsent(ctx, absentTries, do)
}

// tryAbsent is try for what may well be missing; a write will tell.
func (b *broker) tryAbsent(ctx context.Context, tries int, do func(context.Context) error) error {
	end := time.Now().Add(b.patience)
	for absent := 0; ; {
		once, cancel := context.WithTimeout(ctx, min(requestWait, b.patience))
		err := do(once)
		cancel()
		if isAbsent(err) {
			absent++
		}
		switch {
		case err == nil || isFinal(err) || absent >= tries || time.Now().Add(retryPause).After(end):
			return err
		case pause.For(ctx, retryPause) != nil:
			return errors.Join(ctx.Err(), err)
		}
	}
}

func isAbsent(err error) bool {
	return errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrKeyNotFound) ||
		errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrBucketNotFound)
}

// isFinal recognises answers that asking again will not change.
func isFinal(err error) bool {
	for _, e := range []error{
		nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrMaxPayload, nats.ErrPermissionViolation,
		jetstream.ErrKeyExists, jetstream.ErrKeyRevisionMismatch,
		ErrDamaged, ErrUnknown, stream.ErrIncompatible,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && (isFull(api) || api.Code < 500) && !isAbsent(err)
}
