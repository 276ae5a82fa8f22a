package processor

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"detour/internal/natstest"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
)

// scene is a publisher and shards on a real JetStream.
type scene struct {
	*testing.T
	ctx  context.Context
	deps Deps
	js   jetstream.JetStream
	pub  *stream.Publisher
	wg   sync.WaitGroup
}

func newScene(t *testing.T) *scene {
	nc, js := natstest.Start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	s := &scene{T: t, ctx: ctx, deps: Deps{Conn: nc, JS: js}, js: js}
	t.Cleanup(s.wg.Wait)
	t.Cleanup(cancel)
	if err := stream.Ensure(ctx, js, stream.Settings{Shards: 1}); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.pub, err = stream.NewPublisher(js, stream.PublisherConfig{Ingester: "i", Shards: 1}); err != nil {
		t.Fatal(err)
	}
	s.start(s.pub.Run)
	return s
}

// start runs something, which must not fail; stop ends it and waits.
func (s *scene) start(f func(context.Context) error) (stop func()) {
	life, end := context.WithCancel(s.ctx)
	done := make(chan struct{})
	s.wg.Go(func() {
		defer close(done)
		if err := f(life); err != nil && !errors.Is(err, context.Canceled) {
			s.Error(err)
		}
	})
	return func() { end(); <-done }
}

func (s *scene) shard() *Shard {
	s.Helper()
	shard, err := NewShard(Config{Shards: 1}, s.deps)
	if err != nil {
		s.Fatal(err)
	}
	return shard
}

// add publishes updates and waits until they are stored.
func (s *scene) add(updates []route.Update) {
	s.Helper()
	for i := range updates {
		session := &sessions[0]
		if updates[i].Peer != route.AllPeers {
			session = &sessions[updates[i].Peer]
		}
		if err := s.pub.Add(s.ctx, &updates[i], session); err != nil {
			s.Fatal(err)
		}
		if err := s.pub.Drain(s.ctx); err != nil { // a frame each
			s.Fatal(err)
		}
	}
}

// snapshot waits until the shard has applied n frames, and returns its state.
func (s *scene) snapshot(shard *Shard, n uint64) Snapshot {
	s.Helper()
	var snap Snapshot
	var err error
	for snap.Sequence < n {
		if snap, err = shard.Snapshot(s.ctx, snap.Body); err != nil {
			s.Fatal(err)
		}
	}
	return snap
}

// TestAShardGoesOnFromASnapshot kills a shard in the middle of a leak; the one
// that takes over reads only what came behind, and the alert is the same.
func TestAShardGoesOnFromASnapshot(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("", func(t *testing.T) {
		s := newScene(t)
		updates := leak()
		half := len(updates) - 2
		first := s.shard()
		stop := s.start(first.Run)
		s.add(updates[:half])
		snap := s.snapshot(first, uint64(half))
		if snap.Created.IsZero() || snap.Elements != uint64(half) || snap.Engine != updates[half-1].Engine {
			t.Errorf("snapshot says %+v", snap)
		}
		if n := evidence(s); n == 0 {
			t.Error("the evidence of what the snapshot holds has not been stored")
		}
		stop()
		if _, err := first.Snapshot(s.ctx, nil); !errors.Is(err, ErrNotRunning) {
			t.Errorf("snapshot of a dead shard: %v", err)
		}
		second := s.shard()
		if err := second.Restore(snap.Body); err != nil {
			t.Fatal(err)
		}
		s.start(second.Run)
		s.add(updates[half:])
		if err := s.pub.End(s.ctx); err != nil {
			t.Fatal(err)
		}
		watch := watchOf(t, "104.16.0.0/12 AS13335")
		judge := NewJudge(JudgeConfig{
			Correlate: correlate.Config{Shards: 1, Outside: correlate.Outside{Watch: watch}}, UntilEnd: true, Member: "j",
		}, s.deps)
		if err := judge.Run(s.ctx); err != nil {
			t.Fatal(err)
		}
		c := judge.Stats().Correlate
		if c.Elements != uint64(len(updates)) || c.Skipped+c.Duplicates+c.Restarts != 0 {
			t.Errorf("judged %+v, want %d elements and nothing twice", c, len(updates))
		}
		if n := second.Stats().Reader.Messages; n > uint64(len(updates)-half)+1 {
			t.Errorf("%d messages were read again", n)
		}
	})
}

// evidence returns how many ranges are stored.
func evidence(s *scene) uint64 {
	s.Helper()
	st, err := s.js.Stream(s.ctx, stream.EvidenceStream)
	if err != nil {
		s.Fatal(err)
	}
	return st.CachedInfo().State.Msgs
}

// TestFramesThatLeftTheStreamAreAGap: a shard restored from a snapshot behind
// which frames are missing says so.
func TestFramesThatLeftTheStreamAreAGap(t *testing.T) {
	s := newScene(t)
	updates := leak()
	first := s.shard()
	stop := s.start(first.Run)
	s.add(updates[:2])
	snap := s.snapshot(first, 2)
	stop()
	s.add(updates[2:])
	st, err := s.js.Stream(s.ctx, stream.UpdatesStream(0))
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Purge(s.ctx, jetstream.WithPurgeSequence(snap.Sequence+3)); err != nil {
		t.Fatal(err)
	}
	second := s.shard()
	if err := second.Restore(snap.Body); err != nil {
		t.Fatal(err)
	}
	s.start(second.Run)
	s.snapshot(second, uint64(len(updates)))
	if c := second.Stats().Counters; c.Holes != 2 || c.Gaps != 1 {
		t.Errorf("%d sequences missing, %d gaps; want 2 and 1", c.Holes, c.Gaps)
	}
}

// TestASnapshotOfAnotherStreamEndsTheShard: the stream was made anew.
func TestASnapshotOfAnotherStreamEndsTheShard(t *testing.T) {
	s := newScene(t)
	first := s.shard()
	stop := s.start(first.Run)
	s.add(leak()[:2])
	snap := s.snapshot(first, 2)
	stop()
	if err := s.js.DeleteStream(s.ctx, stream.UpdatesStream(0)); err != nil {
		t.Fatal(err)
	}
	if err := stream.Ensure(s.ctx, s.js, stream.Settings{Shards: 1}); err != nil {
		t.Fatal(err)
	}
	second := s.shard()
	if err := second.Restore(snap.Body); err != nil {
		t.Fatal(err)
	}
	if err := second.Run(s.ctx); !errors.Is(err, stream.ErrStreamReplaced) {
		t.Error(err)
	}
}

// TestSnapshotWaitsNoLongerThanItsContext: nobody runs the shard.
func TestSnapshotWaitsNoLongerThanItsContext(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	if _, err := s.shard().Snapshot(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
