package bmp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
	"detour/ingest/live"
	"detour/route"
)

func TestTheEndOfTheProgramIsNotTheEndOfSessions(t *testing.T) {
	out := &book{}
	desk := live.NewDesk(out, live.Config{})
	ctx, stop := context.WithCancel(t.Context())
	here, there := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- bmp.Serve(ctx, there, desk, bmp.RouterConfig{}) }()
	if _, err := here.Write(hello("r1")); err != nil {
		t.Fatal(err)
	}
	for out.count() == 0 {
		select {
		case err := <-done:
			t.Fatal(err)
		default:
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := out.alive(); n != 1 {
		t.Errorf("%d sessions live, want 1", n)
	}
	if _, err := here.Write([]byte{3}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the stream stays open: %v", err)
	}
}

func TestWhatComesLongAfterAPeerUpIsNews(t *testing.T) {
	for after, want := range map[time.Duration]string{
		9 * time.Minute:  "pre AS4200000001>AS64500 10.0.0.1 [4200000001 64999] 192.0.2.0/24 (initial)",
		11 * time.Minute: "pre AS4200000001>AS64500 10.0.0.1 [4200000001 64999] 192.0.2.0/24",
	} {
		synctest.Test(t, func(t *testing.T) {
			out := &book{}
			desk := live.NewDesk(out, live.Config{})
			here, there := net.Pipe()
			done := make(chan error, 1)
			go func() { done <- bmp.Serve(t.Context(), there, desk, bmp.RouterConfig{}) }()
			_, _ = here.Write(append(bt.Hello("r1"), peer.Up(openOut, openIn)...))
			time.Sleep(after)
			_, _ = here.Write(peer.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24"))))
			_ = here.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if lines := out.all(); len(lines) != 3 || lines[1] != want {
				t.Errorf("after %v: %q, want %q", after, lines, want)
			}
		})
	}
}

// refusal is an output that takes nothing.
type refusal struct{ book }

var errRefusal = errors.New("nothing is taken")

func (*refusal) Add(_ context.Context, _ *route.Update, s *route.Session) error {
	if s == nil {
		return nil
	}
	return errRefusal
}

func TestAnOutputThatTakesNothingEndsReading(t *testing.T) {
	desk := live.NewDesk(&refusal{}, live.Config{})
	in := io.NopCloser(bytes.NewReader(hello("r1")))
	if err := bmp.Serve(t.Context(), in, desk, bmp.RouterConfig{}); !errors.Is(err, errRefusal) {
		t.Errorf("Serve: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := bmp.New(bmp.Config{Listener: l}, &refusal{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(hello("r1")); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, errRefusal) {
		t.Errorf("Run: %v", err)
	}
}

// first is an output that keeps what came first.
type first struct {
	book
	update *route.Update
}

func (f *first) Add(ctx context.Context, u *route.Update, s *route.Session) error {
	if f.update == nil {
		one := *u
		f.update = &one
	}
	return f.book.Add(ctx, u, s)
}

// TestALifeBeginsWithTheEndOfTheOneBefore: what its routers told is not alive until
// they tell it again.
func TestALifeBeginsWithTheEndOfTheOneBefore(t *testing.T) {
	out := &first{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := bmp.New(bmp.Config{Listener: l}, out)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if u := out.update; u == nil || u.Kind != route.KindPeerDown || u.Peer != route.AllPeers || u.Engine == 0 {
		t.Errorf("it began with %+v", u)
	}
}
