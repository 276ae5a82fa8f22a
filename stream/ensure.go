package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// ErrIncompatible is wrapped by the errors of Ensure that only an operator can
// solve: a stream exists and was made for something else.
var ErrIncompatible = errors.New("stream exists with other settings")

// Ensure creates the streams that are missing and checks those that exist. It
// may be called by any number of processes at once, and again. A stream that
// keeps more than asked for is accepted, one that keeps less is not; nothing
// that exists is changed.
func Ensure(ctx context.Context, js jetstream.JetStream, s Settings) error {
	if err := s.Check(); err != nil {
		return err
	}
	s = s.withDefaults()
	if err := noStreamBeyond(ctx, js, s.Shards); err != nil {
		return err
	}
	missing, err := missingStreams(ctx, js, s.Streams())
	if err != nil {
		return err
	}
	for _, want := range missing {
		if err := createStream(ctx, js, want); err != nil {
			return fmt.Errorf("create stream %s: %w", want.Name, err)
		}
	}
	return nil
}

// Delete removes every stream of detour's, whatever the number of shards.
func Delete(ctx context.Context, js jetstream.JetStream) error {
	names := []string{EvidenceStream, AlertsStream}
	for n := range MaxShards {
		names = append(names, UpdatesStream(n))
	}
	for _, name := range names {
		if err := js.DeleteStream(ctx, name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("delete stream %s: %w", name, err)
		}
	}
	return nil
}

// A server takes a moment to forget the files of a stream that was deleted, and
// until then refuses to make one of the same name.
const (
	codeStoreFailed = 10049
	storeTries      = 50
	storePause      = 100 * time.Millisecond
)

// create makes a stream, patiently where the server is still tidying up.
func create(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) (err error) {
	for range storeTries {
		var api *jetstream.APIError
		if _, err = js.CreateStream(ctx, want); !errors.As(err, &api) || api.ErrorCode != codeStoreFailed {
			return err
		}
		select {
		case <-time.After(storePause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

// noStreamBeyond recognises streams of a larger number of shards even where
// their metadata was lost.
func noStreamBeyond(ctx context.Context, js jetstream.JetStream, shards int) error {
	_, err := js.Stream(ctx, UpdatesStream(shards))
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("look for stream %s: %w", UpdatesStream(shards), err)
	}
	return fmt.Errorf("%w: %s exists, so there are more than %d shards", ErrIncompatible, UpdatesStream(shards), shards)
}

// missingStreams checks the streams that exist and returns the others. It looks
// at all before anything is made, so that a refusal leaves nothing behind.
func missingStreams(
	ctx context.Context, js jetstream.JetStream, streams []jetstream.StreamConfig,
) (missing []jetstream.StreamConfig, err error) {
	var errs []error
	for _, want := range streams {
		err := checkStream(ctx, js, want)
		switch {
		case errors.Is(err, jetstream.ErrStreamNotFound):
			missing = append(missing, want)
		case err != nil:
			errs = append(errs, fmt.Errorf("stream %s: %w", want.Name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return missing, errors.Join(errs...)
}

func checkStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	st, err := js.Stream(ctx, want.Name)
	if err != nil {
		return err
	}
	if err := compatible(st.CachedInfo().Config, want); err != nil {
		return fmt.Errorf("%w: %w", ErrIncompatible, err)
	}
	return nil
}

func createStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	err := create(ctx, js, want)
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another process was first, with other settings
		return checkStream(ctx, js, want)
	}
	return err
}

// FirstUsed returns the first of the streams that ever held a message, and how many it holds
// now; "" when all are empty. The streams must exist.
func FirstUsed(ctx context.Context, js jetstream.JetStream, s Settings) (name string, messages uint64, err error) {
	for _, cfg := range s.Streams() {
		st, err := js.Stream(ctx, cfg.Name)
		if err != nil {
			return "", 0, fmt.Errorf("look up stream %s: %w", cfg.Name, err)
		}
		if state := st.CachedInfo().State; state.LastSeq > 0 {
			return cfg.Name, state.Msgs, nil
		}
	}
	return "", 0, nil
}
