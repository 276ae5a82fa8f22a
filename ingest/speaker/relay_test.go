package speaker

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"

	"detour/ingest/live"
	"detour/ingest/mrt/mrttest"
)

// pair is a relay between a neighbor and a GoBGP, both of which are the test's.
type pair struct {
	neighbor, gobgp *peer
	relay           *relay
	taken           *taken
	done            chan error
}

func newPair(t testing.TB, limit int) *pair {
	t.Helper()
	cfg, err := Config{
		ASN: 64999, RouterID: netip.MustParseAddr("192.0.2.99"), Listen: "127.0.0.1",
		Neighbors: []Neighbor{{Address: netip.MustParseAddr(a), ASN: 64501, Passive: true, MaxPrefixes: limit}},
	}.complete()
	if err != nil {
		t.Fatal(err)
	}
	l := newTaken()
	n, err := newNeighbor(&cfg, &cfg.Neighbors[0], live.NewDesk(l, live.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	n.lead = &lead{}
	outer, there := connected(t)
	inner, behind := connected(t)
	p := &pair{
		neighbor: newPeer(t, there), gobgp: newPeer(t, behind), taken: l,
		relay: newRelay(n, outer, inner, openOf(64999)), done: make(chan error, 1),
	}
	go func() { p.done <- p.relay.run(context.Background()) }()
	return p
}

// connected returns both ends of a connection.
func connected(t testing.TB) (here, there net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if here, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if there, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return here, there
}

// begin brings the session up.
func (p *pair) begin() {
	p.neighbor.until(bgp.BGP_MSG_OPEN)
	p.neighbor.send(openOf(64501))
	p.gobgp.until(bgp.BGP_MSG_OPEN)
	p.gobgp.send(message(bgp.BGP_MSG_KEEPALIVE))
	p.neighbor.until(bgp.BGP_MSG_KEEPALIVE)
	p.neighbor.send(message(bgp.BGP_MSG_KEEPALIVE))
	p.gobgp.until(bgp.BGP_MSG_KEEPALIVE)
}

// TestGoBGPCannotAnnounce even if it tries: what it sends is held back, but for what
// holds no route.
func TestGoBGPCannotAnnounce(t *testing.T) {
	p := newPair(t, 0)
	p.begin()
	ends := [][]byte{
		endOfRIB, mrttest.Update(nil, mrttest.Attr(0x80, 15, 0, 2, 1), nil),
		mrttest.Update(nil, []byte{0x90, 15, 0, 3, 0, 2, 1}, nil),
	}
	for _, m := range [][]byte{
		announce(64999, "11.0.0.0/8"), withdraw("11.0.0.0/8"), announce(64999),
		mrttest.Update(nil, mrttest.MPUnreach(mrttest.NLRI("2001:db8::/32")), nil),
		mrttest.Update(nil, mrttest.Attr(0x80, 15, 0, 2, 1, 0), nil), // ::/0
		mrttest.Update(nil, mrttest.Attr(0x80, 14, 0, 2, 1), nil),
		mrttest.Update(mrttest.NLRI("0.0.0.0/0"), nil, nil),
		mrttest.Update(nil, nil, mrttest.NLRI("0.0.0.0/0")),
		message(bgp.BGP_MSG_ROUTE_REFRESH, 0, 1, 0, 1),
		ends[0], ends[1], ends[2], message(bgp.BGP_MSG_NOTIFICATION, 6, 3),
	} {
		p.gobgp.send(m)
	}
	for _, want := range append(ends, message(bgp.BGP_MSG_NOTIFICATION, 6, 3)) {
		if got := p.neighbor.read(); !bytes.Equal(got, want) {
			t.Errorf("the neighbor was sent %x, want %x", got, want)
		}
	}
	_ = p.gobgp.conn.Close()
	if err := <-p.done; err != nil || p.relay.why != "sent NOTIFICATION 6/3 (code 6(cease) subcode 3(peer deconfigured))" {
		t.Errorf("%v, ended: %s", err, p.relay.why)
	}
}

// TestRoutesWaitForGoBGP: a neighbor that sends them behind its KEEPALIVE has no
// session yet, and may never get one.
func TestRoutesWaitForGoBGP(t *testing.T) {
	p := newPair(t, 0)
	p.neighbor.until(bgp.BGP_MSG_OPEN)
	p.neighbor.send(openOf(64501), message(bgp.BGP_MSG_KEEPALIVE), announce(64501, "11.0.0.0/8"))
	p.gobgp.until(bgp.BGP_MSG_KEEPALIVE)
	p.gobgp.send(message(bgp.BGP_MSG_NOTIFICATION, 2, 2)) // it does not like the OPEN
	p.neighbor.until(bgp.BGP_MSG_NOTIFICATION)
	_ = p.gobgp.conn.Close()
	if err := <-p.done; err != nil {
		t.Error(err)
	}
	p.taken.look(a, func(h *heard) {
		if h.ups+h.downs+h.announced != 0 {
			t.Errorf("%+v", h)
		}
	})
}

// TestGoBGPHearsThatTheNeighborLives although it gets no UPDATE.
func TestGoBGPHearsThatTheNeighborLives(t *testing.T) {
	p := newPair(t, 0)
	p.begin()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		p.gobgp.read()
	}()
	for told := false; !told; {
		p.neighbor.send(announce(64501, "11.0.0.0/8"))
		select {
		case <-heard:
			told = true
		case <-time.After(nudgeEvery / 10):
		}
	}
	if m := p.gobgp.got[len(p.gobgp.got)-1]; m[18] != bgp.BGP_MSG_KEEPALIVE {
		t.Errorf("it got %x", m)
	}
	_ = p.neighbor.conn.Close()
	if err := <-p.done; err != nil {
		t.Error(err)
	}
	for _, m := range p.gobgp.got {
		if m[18] == bgp.BGP_MSG_UPDATE {
			t.Errorf("it got an UPDATE: %x", m)
		}
	}
}

// FuzzSession: whatever a neighbor says, its session ends with its connection.
func FuzzSession(f *testing.F) {
	f.Add(dialogue(64501), false)
	f.Add(openOf(64501), true)
	f.Fuzz(func(t *testing.T, said []byte, refuses bool) {
		p := newPair(t, 3)
		go func() { // a GoBGP that takes all, or nothing
			for m := p.gobgp.read(); m != nil; m = p.gobgp.read() {
				if m[18] == bgp.BGP_MSG_OPEN && !refuses {
					_, _ = p.gobgp.conn.Write(message(bgp.BGP_MSG_KEEPALIVE)) // it may have ended
				}
				if m[18] == bgp.BGP_MSG_OPEN && refuses || m[18] == bgp.BGP_MSG_NOTIFICATION {
					break
				}
			}
			_ = p.gobgp.conn.Close()
		}()
		go p.neighbor.rest()
		_, _ = p.neighbor.conn.Write(said) // it may have ended
		_ = p.neighbor.conn.Close()
		if err := <-p.done; err != nil {
			t.Errorf("%v", err)
		}
		p.taken.look(a, func(h *heard) {
			if h.ups != h.downs || h.ups > 1 || len(h.held) != 0 || refuses && h.ups != 0 {
				t.Errorf("%d ups, %d downs, holds %d", h.ups, h.downs, len(h.held))
			}
		})
	})
}

// FuzzOpen: what cannot be read is refused, and nothing panics.
func FuzzOpen(f *testing.F) {
	f.Add(openOf(64501, bgp.NewCapGracefulRestart(true, true, 120, nil))[headerLen:])
	f.Add(dialogue(4200000001)[headerLen:200])
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > maxMessage-headerLen {
			return
		}
		o, err := parseOpen(message(bgp.BGP_MSG_OPEN, body...))
		if err == nil && len(o.families) > 2 {
			t.Errorf("%v", o.families)
		}
	})
}
