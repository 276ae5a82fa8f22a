package speaker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"detour/ingest/live"
)

// listen opens the port on which neighbors connect, with their passwords set before
// anyone can.
func (s *Source) listen(ctx context.Context) (net.Listener, error) {
	network := "tcp4"
	if netip.MustParseAddrPort(s.cfg.Listen).Addr().Is6() {
		network = "tcp" // [::] takes IPv4 too
	}
	lc := net.ListenConfig{Control: func(network, _ string, c syscall.RawConn) error {
		for i := range s.cfg.Neighbors {
			n := &s.cfg.Neighbors[i]
			if n.Password == "" || strings.HasSuffix(network, "4") && !n.Address.Is4() {
				continue
			}
			if err := sign(c, network, n.Address, n.Password); err != nil {
				return err
			}
		}
		return nil
	}}
	l, err := lc.Listen(ctx, network, s.cfg.Listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen for BGP: %s is in use, by a routing daemon perhaps: choose another port: %w",
			s.cfg.Listen, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("listen for BGP: %s: ports below 1024 need the capability CAP_NET_BIND_SERVICE: %w",
			s.cfg.Listen, err)
	case err != nil:
		return nil, fmt.Errorf("listen for BGP: %w", err)
	}
	return l, nil
}

// acceptAgain is how long to wait when the system has no more connections to give.
const acceptAgain = 100 * time.Millisecond

// accept hands connections to their neighbors until l is closed. Strangers are turned
// away before an octet of theirs is read.
func (s *Source) accept(ctx context.Context, l net.Listener) {
	for ctx.Err() == nil {
		conn, err := l.Accept()
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(acceptAgain):
			}
			continue
		}
		s.admit(conn)
	}
}

func (s *Source) admit(conn net.Conn) {
	from := remote(conn)
	n := s.byAddr[from]
	why := ""
	switch {
	case n == nil:
		why = "is not configured as a neighbor"
	case !n.offer(conn):
		why = "has a session already, or is shut"
	default:
		return
	}
	s.desk.Tell(live.EventRefused, from.String(), why)
	_ = conn.Close() // nothing was to be said
}

// remote is who is at the other end.
func remote(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}
