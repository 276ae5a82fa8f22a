package processor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"detour/internal/natstest"
	"detour/route"
	"detour/stream"
)

// TestAFrameThatFailsTwiceIsSkipped runs a shard on a real JetStream with a frame
// that makes it panic, the way whoever owns a shard does.
func TestAFrameThatFailsTwiceIsSkipped(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("", func(t *testing.T) {
		nc, js := natstest.Start(t)
		ctx := natstest.Context(t, 30*time.Second)
		if err := stream.Ensure(ctx, js, stream.Settings{Shards: 1}); err != nil {
			t.Fatal(err)
		}
		news, err := nc.SubscribeSync(stream.AllQuarantine)
		if err != nil {
			t.Fatal(err)
		}
		s := sessions[0]
		poison := announce(storedAt, 0, "66.0.0.0/8", s.ASN, 10, 1)
		for i, frame := range [][]byte{
			frameOf("i", 1, 1, storedAt, "11.0.0.0/8", 100, 10, 1),
			frameOf("rogue", 1, 1, storedAt, poison.Announced[0].Prefix().String(), 100, 10, 1),
			frameOf("rogue", 1, 2, storedAt+1, "12.0.0.0/8", 100, 10, 1),
			frameOf("i", 1, 2, storedAt+2, "13.0.0.0/8", 100, 10, 1),
		} {
			if _, err := js.Publish(ctx, stream.UpdatesSubject(0), frame); err != nil {
				t.Fatal(i, err)
			}
		}
		var poisons Poison
		var tries []error
		for {
			shard, err := NewShard(Config{
				Shards: 1, Skip: poisons.Skip(), RangeAge: time.Millisecond, Flags: func(*Flag) {},
				Watched: func(p route.Prefix, _ route.ASN) bool {
					if p == poison.Announced[0].Prefix() {
						panic("a bug")
					}
					return false
				},
			}, Deps{Conn: nc, JS: js})
			if err != nil {
				t.Fatal(err)
			}
			if err := runUntil(ctx, shard, 4); poisons.Again(err) {
				tries = append(tries, err)
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			checkSkipped(t, shard)
			break
		}
		if len(tries) != 2 {
			t.Errorf("%d failures, want 2: %v", len(tries), tries)
		}
		bad, _ := errors.AsType[*PoisonedError](tries[0])
		if bad.Sequence != 2 || bad.Ingester != "rogue" || bad.Cause != "a bug" || len(bad.Stack) == 0 {
			t.Errorf("poisoned by %+v", bad)
		}
		checkNews(t, news)
	})
}

// runUntil runs a shard until it has told of what stands before sequence.
func runUntil(ctx context.Context, s *Shard, sequence uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	for s.Stats().Reader.Messages < sequence {
		select {
		case err := <-done:
			return err
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	return <-done
}

func checkSkipped(t *testing.T, s *Shard) {
	t.Helper()
	st := s.Stats()
	if st.Frames != 3 || st.SkippedFrames != 1 || st.Elements != 3 || st.Gaps != 1 || st.Quarantined != 1 {
		t.Errorf("%+v, want a frame skipped and a gap behind it", st.Counters)
	}
	want := []IngesterCounters{{Name: "rogue", Skipped: 1, Gaps: 1}}
	if d := cmp.Diff(want, st.Ingesters); d != "" {
		t.Errorf("counted (-want +got):\n%s", d)
	}
	q := s.Quarantine()
	if len(q) != 1 || q[0].Sequence != 2 || q[0].Ingester != "rogue" || len(q[0].Data) != q[0].Size || q[0].Size == 0 {
		t.Errorf("quarantine %+v", q)
	}
}

// checkNews holds what was told on core NATS: one frame.
func checkNews(t *testing.T, news *nats.Subscription) {
	t.Helper()
	m, err := news.NextMsg(10 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var told quarantineNews
	if err := json.Unmarshal(m.Data, &told); err != nil {
		t.Fatal(err)
	}
	if m.Subject != stream.QuarantineSubject(0) || told.Ingester != "rogue" || told.Sequence != 2 ||
		len(told.Data) != told.Size {
		t.Errorf("told on %s: %s", m.Subject, m.Data)
	}
}

// TestPoisonHasAnEnd: other errors are none, and what fails without end is final.
func TestPoisonHasAnEnd(t *testing.T) {
	var p Poison
	if p.Again(nil) || p.Again(errors.New("no")) || p.Skip() != nil {
		t.Error("an ordinary error is taken for poison")
	}
	for i := range poisonFailed {
		if !p.Again(fmt.Errorf("shard 0: %w", &PoisonedError{Sequence: uint64(i / poisonTries)})) {
			t.Fatalf("failure %d is final", i)
		}
	}
	if p.Again(&PoisonedError{}) || len(p.Skip()) != poisonMost {
		t.Errorf("%d frames are skipped, want %d and then an end", len(p.Skip()), poisonMost)
	}
}
