package speaker

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"detour/ingest/live"
	"detour/internal/pause"
	"detour/route"
)

// neighbor is one router, and waits for its connections.
type neighbor struct {
	Neighbor
	name     string
	routerID netip.Addr
	desk     *live.Desk
	session  *live.Session
	backoff  live.Backoff
	rest     time.Duration // after too many prefixes
	lead     *lead

	mu       sync.Mutex
	waiting  bool // for a connection
	incoming chan net.Conn
	told     string // why we cannot connect to it
}

// Waits of a neighbor. It rests after it has sent too many prefixes, as routers let a
// session that hit its limit: what leaked is mostly found within that time, and a
// session that came back at once would bring it all again.
const (
	connectMin  = time.Second
	connectMax  = time.Minute
	connectWait = 10 * time.Second
	limitRest   = 30 * time.Minute
)

func newNeighbor(cfg *Config, n *Neighbor, desk *live.Desk) (*neighbor, error) {
	peer := route.Peer{Collector: cfg.Collector, Addr: n.Address, ASN: n.ASN, LocalASN: n.LocalASN}
	session, err := desk.Session(peer)
	if err != nil {
		return nil, err
	}
	return &neighbor{
		Neighbor: *n, name: fmt.Sprintf("%s %v AS%v", cfg.Collector, n.Address, n.ASN), routerID: cfg.RouterID,
		desk: desk, session: session, rest: limitRest,
		backoff: live.Backoff{Min: connectMin, Max: connectMax}, waiting: true, incoming: make(chan net.Conn, 1),
	}, nil
}

// run serves one connection after the other until ctx ends, which is no error. An
// error is that nothing more is taken from us.
func (n *neighbor) run(ctx context.Context) error {
	defer n.setWaiting(false)
	for {
		conn := n.next(ctx)
		if conn == nil {
			return nil
		}
		if err := n.serve(ctx, conn); err != nil {
			return err
		}
	}
}

// serve has a session over a connection, to its end.
func (n *neighbor) serve(ctx context.Context, conn net.Conn) error {
	n.desk.Tell(live.EventConnect, n.name, "")
	inner, opened, err := n.lead.connect(ctx)
	if err != nil {
		n.desk.Tell(live.EventDisconnect, n.name, err.Error())
		return conn.Close()
	}
	r := newRelay(n, conn, inner, opened)
	err = r.run(ctx)
	n.lead.settle(ctx)
	n.lead.release()
	if r.up {
		n.backoff.Reset()
	}
	n.desk.Tell(live.EventDisconnect, n.name, r.why)
	if err != nil || !r.limited {
		return err
	}
	n.desk.Tell(live.EventNote, n.name,
		fmt.Sprintf("it stays shut for %v: raise max_prefixes if that many are meant", n.rest))
	_ = pause.For(ctx, n.rest) // next ends with ctx too
	return nil
}

// next returns the next connection, whoever made it; nil when ctx has ended.
func (n *neighbor) next(ctx context.Context) net.Conn {
	ctx, cancel := context.WithCancel(ctx)
	dialed := make(chan net.Conn)
	var dialing sync.WaitGroup
	defer dialing.Wait()
	defer cancel()
	if !n.Passive {
		dialing.Go(func() { n.dial(ctx, dialed) })
	}
	n.setWaiting(true)
	defer n.setWaiting(false)
	select {
	case conn := <-dialed:
		return conn
	case conn := <-n.incoming:
		return conn
	case <-ctx.Done():
		return nil
	}
}

// setWaiting says whether connections are taken. Who came when one was chosen already
// is turned away.
func (n *neighbor) setWaiting(waiting bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting = waiting
	if waiting {
		return
	}
	select {
	case conn := <-n.incoming:
		_ = conn.Close() // nothing was to be said
	default:
	}
}

// offer reports whether a connection from the neighbor is taken.
func (n *neighbor) offer(conn net.Conn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.waiting {
		return false
	}
	select {
	case n.incoming <- conn:
		return true
	default:
		return false
	}
}
