package checkpoint

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/stream"

	"github.com/nats-io/nats.go/jetstream"
)

func TestEnsureChecksAndChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		made func(ctx context.Context, js jetstream.JetStream) error
		says string // empty: accepted
	}{
		"objects expire": {func(ctx context.Context, js jetstream.JetStream) error {
			_, err := js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: ObjectBucket, TTL: time.Hour})
			return err
		}, "object store DETOUR_CHECKPOINTS: stream exists with other settings: max_age is 1h0m0s, need none"},
		"objects in memory": {func(ctx context.Context, js jetstream.JetStream) error {
			_, err := js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
				Bucket: ObjectBucket, Storage: jetstream.MemoryStorage,
			})
			return err
		}, "storage is Memory, need File"},
		"a smaller bucket": {func(ctx context.Context, js jetstream.JetStream) error {
			_, err := js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: ObjectBucket, MaxBytes: 1 << 20})
			return err
		}, "max_bytes is 1048576, need 2097152"},
		"a larger bucket": {func(ctx context.Context, js jetstream.JetStream) error {
			_, err := js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: ObjectBucket, MaxBytes: 1 << 30})
			return err
		}, ""},
		"no bound": {func(ctx context.Context, js jetstream.JetStream) error {
			_, err := js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: ObjectBucket})
			return err
		}, ""},
		"keys expire": {func(ctx context.Context, js jetstream.JetStream) error {
			_, err := js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: KeyBucket, TTL: time.Hour})
			return err
		}, "pointer DETOUR: stream exists with other settings: max_age is 1h0m0s, need none"},
	} {
		t.Run(name, func(t *testing.T) {
			_, js := natstest.Start(t)
			if err := c.made(t.Context(), js); err != nil {
				t.Fatal(err)
			}
			s := newStore(t, Config{MaxBytes: 2 << 20}, Deps{JS: js})
			for range 2 { // the second time with all buckets there
				err := s.Ensure(t.Context())
				if c.says == "" && err == nil {
					continue
				}
				if c.says == "" || !errors.Is(err, stream.ErrIncompatible) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want %q", err, c.says)
				}
			}
		})
	}
}

func TestManyProcessesEnsureAtOnce(t *testing.T) {
	_, js := natstest.Start(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := newStore(t, Config{}, Deps{JS: js}).Ensure(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	save(t, newStore(t, Config{}, Deps{JS: js}), 1)
}
