package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"detour/internal/natstest"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
)

// ensured is a store on NATS whose buckets are there.
func ensured(t testing.TB, js jetstream.JetStream, cfg Config) *Store {
	t.Helper()
	s := newStore(t, cfg, Deps{JS: js})
	if err := s.Ensure(natstest.Context(t, 20*time.Second)); err != nil {
		t.Fatal(err)
	}
	return s
}

// objectsIn lists the bucket with nats.go's own client.
func objectsIn(t testing.TB, js jetstream.JetStream) (sequences []string) {
	t.Helper()
	ctx := natstest.Context(t, 20*time.Second)
	bucket, err := js.ObjectStore(ctx, ObjectBucket)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := bucket.List(ctx, jetstream.ListObjectsShowDeleted())
	if err != nil && !errors.Is(err, jetstream.ErrNoObjectsFound) {
		t.Fatal(err)
	}
	for _, info := range infos {
		if _, err := bucket.GetBytes(ctx, info.Name); err != nil {
			t.Errorf("another client cannot read %s: %v", info.Name, err)
		}
		sequences = append(sequences, info.Name[:strings.LastIndex(info.Name, "_")])
	}
	return sequences
}

// subjectsIn counts what really is in the bucket's stream.
func subjectsIn(t testing.TB, js jetstream.JetStream) int {
	t.Helper()
	st, err := js.Stream(t.Context(), objectStream)
	if err != nil {
		t.Fatal(err)
	}
	return int(st.CachedInfo().State.NumSubjects)
}

func lastIn(t testing.TB, js jetstream.JetStream) uint64 {
	t.Helper()
	st, err := js.Stream(t.Context(), objectStream)
	if err != nil {
		t.Fatal(err)
	}
	return st.CachedInfo().State.LastSeq
}

func pointerOf(t testing.TB, s *Store, format uint32) pointer {
	t.Helper()
	kv, err := s.broker.keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := s.broker.readPointer(t.Context(), kv, "shard-3", format, 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestACheckpointComesBackFromNATSElsewhere(t *testing.T) {
	_, js := natstest.Start(t)
	s := ensured(t, js, Config{Dir: t.TempDir()})
	big := metaOf("shard-3", 20)
	body := bodyOf(20, 3<<20) // several chunks
	if err := s.Save(t.Context(), big, body); err != nil {
		t.Fatal(err)
	}
	elsewhere := newStore(t, Config{Member: "b"}, Deps{JS: js})
	m, back, problems, err := elsewhere.Load(t.Context(), "shard-3", nil)
	if err != nil || problems != nil || !bytes.Equal(back, body) {
		t.Fatalf("%v %v", problems, err)
	}
	if diff := cmp.Diff(big, m); diff != "" {
		t.Error(diff)
	}
}

func TestTheNewestTwoObjectsAreKeptAndNothingElse(t *testing.T) {
	_, js := natstest.Start(t)
	s := ensured(t, js, Config{})
	save(t, s, 8, 9, 10)
	written := lastIn(t, js)
	save(t, s, 9, 3) // late: nothing is sent for them
	if now := lastIn(t, js); now != written {
		t.Errorf("%d messages for what is old", now-written)
	}
	if diff := cmp.Diff([]string{"shard-3_f1_9", "shard-3_f1_10"}, objectsIn(t, js)); diff != "" {
		t.Error(diff)
	}
	if n := subjectsIn(t, js); n != 4 {
		t.Errorf("%d subjects, want those of two objects", n)
	}
	wantLoad(t, s, 10)
	newStream := metaOf("shard-3", 2)
	newStream.StreamCreated = born.Add(time.Second)
	if err := s.Save(t.Context(), newStream, bodyOf(2, 5000)); err != nil {
		t.Fatal(err)
	}
	save(t, s, 1000) // of the stream that is gone
	wantLoad(t, s, 2)
}

func TestAFileComesBeforeAnObjectOfTheSameAge(t *testing.T) {
	_, js := natstest.Start(t)
	s := ensured(t, js, Config{Dir: t.TempDir()})
	save(t, s, 1, 2)
	all, problems := s.candidates(t.Context(), "shard-3")
	var got []string
	for _, c := range all {
		got = append(got, fmt.Sprint(c.place, " ", c.meta.Sequence))
	}
	want := []string{"disk 2", "object store 2", "disk 1", "object store 1"}
	if diff := cmp.Diff(want, got); diff != "" || problems != nil {
		t.Error(diff, problems)
	}
	save(t, newStore(t, Config{Member: "b"}, Deps{JS: js}), 3)
	wantLoad(t, s, 3)
	if err := os.Truncate(path(s, metaOf("shard-3", 2)), 100); err != nil {
		t.Fatal(err)
	}
	wantLoad(t, s, 3) // what is older is not looked at
}

func TestADamagedObjectIsPassedOver(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(t *testing.T, s *Store, bucket jetstream.ObjectStore, e entry)
		want   error
	}{
		"overwritten": {func(t *testing.T, s *Store, _ jetstream.ObjectStore, e entry) {
			overwrite(t, s, e, bytes.Repeat([]byte("x"), int(e.Bytes)))
		}, ErrDamaged},
		"one bit": {func(t *testing.T, s *Store, bucket jetstream.ObjectStore, e entry) {
			data, err := s.broker.get(t.Context(), e.Object, e.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			data[len(data)/2] ^= 4
			overwrite(t, s, e, data)
		}, ErrDamaged},
		"shorter": {func(t *testing.T, s *Store, _ jetstream.ObjectStore, e entry) {
			overwrite(t, s, e, []byte("short"))
		}, jetstream.ErrMsgNotFound},
		"longer": {func(t *testing.T, s *Store, _ jetstream.ObjectStore, e entry) {
			overwrite(t, s, e, make([]byte, e.Bytes+1))
		}, ErrDamaged},
		"another's bytes": {func(t *testing.T, s *Store, bucket jetstream.ObjectStore, e entry) {
			m := e.Meta
			m.Member = "b" // of the same sequence, so that only the header tells
			if data := sealedBytes(t, m, bodyOf(2, 5000)); int64(len(data)) == e.Bytes {
				overwrite(t, s, e, data)
			}
		}, ErrDamaged},
		"missing": {func(t *testing.T, s *Store, bucket jetstream.ObjectStore, e entry) {
			if err := bucket.Delete(t.Context(), e.Object); err != nil {
				t.Fatal(err)
			}
		}, jetstream.ErrMsgNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			_, js := natstest.Start(t)
			s := ensured(t, js, Config{})
			save(t, s, 1, 2)
			bucket, err := js.ObjectStore(t.Context(), ObjectBucket)
			if err != nil {
				t.Fatal(err)
			}
			newest := pointerOf(t, s, 1).Kept[0]
			c.damage(t, s, bucket, newest)
			if problems := wantLoad(t, s, 1, c.want); problems[0].Place != Objects || problems[0].Name != newest.Object {
				t.Error(problems)
			}
			save(t, s, 3) // and it goes on
			wantLoad(t, s, 3)
		})
	}
}

func TestLoadFollowsThePointerThatMovesMeanwhile(t *testing.T) {
	_, js := natstest.Start(t)
	s := ensured(t, js, Config{})
	save(t, s, 1, 2)
	moved := false
	m, _, problems, err := s.Load(t.Context(), "shard-3", func(Meta) error {
		if !moved { // the pointer is read, its objects are not
			moved = true
			save(t, s, 3, 4)
		}
		return nil
	})
	if err != nil || m.Sequence != 4 || problems != nil {
		t.Errorf("%+v %v %v", m, problems, err)
	}
}

// overwrite puts other bytes where a chunk is.
func overwrite(t *testing.T, s *Store, e entry, data []byte) {
	t.Helper()
	st, err := s.broker.js.Stream(t.Context(), objectStream)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Purge(t.Context(), jetstream.WithPurgeSubject(chunkSubject(e.Object))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.broker.js.Publish(t.Context(), chunkSubject(e.Object), data); err != nil {
		t.Fatal(err)
	}
}

func TestWhatADeadWriterLeftIsSweptWhenItIsOld(t *testing.T) {
	_, js := natstest.Start(t)
	s := ensured(t, js, Config{})
	save(t, s, 1)
	sealed, err := seal(metaOf("shard-3", 2), bodyOf(2, 5000))
	if err != nil {
		t.Fatal(err)
	}
	whole, other := newObjectName(metaOf("shard-3", 2)), newObjectName(metaOf("shard-33", 2))
	for _, name := range []string{whole, other} {
		if err := s.broker.put(t.Context(), name, sealed); err != nil {
			t.Fatal(err)
		}
	}
	half := newObjectName(metaOf("shard-3", 2))
	if _, err := js.Publish(t.Context(), chunkSubject(half), []byte("x")); err != nil {
		t.Fatal(err)
	}
	save(t, s, 3)
	if n := subjectsIn(t, js); n != 4+4+1 {
		t.Fatalf("%d subjects: what may still be written must stay", n)
	}
	st, err := js.Stream(t.Context(), objectStream)
	if err != nil {
		t.Fatal(err)
	}
	keep := map[string]bool{}
	for _, e := range pointerOf(t, s, 1).Kept {
		keep[e.Object] = true
	}
	old, err := s.broker.leftovers(t.Context(), st, objectPrefix(metaOf("shard-3", 2)), keep, -time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if len(old) != 2 || keep[old[0]] || keep[old[1]] {
		t.Fatalf("found %v, want %s and %s", old, whole, half)
	}
	for _, name := range old {
		if err := s.broker.remove(t.Context(), st, name); err != nil {
			t.Fatal(err)
		}
	}
	if n := subjectsIn(t, js); n != 4+2 {
		t.Errorf("%d subjects", n)
	}
	wantLoad(t, s, 3)
}

func TestSaveAndLoadEndWhenNATSIsDown(t *testing.T) {
	srv := natstest.StartServer(t)
	_, js := srv.Connect(t)
	s := ensured(t, js, Config{Dir: t.TempDir(), Patience: time.Second})
	save(t, s, 1)
	srv.Stop()
	err := s.Save(t.Context(), metaOf("shard-3", 2), bodyOf(2, 5000))
	var failed *SaveError
	if !errors.As(err, &failed) || len(failed.Written) != 1 || failed.Written[0] != Disk ||
		failed.Problems[0].Reason() != "NATS does not answer" {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(err.Error(), "checkpoints of shard-3 are only on disk: pointer DETOUR: NATS does not answer: ") {
		t.Errorf("health would say %q", err)
	}
	m, _, problems, err := s.Load(t.Context(), "shard-3", nil)
	if err != nil || m.Sequence != 2 || len(problems) != 1 || problems[0].Reason() != "NATS does not answer" {
		t.Errorf("%+v %v %v", m, problems, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	patient := newStore(t, Config{Patience: time.Hour}, Deps{JS: js})
	if err := patient.Save(ctx, metaOf("shard-3", 3), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if _, _, _, err := patient.Load(ctx, "shard-3", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestSaveOutlastsARestartOfNATS(t *testing.T) {
	srv := natstest.StartServer(t)
	_, js := srv.Connect(t)
	s := ensured(t, js, Config{})
	save(t, s, 1)
	srv.Stop()
	saved := make(chan error, 1)
	go func() { saved <- s.Save(t.Context(), metaOf("shard-3", 2), bodyOf(2, 5000)) }()
	if err := srv.Restart(natstest.Context(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := <-saved; err != nil {
		t.Fatal(err)
	}
	wantLoad(t, s, 2)
}

func TestAFullBucketIsSaidSoAndTheFileIsWritten(t *testing.T) {
	_, js := natstest.Start(t)
	s := ensured(t, js, Config{Dir: t.TempDir(), MaxBytes: 600 << 10})
	save(t, s, 1)
	err := s.Save(t.Context(), metaOf("shard-3", 2), bodyOf(2, 4<<20))
	var failed *SaveError
	if !errors.As(err, &failed) || failed.Problems[0].Reason() != "no space left in JetStream" ||
		failed.Problems[0].Place != Objects {
		t.Fatalf("got %v", err)
	}
	if m, _, problems, err := s.Load(t.Context(), "shard-3", nil); err != nil || m.Sequence != 2 || problems != nil {
		t.Errorf("%+v %v %v", m, problems, err)
	}
	wantLoad(t, newStore(t, Config{Member: "b"}, Deps{JS: js}), 1)
	save(t, s, 3) // what came through of the large one does not stay in the way
}

func TestAStoreThatCannotWorkIsNotMade(t *testing.T) {
	for name, cfg := range map[string]Config{
		"nowhere to keep":    {Member: "a", OldestFormat: 1, NewestFormat: 1},
		"no member":          {Dir: "x", OldestFormat: 1, NewestFormat: 1},
		"member is no text":  {Dir: "x", Member: "\xff", OldestFormat: 1, NewestFormat: 1},
		"no formats":         {Dir: "x", Member: "a", OldestFormat: 2, NewestFormat: 1},
		"all formats":        {Dir: "x", Member: "a", NewestFormat: 1 << 31},
		"negative patience":  {Dir: "x", Member: "a", Patience: -1},
		"negative max_bytes": {Dir: "x", Member: "a", MaxBytes: -1},
	} {
		if _, err := New(cfg, Deps{}); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}
