package stream_test

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/stream"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// run runs f until the test ends or stop is called, and fails on its error.
func run(t testing.TB, f func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func makeStream(t testing.TB, js jetstream.JetStream, cfg jetstream.StreamConfig) jetstream.Stream {
	t.Helper()
	ctx := natstest.Context(t, 10*time.Second)
	for {
		st, err := js.CreateStream(ctx, cfg)
		var api *jetstream.APIError
		if err == nil {
			return st
		}
		// A server that has just deleted a stream may still be at its files.
		if !errors.As(err, &api) || api.ErrorCode != 10049 {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // until ctx ends
	}
}

var plain = jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, AllowDirect: true}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// stored returns the numbers in the stream.
func stored(t testing.TB, js jetstream.JetStream) []uint64 {
	t.Helper()
	ctx := natstest.Context(t, 20*time.Second)
	st, err := js.Stream(ctx, "S")
	if err != nil {
		t.Fatal(err)
	}
	var numbers []uint64
	state := st.CachedInfo().State
	for seq := state.FirstSeq; seq <= state.LastSeq && state.Msgs > 0; seq++ {
		m, err := st.GetMsg(ctx, seq)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, binary.BigEndian.Uint64(m.Data))
	}
	return numbers
}

// inOrder counts what a receiver gets that takes the next number, skips others.
func inOrder(numbers []uint64) (next uint64) {
	for _, n := range numbers {
		if n == next {
			next++
		}
	}
	return next
}

func TestSenderStoresEverythingOnceWhenNothingFails(t *testing.T) {
	nc, js := natstest.Start(t)
	makeStream(t, js, plain)
	acks := 0
	s := stream.NewSender(nc, stream.SenderConfig{Subject: "s", OnAck: func(stream.Ack) { acks++ }})
	ctx := natstest.Context(t, 20*time.Second)
	for n := range uint64(3) { // before Run: kept
		if err := s.Send(ctx, number(n)); err != nil {
			t.Fatal(err)
		}
	}
	stop := run(t, s.Run)
	for n := uint64(3); n < 500; n++ {
		if err := s.Send(ctx, number(n)); err != nil {
			t.Fatal(err)
		}
	}
	last, err := s.Flush(ctx)
	if err != nil || last != 500 {
		t.Fatalf("flushed to %d, %v", last, err)
	}
	numbers := stored(t, js)
	if len(numbers) != 500 || inOrder(numbers) != 500 {
		t.Errorf("%d stored, %d in order", len(numbers), inOrder(numbers))
	}
	stop()
	if acks != 500 {
		t.Errorf("%d acks observed", acks)
	}
	if st := s.Stats(); st.Messages != 500 || st.Bytes != 4000 || st.Resends != 0 {
		t.Errorf("stats %+v", st)
	}
	if err := s.Send(ctx, nil); !errors.Is(err, stream.ErrSenderStopped) {
		t.Errorf("send after the end: %v", err)
	}
}

func TestSenderLosesNothingOverCutAndStalledConnections(t *testing.T) {
	srv := natstest.StartServer(t)
	_, js := srv.Connect(t)
	makeStream(t, js, plain)
	b := &breaker{srv: srv}
	nc, _ := b.connect(t)
	s := stream.NewSender(nc, stream.SenderConfig{
		Subject: "s", AckTimeout: 20 * time.Millisecond, BackoffMin: time.Millisecond,
	})
	run(t, s.Run)
	ctx := natstest.Context(t, 50*time.Second)
	stop := b.torment(20*time.Millisecond, 30*time.Millisecond)
	n := uint64(0)
	for until := time.Now().Add(2 * time.Second); time.Now().Before(until); n++ {
		if err := s.Send(ctx, number(n)); err != nil {
			t.Fatal(err)
		}
		if n%16 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	stop()
	last, err := s.Flush(ctx)
	if err != nil {
		t.Fatal(err)
	}
	numbers := stored(t, js)
	if got := inOrder(numbers); got != n {
		t.Errorf("%d of %d in order, %d stored", got, n, len(numbers))
	}
	if last > uint64(len(numbers)) {
		t.Errorf("last acked sequence is %d of %d", last, len(numbers))
	}
	st := s.Stats()
	t.Logf("%d messages, %d stored, %+v", n, len(numbers), st)
	if st.Resends == 0 || st.Messages != n {
		t.Errorf("the connection was never in the way: %+v", st)
	}
}

func TestSenderOutlivesAServerRestart(t *testing.T) {
	srv := natstest.StartServer(t)
	nc, js := srv.Connect(t)
	makeStream(t, js, plain)
	s := stream.NewSender(nc, stream.SenderConfig{Subject: "s"})
	run(t, s.Run)
	ctx := natstest.Context(t, 50*time.Second)
	bounced := make(chan struct{})
	go func() {
		defer close(bounced)
		for range 2 {
			time.Sleep(100 * time.Millisecond) // sleep: the server runs for a while
			srv.Bounce(t, 100*time.Millisecond)
		}
	}()
	n := uint64(0)
	for running := true; running; n++ {
		if err := s.Send(ctx, number(n)); err != nil {
			t.Fatal(err)
		}
		select {
		case <-bounced:
			running = false
		case <-time.After(100 * time.Microsecond):
		}
	}
	if _, err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if got := inOrder(stored(t, js)); got != n {
		t.Errorf("%d of %d in order", got, n)
	}
}

func TestSenderWaitsForAStreamThatDoesNotExistYet(t *testing.T) {
	nc, js := natstest.Start(t)
	s := stream.NewSender(nc, stream.SenderConfig{Subject: "s", Window: 2, BackoffMin: time.Millisecond})
	run(t, s.Run)
	ctx := natstest.Context(t, 20*time.Second)
	for n := range uint64(2) {
		if err := s.Send(ctx, number(n)); err != nil {
			t.Fatal(err)
		}
	}
	if ok, err := s.TrySend(number(2)); ok || err != nil {
		t.Fatalf("a full window took one more: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Send(gone, number(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("blocked send ended with %v", err)
	}
	for s.Stats().Refusals == 0 {
		time.Sleep(time.Millisecond)
	}
	makeStream(t, js, plain)
	if _, err := s.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if numbers := stored(t, js); inOrder(numbers) != 2 {
		t.Errorf("stored %v", numbers)
	}
}

func TestSenderSaysSoWhenAMessageCanNeverBeStored(t *testing.T) {
	nc, js := natstest.Start(t)
	small := plain
	small.MaxMsgSize = 100
	makeStream(t, js, small)
	s := stream.NewSender(nc, stream.SenderConfig{Subject: "s"})
	ctx := natstest.Context(t, 20*time.Second)
	if err := s.Send(ctx, make([]byte, 2<<20)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("larger than the server takes: %v", err)
	}
	if err := s.Send(ctx, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(ctx); err == nil {
		t.Error("larger than the stream takes: Run went on")
	}
	if _, err := s.Flush(ctx); !errors.Is(err, stream.ErrSenderStopped) {
		t.Errorf("flush: %v", err)
	}
}
