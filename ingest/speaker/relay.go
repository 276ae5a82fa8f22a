package speaker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"

	"detour/ingest/decode"
	"detour/ingest/live"
)

// relay is one connection to the neighbor and one to GoBGP, and what passes between
// them. Its in reads the neighbor, its out GoBGP, each in a goroutine.
type relay struct {
	n      *neighbor
	outer  net.Conn // the neighbor
	inner  net.Conn // GoBGP
	ahead  *live.ReadAhead
	opened []byte // GoBGP's OPEN
	guard  *guard

	// Of in.
	ours, theirs open
	how          decode.Session
	met          bool // the neighbor sent its OPEN
	up           bool
	limited      bool      // the neighbor sent too many prefixes
	nudged       time.Time // when GoBGP was last told that the neighbor lives
	leaving      atomic.Bool

	accepted chan struct{} // closed when GoBGP has taken the neighbor's OPEN
	ended    chan struct{} // closed at the end of out
	mu       sync.Mutex
	why      string // it ended: the first cause
}

// Bounds of a relay.
const (
	readAhead  = 256 << 10
	openWait   = time.Minute // for the whole exchange up to the first KEEPALIVEs
	writeWait  = 30 * time.Second
	partWait   = 5 * time.Second // for the other side to read our last words
	nudgeEvery = time.Second
	downWait   = time.Second
)

func newRelay(n *neighbor, outer, inner net.Conn, opened []byte) *relay {
	return &relay{
		n: n, outer: outer, inner: inner, opened: opened, guard: newGuard(n.MaxPrefixes),
		ahead: live.NewReadAhead(outer, readAhead), accepted: make(chan struct{}), ended: make(chan struct{}),
	}
}

// run has the session. An error is that nothing more is taken from us.
func (r *relay) run(ctx context.Context) error {
	leaving := context.AfterFunc(ctx, r.leave)
	defer leaving()
	go r.out()
	failed := r.in(ctx)
	if no, ok := errors.AsType[*refusal](failed); ok {
		r.end("sent " + notificationWords(no.notification()) + ": " + no.why)
		_ = r.send(r.outer, no.notification()) // it ends either way
		r.part()
		failed = nil
	}
	_ = r.inner.Close()
	<-r.ended // it has closed outer
	_ = r.ahead.Close()
	if r.limited {
		r.n.setWaiting(false)
	}
	return errors.Join(failed, r.down(ctx))
}

// leave ends the session from our side. GoBGP says so to the neighbor, when it has had
// something to say to it.
func (r *relay) leave() {
	r.end("detour ends")
	r.leaving.Store(true)
	select {
	case <-r.accepted:
		_ = r.inner.SetReadDeadline(time.Now().Add(partWait)) // for out, should GoBGP say nothing
		r.n.lead.release()
	default:
		_ = r.inner.Close()
	}
}

func (r *relay) down(ctx context.Context) error {
	r.n.session.Watch(nil)
	if !r.up {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), downWait)
	defer cancel()
	return r.n.session.Down(ctx, r.why)
}

// end keeps the first cause of the end.
func (r *relay) end(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.why == "" {
		r.why = why
	}
}

func (r *relay) send(to net.Conn, m []byte) error {
	if err := to.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	_, err := to.Write(m)
	return err
}

// part lets the neighbor read what was sent to it last: a connection that is closed
// with octets unread loses that.
func (r *relay) part() {
	if c, ok := r.outer.(*net.TCPConn); ok {
		_ = c.CloseWrite()
	}
	_ = r.outer.SetReadDeadline(time.Now().Add(partWait))
	_, _ = io.Copy(io.Discard, r.ahead)
}

// out passes on what GoBGP says, up to its end, and then closes the connection to the
// neighbor.
func (r *relay) out() {
	defer close(r.ended)
	defer func() {
		r.n.setWaiting(true) // it may be back at once
		_ = r.outer.Close()
	}()
	if r.send(r.outer, r.opened) != nil {
		r.end("the connection was lost")
		return
	}
	buf := make([]byte, maxMessage)
	for said, parted := false, false; ; {
		m, err := readMessage(r.inner, buf)
		if err != nil {
			if said && !parted && r.leaving.Load() { // GoBGP says nothing where the session has only just come up
				bye := refusal{code: bgp.BGP_ERROR_CEASE, subcode: bgp.BGP_ERROR_SUB_PEER_DECONFIGURED}
				_ = r.send(r.outer, bye.notification())
			}
			r.end("the session was ended, and not a word said")
			return
		}
		switch m[18] {
		case bgp.BGP_MSG_KEEPALIVE:
			if !said {
				said = true
				close(r.accepted)
			}
		case bgp.BGP_MSG_NOTIFICATION:
			parted = true
			r.end("sent " + notificationWords(m))
		case bgp.BGP_MSG_UPDATE:
			if !isEndOfRIB(m) {
				r.n.desk.Tell(live.EventNote, r.n.name, "an UPDATE was about to be sent, and was held back")
				continue
			}
		default:
			continue
		}
		if err := r.send(r.outer, m); err != nil {
			r.end(fmt.Sprintf("the connection was lost: %v", err))
			return
		}
	}
}
