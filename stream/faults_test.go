package stream_test

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"detour/internal/natstest"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// breaker connects to an in-process server through connections that can be cut,
// and that can hold back what the server says. Cut, the client loses the acks of
// what the server has already stored.
type breaker struct {
	srv   *natstest.Server
	mu    sync.Mutex
	conn  net.Conn
	stall atomic.Int64 // nanoseconds before the next read
}

func (b *breaker) InProcessConn() (net.Conn, error) {
	c, err := b.srv.InProcessConn()
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.conn = c
	b.mu.Unlock()
	return &stallingConn{Conn: c, stall: &b.stall}, nil
}

func (b *breaker) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.conn.Close()
}

type stallingConn struct {
	net.Conn
	stall *atomic.Int64
}

func (c *stallingConn) Read(p []byte) (int, error) {
	if d := c.stall.Swap(0); d > 0 {
		time.Sleep(time.Duration(d)) // sleep: this is the stall
	}
	return c.Conn.Read(p)
}

// connect opens a client connection through the breaker.
func (b *breaker) connect(t testing.TB) (*nats.Conn, jetstream.JetStream) {
	return b.srv.Connect(t, nats.InProcessServer(b), nats.ReconnectWait(time.Millisecond))
}

// torment cuts and stalls, at random moments up to every apart, until the
// returned function is called.
func (b *breaker) torment(every, stall time.Duration) (stop func()) {
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		rng := rand.New(rand.NewPCG(1, 2))
		for {
			select {
			case <-quit:
				return
			case <-time.After(time.Duration(rng.Int64N(int64(every))) + time.Millisecond):
			}
			if rng.IntN(2) == 0 {
				b.cut()
			} else {
				b.stall.Store(int64(stall))
			}
		}
	})
	return func() { close(quit); wg.Wait() }
}
