package checkpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"detour/internal/natstest"

	"github.com/nats-io/nats.go/jetstream"
)

func TestWithoutThePointerTheFileIsUsed(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(ctx context.Context, js jetstream.JetStream) error
		want []error
		save error // what the next Save says
	}{
		"bucket of keys is gone": {func(ctx context.Context, js jetstream.JetStream) error {
			return js.DeleteKeyValue(ctx, KeyBucket)
		}, []error{jetstream.ErrBucketNotFound}, jetstream.ErrBucketNotFound},
		"bucket of objects is gone": {func(ctx context.Context, js jetstream.JetStream) error {
			return js.DeleteObjectStore(ctx, ObjectBucket)
		}, nil, jetstream.ErrNoStreamResponse},
		"key is deleted": {key(func(ctx context.Context, kv jetstream.KeyValue, key string) error {
			return kv.Delete(ctx, key)
		}), nil, nil},
		"key is purged": {key(func(ctx context.Context, kv jetstream.KeyValue, key string) error {
			return kv.Purge(ctx, key)
		}), nil, nil},
		"key holds something else": {key(func(ctx context.Context, kv jetstream.KeyValue, key string) error {
			_, err := kv.PutString(ctx, key, "hello")
			return err
		}), []error{ErrDamaged}, nil},
		"key names another unit's object": {key(func(ctx context.Context, kv jetstream.KeyValue, key string) error {
			text, err := json.Marshal(pointer{1, []entry{{Object: "shard-4_f1_9_x", Bytes: 1, Meta: metaOf("shard-4", 9)}}})
			_, err2 := kv.Put(ctx, key, text)
			return errors.Join(err, err2)
		}), []error{ErrDamaged}, nil},
		"key is of a newer version": {key(func(ctx context.Context, kv jetstream.KeyValue, key string) error {
			_, err := kv.PutString(ctx, key, `{"version":2,"kept":"elsewhere"}`)
			return err
		}), []error{ErrUnknown}, ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			_, js := natstest.Start(t)
			s := ensured(t, js, Config{Dir: t.TempDir(), Patience: time.Second})
			save(t, s, 1, 2)
			if err := c.lose(t.Context(), js); err != nil {
				t.Fatal(err)
			}
			wantLoad(t, s, 2, c.want...)
			err := s.Save(t.Context(), metaOf("shard-3", 3), bodyOf(3, 5000))
			var failed *SaveError
			if !errors.Is(err, c.save) || (err != nil && (!errors.As(err, &failed) || failed.Written[0] != Disk)) {
				t.Errorf("saving said %v, want %v", err, c.save)
			}
			if err == nil {
				wantLoad(t, newStore(t, Config{Member: "b"}, Deps{JS: js}), 3)
			}
		})
	}
}

// key is a fault in the pointer's key.
func key(
	do func(ctx context.Context, kv jetstream.KeyValue, key string) error,
) func(context.Context, jetstream.JetStream) error {
	return func(ctx context.Context, js jetstream.JetStream) error {
		kv, err := js.KeyValue(ctx, KeyBucket)
		if err != nil {
			return err
		}
		return do(ctx, kv, pointerKey("shard-3", 1))
	}
}

func TestAPointerOfANewerFormatIsLeftAlone(t *testing.T) {
	_, js := natstest.Start(t)
	s := ensured(t, js, Config{})
	save(t, s, 1)
	upgraded := newStore(t, Config{Member: "b", OldestFormat: 1, NewestFormat: 2}, Deps{JS: js})
	m := metaOf("shard-3", 2)
	m.Format = 2
	if err := upgraded.Save(t.Context(), m, bodyOf(2, 5000)); err != nil {
		t.Fatal(err)
	}
	wantLoad(t, upgraded, 2)
	wantLoad(t, s, 1, ErrUnknown)
	save(t, s, 3)
	if p := pointerOf(t, s, 2); len(p.Kept) != 1 || p.Kept[0].Meta.Sequence != 2 {
		t.Errorf("pointer of format 2 is %+v", p)
	}
}

// TestRacingWritersNeverMoveThePointerBack moves pointers alone, so that writers
// meet between reading and writing.
func TestRacingWritersNeverMoveThePointerBack(t *testing.T) {
	_, js := natstest.Start(t)
	s := ensured(t, js, Config{})
	const writers, each = 8, 50
	seen := watchPointer(t, js, writers*each)
	kv, err := s.broker.keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for n := range writers {
		wg.Go(func() {
			for i := range each {
				m := metaOf("shard-3", uint64(i*writers+n+1))
				now, _, err := s.broker.movePointer(t.Context(), kv, entry{Object: newObjectName(m), Meta: m})
				if err != nil || now.Kept[0].Meta.Sequence < m.Sequence {
					t.Errorf("%v: %+v", err, now)
				}
			}
		})
	}
	wg.Wait()
	<-seen
}

func TestRacingSaversLeaveTheNewestTwo(t *testing.T) {
	_, js := natstest.Start(t)
	const savers, each = 4, 10
	first := ensured(t, js, Config{})
	seen := watchPointer(t, js, savers*each)
	var wg sync.WaitGroup
	for n := range savers {
		s := newStore(t, Config{Member: fmt.Sprint("m", n)}, Deps{JS: js})
		wg.Go(func() {
			for i := range each {
				sequence := uint64(i*savers + n + 1)
				if err := s.Save(t.Context(), metaOf("shard-3", sequence), bodyOf(sequence, 5000)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	<-seen
	wantLoad(t, first, savers*each)
	if n := len(objectsIn(t, js)); n != kept {
		t.Errorf("%d objects stay, want %d", n, kept)
	}
}

// watchPointer reports each step back of the pointer, and closes seen when it
// has reached a sequence or the test has ended.
func watchPointer(t *testing.T, js jetstream.JetStream, until uint64) (seen chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	kv, err := js.KeyValue(ctx, KeyBucket)
	if err != nil {
		t.Fatal(err)
	}
	// The key's history is one value, so what is quickly replaced may not be seen.
	watcher, err := kv.Watch(ctx, pointerKey("shard-3", 1), jetstream.UpdatesOnly())
	if err != nil {
		t.Fatal(err)
	}
	seen = make(chan struct{})
	go func() {
		defer close(seen)
		defer cancel()
		for last := uint64(0); last < until; {
			select {
			case e := <-watcher.Updates():
				p, err := parsePointer(e.Value(), "shard-3", 1)
				if err != nil || p.Kept[0].Meta.Sequence <= last {
					t.Errorf("%v: from %d to %+v", err, last, p)
					return
				}
				last = p.Kept[0].Meta.Sequence
			case <-ctx.Done():
				t.Errorf("the pointer stays at %d", last)
				return
			}
		}
	}()
	return seen
}
