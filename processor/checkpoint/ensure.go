package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"detour/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// Ensure makes the folder and the buckets that are missing, removes files that a
// killed process left half written, and checks buckets that exist: one that keeps
// less than asked for is an error (stream.ErrIncompatible), and nothing that
// exists is changed. Call it once before Save and Load, which work without the
// places that Ensure could not make ready.
func (s *Store) Ensure(ctx context.Context) error {
	var errs []error
	if s.hasDisk() {
		if err := s.disk.prepare(); err != nil {
			errs = append(errs, Problem{Disk, s.disk.dir, err})
		}
	}
	if s.broker.js != nil {
		for _, b := range s.buckets() {
			if err := s.broker.ensure(ctx, b); err != nil {
				errs = append(errs, Problem{b.place, b.name, err})
			}
		}
	}
	return errors.Join(errs...)
}

// Missing returns the buckets that Ensure would make.
func (s *Store) Missing(ctx context.Context) (names []string, err error) {
	for _, b := range s.buckets() {
		_, err := s.broker.js.Stream(ctx, b.stream.Name)
		switch {
		case errors.Is(err, jetstream.ErrStreamNotFound):
			names = append(names, b.name)
		case err != nil:
			return nil, Problem{b.place, b.name, err}
		}
	}
	return names, nil
}

// bucket is what Ensure makes or checks: a stream with the settings that matter.
type bucket struct {
	place  Place
	name   string
	stream jetstream.StreamConfig
	create func(context.Context) error
}

func (s *Store) buckets() []bucket {
	objects := jetstream.ObjectStoreConfig{
		Bucket: ObjectBucket, Description: "checkpoints of detour's units",
		Replicas: s.cfg.Replicas, MaxBytes: s.cfg.MaxBytes,
	}
	keys := jetstream.KeyValueConfig{
		Bucket: KeyBucket, Description: "what detour's processes agree on", Replicas: s.cfg.Replicas,
	}
	return []bucket{
		{
			place: Objects, name: ObjectBucket,
			stream: jetstream.StreamConfig{
				Name: objectStream, Subjects: []string{chunkSubjects + ">", metaSubjects + ">"},
				Replicas: s.cfg.Replicas, MaxBytes: s.cfg.MaxBytes, AllowRollup: true, AllowDirect: true,
			},
			create: func(ctx context.Context) error {
				_, err := s.broker.js.CreateObjectStore(ctx, objects)
				return err
			},
		},
		{
			place: Pointer, name: KeyBucket,
			stream: jetstream.StreamConfig{
				Name: keyStream, Subjects: []string{keySubjects + ">"},
				Replicas: s.cfg.Replicas, AllowRollup: true, AllowDirect: true,
			},
			create: func(ctx context.Context) error {
				_, err := s.broker.js.CreateKeyValue(ctx, keys)
				return err
			},
		},
	}
}

// ensure may be called by any number of processes at once.
func (b *broker) ensure(ctx context.Context, want bucket) error {
	return b.try(ctx, func(ctx context.Context) error {
		err := b.check(ctx, want)
		if !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		err = want.create(ctx)
		if errors.Is(err, jetstream.ErrBucketExists) || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return b.check(ctx, want) // another process was first, with other settings
		}
		return err
	})
}

func (b *broker) check(ctx context.Context, want bucket) error {
	st, err := b.js.Stream(ctx, want.stream.Name)
	if err != nil {
		return err
	}
	if err := compatible(st.CachedInfo().Config, want.stream); err != nil {
		return fmt.Errorf("%w: %w", stream.ErrIncompatible, err)
	}
	return nil
}

// compatible lists how have falls short of want.
func compatible(have, want jetstream.StreamConfig) error {
	var errs []error
	differs := func(what string, have, want any) {
		errs = append(errs, fmt.Errorf("%s is %v, need %v", what, have, want))
	}
	if !slices.Equal(have.Subjects, want.Subjects) {
		differs("subjects", have.Subjects, want.Subjects)
	}
	if have.Storage != want.Storage {
		differs("storage", have.Storage, want.Storage)
	}
	if have.Replicas < want.Replicas {
		differs("number of replicas", have.Replicas, want.Replicas)
	}
	if have.AllowDirect != want.AllowDirect || have.AllowRollup != want.AllowRollup {
		differs("allow_direct, allow_rollup_hdrs", []bool{have.AllowDirect, have.AllowRollup},
			[]bool{want.AllowDirect, want.AllowRollup})
	}
	if have.MaxAge > 0 {
		differs("max_age", have.MaxAge, "none")
	}
	if have.MaxBytes > 0 && (want.MaxBytes <= 0 || have.MaxBytes < want.MaxBytes) {
		differs("max_bytes", have.MaxBytes, want.MaxBytes)
	}
	return errors.Join(errs...)
}
