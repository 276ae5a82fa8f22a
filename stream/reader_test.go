package stream_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/route"
	"detour/stream"

	"github.com/nats-io/nats.go/jetstream"
)

var errEnough = errors.New("enough")

func publish(t testing.TB, js jetstream.JetStream, from, to uint64, pad int) {
	t.Helper()
	ctx := natstest.Context(t, 30*time.Second)
	for n := from; n < to; n++ {
		if _, err := js.Publish(ctx, "s", append(number(n), make([]byte, pad)...)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReaderHandsOutEveryMessageOnceInOrder(t *testing.T) {
	for name, pad := range map[string]int{"bounded by count": 0, "bounded by bytes": 30_000} {
		t.Run(name, func(t *testing.T) {
			_, js := natstest.Start(t)
			makeStream(t, js, plain)
			const count = 1500
			publish(t, js, 1, count+1, pad)
			r := stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
			want := uint64(11)
			err := r.Run(natstest.Context(t, 30*time.Second), 11, func(m *stream.Message) error {
				if n := binary.BigEndian.Uint64(m.Data); m.Sequence != want || n != want || m.Hole != 0 {
					t.Errorf("got sequence %d, number %d, hole %d; want %d", m.Sequence, n, m.Hole, want)
				}
				if m.Pending != count-want || m.Subject != "s" {
					t.Errorf("%d pending on %s at %d", m.Pending, m.Subject, want)
				}
				if want++; m.Pending == 0 {
					return errEnough
				}
				return nil
			})
			if !errors.Is(err, errEnough) || want != count+1 {
				t.Errorf("ended before %d with %v", want, err)
			}
			if st := r.Stats(); st.Opens != 1 || st.Lost != 0 || r.End() != count {
				t.Errorf("end %d, %+v", r.End(), st)
			}
		})
	}
}

// follow reads until it has handled the message with sequence last, and returns
// the sequences.
// TestReadersAreToldWhenAMessageWasStored: each the same, whenever it reads.
func TestReadersAreToldWhenAMessageWasStored(t *testing.T) {
	_, js := natstest.Start(t)
	st := makeStream(t, js, plain)
	publish(t, js, 1, 4, 0)
	for range 2 {
		r := stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
		follow(t, r, 1, 3, func(m *stream.Message) {
			raw, err := st.GetMsg(natstest.Context(t, 10*time.Second), m.Sequence)
			if err != nil || m.Stored != route.TimeOf(raw.Time) {
				t.Errorf("message %d: stored at %v, the server says %v, %v", m.Sequence, m.Stored.Std(), raw.Time, err)
			}
		})
	}
}

func follow(t testing.TB, r *stream.Reader, from, last uint64, each func(*stream.Message)) []uint64 {
	t.Helper()
	var got []uint64
	err := r.Run(natstest.Context(t, 40*time.Second), from, func(m *stream.Message) error {
		got = append(got, m.Sequence)
		if each != nil {
			each(m)
		}
		if m.Sequence >= last {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("reader ended at %d with %v", r.Position(), err)
	}
	return got
}

func sequence(from, to uint64) (s []uint64) {
	for n := from; n <= to; n++ {
		s = append(s, n)
	}
	return s
}

func TestReaderGoesOnAfterItsConsumerIsDeleted(t *testing.T) {
	_, js := natstest.Start(t)
	st := makeStream(t, js, plain)
	publish(t, js, 0, 2000, 0)
	ctx := natstest.Context(t, 30*time.Second)
	r := stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
	got := follow(t, r, 1, 2000, func(m *stream.Message) {
		if m.Sequence%700 == 0 {
			for name := range st.ConsumerNames(ctx).Name() {
				if err := st.DeleteConsumer(ctx, name); err != nil {
					t.Error(err)
				}
			}
		}
	})
	if !slices.Equal(got, sequence(1, 2000)) {
		t.Errorf("got %d messages, not 1 to 2000 in order", len(got))
	}
	if st := r.Stats(); st.Opens < 2 {
		t.Errorf("the consumer was never made again: %+v", st)
	}
}

func TestReaderSurvivesCutStalledAndRestartedConnections(t *testing.T) {
	srv := natstest.StartServer(t)
	_, writer := srv.Connect(t)
	makeStream(t, writer, plain)
	b := &breaker{srv: srv}
	_, js := b.connect(t)
	const count = 3000
	go func() {
		ctx := natstest.Context(t, 40*time.Second)
		for n := 0; n < count && ctx.Err() == nil; {
			once, cancel := context.WithTimeout(ctx, time.Second)
			if _, err := writer.Publish(once, "s", number(uint64(n))); err == nil {
				n++
			}
			cancel()
			if n == count/2 {
				srv.Bounce(t, 50*time.Millisecond)
				n++
			}
		}
	}()
	stop := b.torment(20*time.Millisecond, 5*time.Millisecond)
	r := stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
	got := follow(t, r, 1, count-10, nil)
	stop()
	if !slices.Equal(got, sequence(1, got[len(got)-1])) {
		t.Errorf("%d messages up to %d", len(got), got[len(got)-1])
	}
	t.Logf("%+v", r.Stats())
	if st := r.Stats(); st.Holes != 0 || st.Opens < 2 {
		t.Errorf("%+v", st)
	}
}

func TestReaderTellsExactlyWhatWasDiscardedUnread(t *testing.T) {
	_, js := natstest.Start(t)
	cfg := plain
	cfg.MaxBytes = 100_000
	cfg.Discard = jetstream.DiscardOld
	st := makeStream(t, js, cfg)
	publish(t, js, 0, 50, 1000)
	r := stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
	follow(t, r, 1, 50, nil)
	publish(t, js, 50, 500, 1000)
	info, err := st.Info(natstest.Context(t, 5*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	first := info.State.FirstSeq
	if first <= 51 {
		t.Fatal("nothing was discarded")
	}
	r = stream.NewReader(js, stream.ReaderConfig{Stream: "S", Created: info.Created})
	holes := map[uint64]uint64{}
	got := follow(t, r, 51, 500, func(m *stream.Message) {
		if m.Hole > 0 {
			holes[m.Sequence] = m.Hole
		}
	})
	if !slices.Equal(got, sequence(first, 500)) {
		t.Errorf("got %d messages from %d on", len(got), got[0])
	}
	if len(holes) != 1 || holes[first] != first-51 {
		t.Errorf("holes %v, want %d before %d", holes, first-51, first)
	}
	if s := r.Stats(); s.Holes != 1 || s.Missing != first-51 {
		t.Errorf("%+v", s)
	}
}

func TestReaderIsCalmOverAnEmptiedStreamAndThenTellsTheHole(t *testing.T) {
	_, js := natstest.Start(t)
	st := makeStream(t, js, plain)
	publish(t, js, 0, 10, 0)
	ctx := natstest.Context(t, 20*time.Second)
	if err := st.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	r := stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
	var hole atomic.Uint64
	run(t, func(ctx context.Context) error {
		return r.Run(ctx, 4, func(m *stream.Message) error { hole.Store(m.Hole); return nil })
	})
	time.Sleep(1800 * time.Millisecond) // sleep: past the watchdog's first look and the beat after it
	publish(t, js, 10, 11, 0)
	for r.Position() != 11 {
		if ctx.Err() != nil {
			t.Fatal("the message never came")
		}
		time.Sleep(time.Millisecond)
	}
	if hole.Load() != 7 {
		t.Errorf("hole of %d, want 7 (4 to 10)", hole.Load())
	}
	if s := r.Stats(); s.Opens != 1 || s.Stalls != 0 || s.Silences != 0 {
		t.Errorf("restless over an empty stream: %+v", s)
	}
}

func TestReaderRefusesAnotherStreamOfTheSameName(t *testing.T) {
	_, js := natstest.Start(t)
	ctx := natstest.Context(t, 30*time.Second)
	nop := func(*stream.Message) error { return nil }
	r := stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
	if err := r.Run(ctx, 1, nop); !errors.Is(err, jetstream.ErrStreamNotFound) {
		t.Errorf("no stream: %v", err)
	}
	st := makeStream(t, js, plain)
	publish(t, js, 0, 3, 0)
	r = stream.NewReader(js, stream.ReaderConfig{Stream: "S", Created: st.CachedInfo().Created.Add(-time.Hour)})
	if err := r.Run(ctx, 2, nop); !errors.Is(err, stream.ErrStreamReplaced) {
		t.Errorf("other creation time: %v", err)
	}
	r = stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
	if err := r.Run(ctx, 10, nop); !errors.Is(err, stream.ErrStreamReplaced) {
		t.Errorf("position beyond the end: %v", err)
	}
	r = stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
	replace := func(m *stream.Message) error {
		if m.Sequence == 3 {
			if err := js.DeleteStream(ctx, "S"); err != nil {
				t.Error(err)
			}
			makeStream(t, js, plain)
		}
		return nil
	}
	if err := r.Run(ctx, 1, replace); !errors.Is(err, stream.ErrStreamReplaced) {
		t.Errorf("replaced while reading: %v", err)
	}
}

func TestReaderDoesMailBetweenMessages(t *testing.T) {
	_, js := natstest.Start(t)
	makeStream(t, js, plain)
	mail := make(chan func() error)
	r := stream.NewReader(js, stream.ReaderConfig{Stream: "S", Mail: mail})
	done := make(chan error)
	go func() {
		done <- r.Run(context.Background(), 1, func(*stream.Message) error { return nil })
	}()
	worked := false
	mail <- func() error { worked = true; return nil }
	mail <- func() error { return errEnough }
	if err := <-done; !errors.Is(err, errEnough) || !worked {
		t.Errorf("ended with %v, worked %v", err, worked)
	}
}

// A paused consumer keeps its heartbeats and delivers nothing: what the many
// reports of consumers that went quiet look like from outside.
func TestReaderLeavesAConsumerThatStandsStill(t *testing.T) {
	_, js := natstest.Start(t)
	st := makeStream(t, js, plain)
	publish(t, js, 0, 1, 0)
	ctx := natstest.Context(t, 30*time.Second)
	r := stream.NewReader(js, stream.ReaderConfig{Stream: "S"})
	got := follow(t, r, 1, 3, func(m *stream.Message) {
		if m.Sequence == 1 {
			for name := range st.ConsumerNames(ctx).Name() {
				if _, err := st.PauseConsumer(ctx, name, time.Now().Add(time.Hour)); err != nil {
					t.Error(err)
				}
			}
			publish(t, js, 1, 3, 0)
		}
	})
	if s := r.Stats(); s.Stalls != 1 || !slices.Equal(got, sequence(1, 3)) {
		t.Errorf("%v, %+v", got, s)
	}
}
