package processor

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"detour/internal/snapshot"
	"detour/processor/correlate"
	"detour/stream"
)

// TestAJudgeGoesOnFromASnapshot kills a correlator in the middle of a leak; the
// one that takes over opens the alert, once.
func TestAJudgeGoesOnFromASnapshot(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("", func(t *testing.T) {
		s := newScene(t)
		watch := watchOf(t, "104.16.0.0/12 AS13335")
		cfg := JudgeConfig{
			Correlate: correlate.Config{Shards: 1, Mode: correlate.Live, Outside: correlate.Outside{Watch: watch}},
			UntilEnd:  true, Member: "j",
		}
		shard, err := NewShard(Config{Shards: 1, Watched: watchedIn(watch)}, s.deps)
		if err != nil {
			t.Fatal(err)
		}
		s.start(shard.Run)
		updates := leak()
		half := len(updates) - 2
		first := NewJudge(cfg, s.deps)
		stop := s.start(first.Run)
		s.add(updates[:half])
		var snap Snapshot
		for snap.Elements < uint64(half) {
			if snap, err = first.Snapshot(s.ctx, snap.Body); err != nil {
				t.Fatal(err)
			}
		}
		if snap.Sequence == 0 || snap.Created.IsZero() || snap.Engine == 0 {
			t.Errorf("snapshot says %d, %v, %v", snap.Sequence, snap.Created, snap.Engine)
		}
		stop()
		if _, err := first.Snapshot(s.ctx, nil); !errors.Is(err, ErrNotRunning) {
			t.Errorf("snapshot of a dead correlator: %v", err)
		}
		second := NewJudge(cfg, s.deps)
		if err := second.Restore(snap.Body); err != nil {
			t.Fatal(err)
		}
		s.add(updates[half:])
		if err := s.pub.End(s.ctx); err != nil {
			t.Fatal(err)
		}
		if err := second.Run(s.ctx); err != nil {
			t.Fatal(err)
		}
		if c := second.Stats().Correlate; c.Elements != uint64(len(updates)) || c.Skipped+c.Duplicates != 0 {
			t.Errorf("judged %+v, want %d elements and nothing twice", c, len(updates))
		}
		checkAlert(s.ctx, t, s.js)
	})
}

func TestASnapshotOfAnotherCorrelatorIsRefused(t *testing.T) {
	s := newScene(t)
	judge := func(shards uint32, mode correlate.Mode) *Judge {
		return NewJudge(JudgeConfig{Correlate: correlate.Config{Shards: shards, Mode: mode}}, s.deps)
	}
	j := judge(1, correlate.Live)
	codec, err := judgeCodec()
	if err != nil {
		t.Fatal(err)
	}
	body, err := codec.Append(nil, j.state())
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []*Judge{judge(2, correlate.Live), judge(1, correlate.Replay)} {
		if err := other.Restore(body); !errors.Is(err, ErrMismatch) {
			t.Error(err)
		}
	}
	if err := j.Restore(body[:len(body)/2]); !errors.Is(err, snapshot.ErrDamaged) {
		t.Error(err)
	}
}

// TestACorrelatorOfAnotherStreamEnds: the evidence was made anew.
func TestACorrelatorOfAnotherStreamEnds(t *testing.T) {
	s := newScene(t)
	cfg := JudgeConfig{Correlate: correlate.Config{Shards: 1, Mode: correlate.Live}}
	first := NewJudge(cfg, s.deps)
	stop := s.start(first.Run)
	snap, err := first.Snapshot(s.ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if err := s.js.DeleteStream(s.ctx, stream.EvidenceStream); err != nil {
		t.Fatal(err)
	}
	if err := stream.Ensure(s.ctx, s.js, stream.Settings{Shards: 1}); err != nil {
		t.Fatal(err)
	}
	second := NewJudge(cfg, s.deps)
	if err := second.Restore(snap.Body); err != nil {
		t.Fatal(err)
	}
	if err := second.Run(s.ctx); !errors.Is(err, stream.ErrStreamReplaced) {
		t.Error(err)
	}
}
