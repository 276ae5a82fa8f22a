package natstest

import (
	"context"
	"testing"
	"time"

	"detour/internal/natsd"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Server is a server that a test may stop and start again.
type Server struct{ *natsd.Server }

// Start runs a server with file storage in t.TempDir and connects to it. All
// ends with the test.
func Start(t testing.TB, opts ...nats.Option) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	return StartServer(t).Connect(t, opts...)
}

// StartServer is Start for tests that restart the server or need several
// connections.
func StartServer(t testing.TB) *Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), natsd.DefaultReady)
	defer cancel()
	srv, err := natsd.Start(ctx, natsd.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	return &Server{srv}
}

// Connect opens one more connection.
func (s *Server) Connect(t testing.TB, opts ...nats.Option) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}) // the default writes to stderr
	nc, err := s.Conn(context.Background(), append([]nats.Option{quiet}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js
}

// Bounce stops the server, waits, and starts it again in the same folder.
func (s *Server) Bounce(t testing.TB, down time.Duration) {
	t.Helper()
	s.Stop()
	time.Sleep(down) // sleep: the server is away
	ctx, cancel := context.WithTimeout(context.Background(), natsd.DefaultReady)
	defer cancel()
	if err := s.Restart(ctx); err != nil {
		t.Fatal(err)
	}
}

// Context returns a context that ends with the test, or after d.
func Context(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
