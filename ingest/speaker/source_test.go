package speaker

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/osrg/gobgp/v3/pkg/packet/bgp"

	"detour/ingest/live"
	"detour/ingest/mrt/mrttest"
	"detour/route"
)

const a, b, c = "127.0.0.2", "127.0.0.3", "127.0.0.4"

func passive(addr string, asn route.ASN) Neighbor {
	return Neighbor{Address: netip.MustParseAddr(addr), ASN: asn, Passive: true}
}

// listening runs a Source on which neighbors connect.
func listening(t *testing.T, neighbors ...Neighbor) (*running, uint16) {
	t.Helper()
	at := port(t, "127.0.0.1")
	return run(t, Config{Listen: ":" + strconv.Itoa(int(at)), Neighbors: neighbors}), at
}

func TestRoutesComeAsTheyWereSent(t *testing.T) {
	s, at := listening(t, passive(a, 4200000001))
	p := call(t, a, at)
	p.establish(4200000001)
	v6 := bytes.Join([][]byte{
		mrttest.Attrs(true, 4200000001, 64500),
		mrttest.MPReach("2001:db8::1", mrttest.NLRI("2001:db8:1::/48")),
	}, nil)
	p.send(announce(4200000001, "11.0.0.0/8", "12.0.0.0/16", "13.0.0.0/24"), withdraw("13.0.0.0/24"),
		mrttest.Update(nil, v6, nil), endOfRIB)
	s.taken.wait(t, a, "three updates came", func(h *heard) bool { return h.numbers == 3 })
	s.taken.look(a, func(h *heard) {
		want := map[route.NLRI]string{}
		for _, q := range []string{"11.0.0.0/8", "12.0.0.0/16", "2001:db8:1::/48"} {
			want[route.MustPrefix(q).NLRI(0)] = "[4200000001 64500]"
		}
		if d := cmp.Diff(want, h.held); d != "" {
			t.Error(d)
		}
		if want := (route.Peer{
			Collector: "bgp", Addr: netip.MustParseAddr(a), ASN: 4200000001, LocalASN: 64999,
		}); h.peer != want || h.ups != 1 || h.downs != 0 {
			t.Errorf("%+v, want %+v; %d ups, %d downs", h.peer, want, h.ups, h.downs)
		}
		if h.last&route.FlagInitialTransfer == 0 {
			t.Error("not marked as part of the first table")
		}
	})
	if d := s.Describe(); !strings.Contains(d, "1 of 1 up (1 still send their table)") {
		t.Error(d)
	}
	unreach := mrttest.Attr(0x80, 15, 0, 2, 1) // End-of-RIB of IPv6
	p.send(mrttest.Update(nil, unreach, nil))
	s.taken.wait(t, a, "its table is complete", ended(1))
	_ = p.conn.Close()
	s.taken.wait(t, a, "it is down", down(1))
	if d := s.Describe(); !strings.Contains(d, "0 of 1 up") || !strings.Contains(d, "down: 127.0.0.2") {
		t.Error(d)
	}
	s.event(t, live.EventDown, "the neighbor closed the connection")
}

// TestWeConnectToo: the neighbor waits, and is not there at first.
func TestWeConnectToo(t *testing.T) {
	at := port(t, a)
	n := Neighbor{Address: netip.MustParseAddr(a), ASN: 64501, Port: at, LocalAddress: netip.MustParseAddr(c), TTL: 3}
	s := run(t, Config{Neighbors: []Neighbor{n}})
	s.event(t, live.EventNote, "cannot connect, and goes on trying")
	l, err := net.Listen("tcp", net.JoinHostPort(a, strconv.Itoa(int(at))))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if from := remote(conn); from != netip.MustParseAddr(c) {
		t.Errorf("it came from %v", from)
	}
	p := newPeer(t, conn)
	p.establish(64501)
	p.send(announce(64501, "11.0.0.0/8"))
	s.taken.wait(t, a, "it holds one", holds(1))
	s.stop()
	if m := p.until(bgp.BGP_MSG_NOTIFICATION); !strings.Contains(notificationWords(m), "6/3") {
		t.Errorf("we left with %s", notificationWords(m))
	}
	s.taken.look(a, func(h *heard) {
		if h.downs != 1 || len(h.held) != 0 {
			t.Errorf("%d downs, holds %d: we ended, and what it announced went with us", h.downs, len(h.held))
		}
	})
}

// TestASessionThatFlapsIsAReset at each of its ends, and why is told.
func TestASessionThatFlapsIsAReset(t *testing.T) {
	s, at := listening(t, passive(a, 64501))
	for i, end := range []func(p *peer) string{
		func(p *peer) string {
			_ = p.conn.Close()
			return "the neighbor closed the connection"
		},
		func(p *peer) string {
			text := "maintenance"
			body := append([]byte{6, 2, byte(len(text))}, text...)
			p.send(message(bgp.BGP_MSG_NOTIFICATION, body...))
			return `the neighbor sent NOTIFICATION 6/2 (code 6(cease) subcode 2(administrative shutdown)): "maintenance"`
		},
		func(p *peer) string {
			p.send(bytes.Repeat([]byte{1}, 100))
			p.until(bgp.BGP_MSG_NOTIFICATION)
			return "a message began with no marker"
		},
		func(p *peer) string {
			p.send(message(9))
			p.until(bgp.BGP_MSG_NOTIFICATION)
			return "a message of type 9"
		},
		func(p *peer) string {
			p.send(openOf(64501))
			p.until(bgp.BGP_MSG_NOTIFICATION)
			return "a message of type 1 was not due"
		},
	} {
		p := call(t, a, at)
		p.establish(64501)
		p.send(announce(64501, "11.0.0.0/8", prefix(i)))
		s.taken.wait(t, a, "it holds two", holds(2))
		why := end(p)
		s.taken.wait(t, a, "it is down", down(i+1))
		s.event(t, live.EventDown, why)
	}
	if got := s.Stats(); got.Ups != 5 || got.Downs != 5 || got.Connects != 5 || got.Disconnects < 4 || got.Up != 0 {
		t.Errorf("%+v", got.Counters)
	}
}

// TestWhoIsNotMeantGetsNoSession
func TestWhoIsNotMeantGetsNoSession(t *testing.T) {
	s, at := listening(t, passive(a, 64501), passive(b, 64502))
	p := call(t, b, at)
	p.establish(64502)
	for name, c := range map[string]struct {
		from  string
		sends []byte
		kind  live.EventKind
		why   string
	}{
		"another AS": {
			a, openOf(64777), live.EventDisconnect, "it is AS64777, and configured as AS64501",
		},
		"another AS of four octets": {
			a, openOf(4_200_000_000), live.EventDisconnect, "it is AS4200000000, and configured as AS64501",
		},
		"no OPEN": {a, message(bgp.BGP_MSG_NOTIFICATION, 6, 7), live.EventDisconnect, "6/7"},
		"a torn OPEN": {
			a, message(bgp.BGP_MSG_OPEN, openOf(64501)[headerLen:40]...), live.EventDisconnect, "sent NOTIFICATION 2/0",
		},
		"a route before its time": {
			a, announce(64501, "11.0.0.0/8"), live.EventDisconnect, "a message of type 2 was not due",
		},
		"a stranger":       {c, nil, live.EventRefused, "is not configured as a neighbor"},
		"a second session": {b, nil, live.EventRefused, "has a session already"},
	} {
		t.Run(name, func(t *testing.T) {
			q := call(t, c.from, at)
			if c.sends != nil {
				q.send(c.sends)
			}
			q.rest()
			s.event(t, c.kind, c.why)
		})
	}
	p.send(announce(64502, "11.0.0.0/8"))
	s.taken.wait(t, b, "the other neighbor is served on", holds(1))
	s.taken.look(a, func(h *heard) {
		if h.ups != 0 {
			t.Errorf("%d ups", h.ups)
		}
	})
}

// TestNothingIsEverAnnounced to anyone, whatever the others announce: all that leaves
// on a session, from its first octet to its last, holds no route.
func TestNothingIsEverAnnounced(t *testing.T) {
	restart := bgp.NewCapGracefulRestart(false, false, 120, []*bgp.CapGracefulRestartTuple{
		bgp.NewCapGracefulRestartTuple(bgp.RF_IPv4_UC, true), bgp.NewCapGracefulRestartTuple(bgp.RF_IPv6_UC, true),
	})
	addPath := bgp.NewCapAddPath([]*bgp.CapAddPathTuple{bgp.NewCapAddPathTuple(bgp.RF_IPv4_UC, bgp.BGP_ADD_PATH_BOTH)})
	restarting := passive(c, 64999) // of our own AS
	restarting.AddPath = true
	s, at := listening(t, passive(a, 64501), passive(b, 64502), restarting)
	pa, pb, pc := call(t, a, at), call(t, b, at), call(t, c, at)
	pa.establish(64501)
	pb.establish(64502, restart, bgp.NewCapRouteRefresh())
	pc.establish(64999, restart, addPath)
	for _, p := range []*peer{pb, pc} { // a router that restarts waits for them (RFC 4724 §4.1)
		p.until(bgp.BGP_MSG_UPDATE)
		p.until(bgp.BGP_MSG_UPDATE)
	}
	for i := range 1000 {
		pa.send(announce(64501, prefix(i)))
	}
	pa.send(withdraw(prefix(0)), endOfRIB)
	pb.send(announce(64502, "12.0.0.0/8"), endOfRIB)
	pb.send(message(bgp.BGP_MSG_ROUTE_REFRESH, 0, 1, 0, 1)) // would have all sent again
	s.taken.wait(t, a, "it holds 999", holds(999))
	s.taken.wait(t, b, "it holds one", holds(1))
	_ = pb.conn.(*net.TCPConn).CloseWrite()
	pb.rest()
	s.taken.wait(t, b, "it is down", down(1))
	pb2 := call(t, b, at) // comes back, as after a restart
	pb2.establish(64502, restart)
	s.stop()
	for name, p := range map[string]*peer{"a": pa, "b": pb, "c": pc, "b again": pb2} {
		p.rest()
		ends := 0
		for _, m := range p.got {
			if m[18] != bgp.BGP_MSG_UPDATE {
				continue
			}
			if ends++; !isEndOfRIB(m) || name == "a" {
				t.Errorf("%s was sent an UPDATE: %x", name, m)
			}
		}
		if ends > 2 {
			t.Errorf("%s was sent %d End-of-RIB", name, ends)
		}
	}
}

// TestARouterOfLongAgo knows no capabilities: it speaks IPv4, and its ASNs have two
// octets.
func TestARouterOfLongAgo(t *testing.T) {
	s, at := listening(t, passive(a, 64501))
	p := call(t, a, at)
	p.send(message(bgp.BGP_MSG_OPEN, 4, 64501>>8, 64501&0xff, 0, 90, 10, 0, 0, 1, 0), message(bgp.BGP_MSG_KEEPALIVE))
	p.until(bgp.BGP_MSG_KEEPALIVE)
	p.send(mrttest.Update(nil, mrttest.Attrs(false, 64501, 64500), mrttest.NLRI("11.0.0.0/8")), endOfRIB)
	s.taken.wait(t, a, "its table is complete", ended(1))
	s.equal(t, a, map[route.NLRI]string{route.MustPrefix("11.0.0.0/8").NLRI(0): "[64501 64500]"})
}

func TestAddPath(t *testing.T) {
	n := passive(a, 64501)
	n.AddPath = true
	s, at := listening(t, n, passive(b, 64501))
	both := bgp.NewCapAddPath([]*bgp.CapAddPathTuple{
		bgp.NewCapAddPathTuple(bgp.RF_IPv4_UC, bgp.BGP_ADD_PATH_BOTH),
		bgp.NewCapAddPathTuple(bgp.RF_IPv6_UC, bgp.BGP_ADD_PATH_RECEIVE),
	})
	p, q := call(t, a, at), call(t, b, at)
	p.establish(64501, both)
	q.establish(64501, both) // not wanted there
	attrs := mrttest.Attrs(true, 64501, 64500)
	nlri := append(mrttest.NLRIWithID(7, "11.0.0.0/8"), mrttest.NLRIWithID(8, "11.0.0.0/8")...)
	p.send(mrttest.Update(nil, attrs, nlri), announce(64501))
	q.send(announce(64501, "11.0.0.0/8"))
	s.taken.wait(t, a, "it holds two paths", holds(2))
	s.taken.wait(t, b, "it holds one", holds(1))
	p.send(mrttest.Update(mrttest.NLRIWithID(7, "11.0.0.0/8"), nil, nil))
	s.taken.wait(t, a, "it holds one path", func(h *heard) bool {
		_, other := h.held[route.MustPrefix("11.0.0.0/8").NLRI(8)]
		return len(h.held) == 1 && other
	})
}

// TestTooManyPrefixesShutTheSession, and it stays shut for a while.
func TestTooManyPrefixesShutTheSession(t *testing.T) {
	n := passive(a, 64501)
	n.MaxPrefixes = 100
	s, at := listening(t, n)
	p := call(t, a, at)
	p.establish(64501)
	for i := range 300 { // no more than a hundred at a time
		if i >= 100 {
			p.send(withdraw(prefix(i - 100)))
		}
		p.send(announce(64501, prefix(i)), announce(64501, prefix(i))) // again is not one more
	}
	s.taken.wait(t, a, "it holds the last hundred", func(h *heard) bool { return h.numbers == 800 && len(h.held) == 100 })
	p.send(announce(64501, prefix(300)))
	s.event(t, live.EventDown, "more than 100 prefixes of IPv4")
	if m := p.until(bgp.BGP_MSG_NOTIFICATION); !bytes.Equal(m[headerLen:headerLen+2], []byte{6, 1}) {
		t.Errorf("told %s", notificationWords(m))
	}
	s.event(t, live.EventNote, "it stays shut for 30m0s: raise max_prefixes")
	q := call(t, a, at)
	q.rest()
	s.event(t, live.EventRefused, "is shut")
}

func TestWhatCannotBeStartedSaysWhy(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	s, err := New(Config{
		ASN: 64999, RouterID: netip.MustParseAddr("192.0.2.99"), Listen: taken.Addr().String(),
		Neighbors: []Neighbor{passive(a, 64501)},
	}, newTaken())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("Run: %v", err)
	}
}

// TestNobodyTakesWhatComes: then Run ends, with all that it began.
func TestNobodyTakesWhatComes(t *testing.T) {
	at := port(t, "127.0.0.1")
	l := newTaken()
	l.fail = errors.New("full")
	s, err := New(Config{
		ASN: 64999, RouterID: netip.MustParseAddr("192.0.2.99"), Listen: ":" + strconv.Itoa(int(at)),
		Neighbors: []Neighbor{passive(a, 64501), passive(b, 64501)},
	}, l)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(context.Background()) }()
	p := call(t, a, at)
	p.send(openOf(64501), message(bgp.BGP_MSG_KEEPALIVE))
	p.rest()
	if err := <-done; !errors.Is(err, l.fail) {
		t.Errorf("Run: %v", err)
	}
}
