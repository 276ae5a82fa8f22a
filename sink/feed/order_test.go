package feed

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/natstest"
	"detour/stream"
)

// TestNothingOlderComesBehindWhatIsNewer: also after the death of a process that had
// taken some and acked none.
func TestNothingOlderComesBehindWhatIsNewer(t *testing.T) {
	server := natstest.StartServer(t)
	_, js := server.Connect(t)
	ensure(t, js)
	pub := stream.NewAlertPublisher(js)
	publish(t, pub, 0, 3)
	// A process that dies with three alerts in its hands.
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	taken := make(chan struct{}, 100)
	first, stop := context.WithCancel(ctx)
	nc2, js2 := server.Connect(t)
	f, _ := New(Config{Name: "test"}, Deps{JS: js2, Sink: dying{taken}})
	done := make(chan error, 1)
	go func() { done <- f.Run(first) }()
	<-taken
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	nc2.Close()
	publish(t, pub, 3, 6)
	sink := newShelf()
	f, _ = New(Config{Name: "test"}, Deps{JS: js, Sink: sink})
	go func() { done <- f.Run(ctx) }()
	sink.wait(ctx, 6)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	var got []int
	for _, l := range sink.lines {
		n, _ := strconv.Atoi(l)
		got = append(got, n)
	}
	if !slices.IsSorted(got) {
		t.Errorf("came as %v", got)
	}
}

type dying struct{ taken chan struct{} }

func (s dying) Write([]byte) error {
	s.taken <- struct{}{}
	return errors.New("the process dies here")
}
func (s dying) Flush() error { return errors.New("no") }

// lostMessage is a message whose connection is lost while the sink takes nothing.
type lostMessage struct {
	jetstream.Msg
	gone bool
}

func (m *lostMessage) Data() []byte { return []byte("1") }
func (m *lostMessage) Ack() error   { return nil }
func (m *lostMessage) Metadata() (*jetstream.MsgMetadata, error) {
	return &jetstream.MsgMetadata{
		NumDelivered: 1, Timestamp: time.Unix(1, 0), Sequence: jetstream.SequencePair{Stream: 1},
	}, nil
}

func (m *lostMessage) InProgress() error {
	if m.gone {
		return errors.New("nats: connection closed")
	}
	return nil
}

func TestASinkThatTakesAgainIsNoTrouble(t *testing.T) {
	sink := newShelf()
	sink.fail = 1
	var told []string
	f, err := New(Config{Name: "test"}, Deps{Sink: sink, Report: func(p string) { told = append(told, p) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := f.deliver(ctx, &lostMessage{gone: true}); err == nil { // once ends with it, and Run begins anew
		t.Fatal("no error")
	}
	if at := f.Stats().Oldest; !at.Equal(time.Unix(1, 0)) {
		t.Errorf("what waits was stored at %v, want what the server says", at)
	}
	if err := f.deliver(ctx, &lostMessage{}); err != nil { // it comes again, and goes
		t.Fatal(err)
	}
	if at := f.Stats().Oldest; !at.IsZero() {
		t.Errorf("something waits since %v", at)
	}
	if !slices.Equal(told, []string{"full", ""}) {
		t.Errorf("health was told %q", told)
	}
}

// slow is a sink that is stopped at its third alert for longer than the server waits
// for an ack, as a terminal is by a key. Then it goes on slowly, so that what the server
// sends again comes before the acks.
type slow struct{ *shelf }

func (s slow) Write(data []byte) error {
	if string(data) == "2" {
		time.Sleep(ackWait + time.Second) // sleep: the server's timer is the matter
	}
	time.Sleep(5 * time.Millisecond) // sleep: it is a slow sink
	return s.shelf.Write(data)
}

func TestASlowSinkGetsEachOnceAndInOrder(t *testing.T) {
	t.Parallel()
	_, js := natstest.Start(t)
	ensure(t, js)
	const n = 400
	publish(t, stream.NewAlertPublisher(js), 0, n)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sink := newShelf()
	f, done := start(ctx, t, js, slow{sink})
	sink.wait(ctx, n)
	publish(t, stream.NewAlertPublisher(js), n, n+1) // behind what was sent again
	sink.wait(ctx, n+1)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	for i, l := range sink.lines {
		if l != strconv.Itoa(i) {
			t.Fatalf("%d lines, of which line %d is %q", len(sink.lines), i, l)
		}
	}
	if s := f.Stats(); len(sink.lines) != n+1 || s.Again == 0 {
		t.Errorf("%d lines, %+v", len(sink.lines), s)
	}
}

// brittle is a sink that has nothing of what was not flushed, after an error.
type brittle struct {
	*shelf
	calls int
	held  []string
}

func (s *brittle) fails() bool {
	s.calls++
	if s.calls%3 == 0 && s.calls/3&(s.calls/3-1) == 0 { // 3, 6, 12, 24
		s.held = nil
		return true
	}
	return false
}

func (s *brittle) Write(data []byte) error {
	if s.fails() {
		return errors.New("full")
	}
	s.held = append(s.held, string(data))
	return nil
}

func (s *brittle) Flush() error {
	if s.fails() {
		return errors.New("full")
	}
	for _, l := range s.held {
		if err := s.shelf.Write([]byte(l)); err != nil {
			return err
		}
	}
	s.held = nil
	return s.shelf.Flush()
}

func TestAfterAnErrorAllSinceTheLastFlushIsWrittenAgain(t *testing.T) {
	t.Parallel()
	_, js := natstest.Start(t)
	ensure(t, js)
	pub := stream.NewAlertPublisher(js)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sink := &brittle{shelf: newShelf()}
	f, done := start(ctx, t, js, sink)
	const n = 8
	for i := range n {
		publish(t, pub, i, i+1)
	}
	sink.wait(ctx, n)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := strings.Join(sink.lines, ""); got != "01234567" || f.Stats().Failures == 0 {
		t.Errorf("%s came, %+v", got, f.Stats())
	}
}
