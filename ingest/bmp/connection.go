package bmp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"detour/ingest/live"
)

// identity is what tells routers apart, and their peers at the desk.
type identity struct {
	collector string
	addr      netip.Addr
}

// connection is a router's connection.
type connection struct {
	socket *socket
	id     identity
	name   string        // for people
	done   chan struct{} // closed when its sessions are down
}

// Of TCP's keepalive: it finds within two minutes that a router is gone.
const (
	keepAliveIdle     = 60 * time.Second
	keepAliveInterval = 15 * time.Second
	keepAliveCount    = 4
)

// greet gives a new connection a place until its router says who it is; nil where it
// is turned away.
func (s *Source) greet(conn net.Conn) *connection {
	from, _ := netip.ParseAddrPort(conn.RemoteAddr().String()) // of TCP it always parses
	c := &connection{socket: &socket{Conn: conn, idle: s.cfg.Idle, ended: make(chan struct{})}, done: make(chan struct{})}
	c.id.addr = from.Addr().Unmap().WithZone("")
	c.name = "router " + netip.AddrPortFrom(c.id.addr, from.Port()).String()
	if why := s.mayGreet(c); why != "" {
		_ = conn.Close() // nothing was sent over it
		s.desk.Tell(live.EventRefused, c.name, why)
		return nil
	}
	if tc, ok := conn.(*net.TCPConn); ok {
		// Where it cannot be had, Idle is still there.
		_ = tc.SetKeepAliveConfig(net.KeepAliveConfig{
			Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount,
		})
	}
	return c
}

// mayGreet gives a place. Where there is none, who has been silent for longest gives
// up his: a router speaks at once, and must not wait for those who never will.
func (s *Source) mayGreet(c *connection) (why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.allowed(c.id.addr) {
		return "its address is not allowed; allow says which are"
	}
	if s.open >= 3*s.cfg.MaxConnections {
		return fmt.Sprintf("of %d connections that were ended, too many are not gone yet", s.open)
	}
	s.open++
	if len(s.greeting) >= s.cfg.MaxConnections {
		s.greeting[0].socket.end("it has not said who it is, and others wait for its place")
		s.greeting = slices.Delete(s.greeting, 0, 1)
	}
	s.greeting = append(s.greeting, c)
	return ""
}

// greeted takes a connection from those that have not said who they are. The lock is
// held.
func (s *Source) greeted(c *connection) {
	if i := slices.Index(s.greeting, c); i >= 0 {
		s.greeting = slices.Delete(s.greeting, i, i+1)
	}
}

// connected serves a connection to its end. An error says that the desk takes nothing
// more.
func (s *Source) connected(ctx context.Context, c *connection) error {
	defer s.leave(c)
	var stream io.ReadCloser = c.socket
	if s.cfg.TLS != nil {
		stream = tls.Server(c.socket, s.cfg.TLS)
	}
	r := newRouter(s.desk, RouterConfig{
		Collector: s.cfg.Collector, Router: c.id.addr, Limits: s.cfg.Limits, Meter: &s.meter,
	}, c.name)
	r.shares = &s.shares
	return r.serve(ctx, stream, func(ctx context.Context, collector string) error {
		c.id.collector, c.name = collector, r.who
		return s.admit(ctx, c)
	})
}

// admit lets in a router that has said who it is. One that connects again, perhaps
// because it was cut off, takes the place of its old connection once the sessions of
// that are down; of several that wait for it the last one does.
func (s *Source) admit(ctx context.Context, c *connection) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greeted(c)
	if before := s.waiting[c.id]; before != nil {
		before.socket.end(connectedAnew)
	}
	s.waiting[c.id] = c
	defer func() {
		if s.waiting[c.id] == c {
			delete(s.waiting, c.id)
		}
	}()
	for s.routers[c.id] != nil {
		old := s.routers[c.id]
		old.socket.end(connectedAnew)
		s.mu.Unlock()
		select {
		case <-old.done:
		case <-c.socket.ended:
		case <-ctx.Done():
		}
		s.mu.Lock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if why := c.socket.reason.Load(); why != nil { // by who came later, or for want of places
			return errNotAdmitted{*why}
		}
	}
	if len(s.routers) >= s.cfg.MaxConnections {
		return errNotAdmitted{fmt.Sprintf("%d routers are connected; max_connections is %d", len(s.routers),
			s.cfg.MaxConnections)}
	}
	s.routers[c.id] = c
	return nil
}

const connectedAnew = "the router connected anew"

// leave gives up a connection's place.
func (s *Source) leave(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.routers[c.id] == c {
		delete(s.routers, c.id)
	}
	s.greeted(c)
	s.open--
	close(c.done)
}

// socket is a connection that gives up after silence, and that others may end with a
// reason.
type socket struct {
	net.Conn
	idle   time.Duration
	reason atomic.Pointer[string]
	ended  chan struct{} // closed by end
}

// Read implements io.Reader.
func (s *socket) Read(p []byte) (int, error) {
	if err := s.SetReadDeadline(time.Now().Add(s.idle)); err != nil {
		return 0, s.why(err)
	}
	n, err := s.Conn.Read(p)
	if err != nil {
		err = s.why(err)
	}
	return n, err
}

func (s *socket) why(err error) error {
	if reason := s.reason.Load(); reason != nil {
		return errors.New(*reason)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("the router said nothing for %v", s.idle)
	}
	return err
}

// end closes the connection for a reason.
func (s *socket) end(reason string) {
	if s.reason.CompareAndSwap(nil, &reason) {
		close(s.ended)
	}
	_ = s.Close() // it may be closed already
}
