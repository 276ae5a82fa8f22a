package feed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"detour/internal/natstest"
	"detour/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a sink.
type shelf struct {
	mu      sync.Mutex
	lines   []string
	flushed int
	fail    int // writes that fail first
	got     chan struct{}
}

func newShelf() *shelf { return &shelf{got: make(chan struct{}, 1000)} }

func (s *shelf) Write(data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail > 0 {
		s.fail--
		return errors.New("full")
	}
	s.lines = append(s.lines, string(data))
	return nil
}

func (s *shelf) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ; s.flushed < len(s.lines); s.flushed++ {
		s.got <- struct{}{}
	}
	return nil
}

func ensure(t *testing.T, js jetstream.JetStream) {
	t.Helper()
	if err := stream.Ensure(t.Context(), js, stream.Settings{Shards: 1}); err != nil {
		t.Fatal(err)
	}
}

// start begins a feed, whose end comes over the channel.
func start(ctx context.Context, t *testing.T, js jetstream.JetStream, to Sink) (*Feed, <-chan error) {
	t.Helper()
	f, err := New(Config{Name: "test"}, Deps{JS: js, Sink: to})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	return f, done
}

func publish(t *testing.T, p *stream.AlertPublisher, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		id := fmt.Sprint(i)
		if err := p.Publish(t.Context(), "detour.v1.alert.x.y.1", id, id, []byte(id)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryAlertComesInOrderAcrossDeathsOfSinkAndServer(t *testing.T) {
	server := natstest.StartServer(t)
	nc, js := server.Connect(t)
	ensure(t, js)
	pub := stream.NewAlertPublisher(js)
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprint(i))
	}
	sink := newShelf()
	sink.fail = 2
	run := func(upTo int, during func()) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, done := start(ctx, t, js, sink)
		during()
		if sink.wait(ctx, upTo); sink.count() < upTo {
			t.Fatalf("%d of %d came", sink.count(), upTo)
		}
		if err := nc.Flush(); err != nil { // so that the acks are with the server
			t.Fatal(err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	publish(t, pub, 0, 10)
	run(10, func() {})
	publish(t, pub, 10, 20)
	run(30, func() {
		server.Bounce(t, 50*time.Millisecond)
		publish(t, pub, 20, 30)
	})
	if d := cmp.Diff(want, sink.lines); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func (s *shelf) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flushed
}

// wait waits until so many lines are safe, or ctx ends.
func (s *shelf) wait(ctx context.Context, n int) {
	for s.count() < n && ctx.Err() == nil {
		select {
		case <-s.got:
		case <-ctx.Done():
		}
	}
}

func TestWithoutAStreamItSaysSo(t *testing.T) {
	_, js := natstest.Start(t)
	f, err := New(Config{Name: "test"}, Deps{JS: js, Sink: newShelf()})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Run(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestTroubleOfASinkIsTold(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js)
	publish(t, stream.NewAlertPublisher(js), 0, 1)
	sink := newShelf()
	sink.fail = 1
	var told []string
	f, err := New(Config{Name: "test"}, Deps{JS: js, Sink: sink, Report: func(p string) { told = append(told, p) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	<-sink.got
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"full", ""}, told); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestWhatWasWrittenBeforeAnOrderlyEndDoesNotComeAgain also where more waits.
func TestWhatWasWrittenBeforeAnOrderlyEndDoesNotComeAgain(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js)
	publish(t, stream.NewAlertPublisher(js), 0, 20)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	sink := newShelf()
	f, err := New(Config{Name: "test"}, Deps{JS: js, Sink: ending{sink, cancel}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if n := f.Stats().Delivered; n < 5 || int(n) != len(sink.lines) || sink.flushed != len(sink.lines) {
		t.Errorf("%d written, %d made safe, %d acked", len(sink.lines), sink.flushed, n)
	}
}

// ending is a sink at whose fifth alert the process is told to end.
type ending struct {
	*shelf
	end func()
}

func (s ending) Write(data []byte) error {
	err := s.shelf.Write(data)
	if len(s.lines) == 5 {
		s.end()
	}
	return err
}

// TestWhatAProcessBeforeHasTakenCounts so that nobody waits for it.
func TestWhatAProcessBeforeHasTakenCounts(t *testing.T) {
	nc, js := natstest.Start(t)
	ensure(t, js)
	publish(t, stream.NewAlertPublisher(js), 0, 3)
	for life := range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		f, done := start(ctx, t, js, newShelf())
		for f.Stats().Sequence < 3 && ctx.Err() == nil {
			time.Sleep(time.Millisecond) // sleep: a poll
		}
		if err := nc.Flush(); err != nil || ctx.Err() != nil {
			t.Errorf("life %d: %+v, %v", life, f.Stats(), err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}
