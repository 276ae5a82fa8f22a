package bmp_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
	"detour/ingest/live"
	"detour/ingest/node"
)

var _ node.Source = (*bmp.Source)(nil)

// hello is how a router begins that has one route to tell.
func hello(name string) []byte {
	b := append(bt.Hello(name), peer.Up(openOut, openIn)...)
	return append(b, peer.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24")))...)
}

// told waits for an event.
func (l *listening) told(kind live.EventKind, part string) {
	l.t.Helper()
	l.await(kind.String()+": "+part, func() bool {
		return strings.Contains(strings.Join(details(l.Stats(), kind), "\n"), part)
	})
}

func TestARouterThatConnectsAnewTakesThePlaceOfItsOldConnection(t *testing.T) {
	out := &book{}
	l := listen(t, bmp.Config{Collector: "c", MaxConnections: 1}, out)
	old := l.dial(1)
	l.send(old, hello("r1"))
	l.await("a route", func() bool { return out.count() == 1 })
	anew := l.dial(1)
	l.send(anew, hello("r1"))
	l.await("the route again", func() bool { return out.count() == 2 })
	l.closed(old)
	l.told(live.EventDisconnect, "the router connected anew")
	want := "up (initial) down up (initial)"
	var got []string
	for _, line := range out.all() {
		got = append(got, line[strings.LastIndexByte(line, ' ')+1:])
	}
	if s := strings.Join(got, " "); s != want {
		t.Errorf("%s, want %s", s, want)
	}
	if n := out.alive(); n != 1 {
		t.Errorf("%d sessions live, want 1", n)
	}
}

func TestWhoIsTurnedAway(t *testing.T) {
	out := &book{}
	l := listen(t, bmp.Config{MaxConnections: 2, Allow: []netip.Prefix{netip.MustParsePrefix("127.7.0.0/29")}}, out)
	stranger := l.dial(9)
	l.closed(stranger)
	l.told(live.EventRefused, "router 127.7.0.9:")
	for n := range 2 {
		l.send(l.dial(n), hello("r"))
	}
	l.await("two routers", func() bool { return l.Stats().Up == 2 })
	third := l.dial(3)
	l.send(third, hello("r"))
	l.closed(third)
	l.told(live.EventRefused, "2 routers are connected")
	// Those who only connect have places of their own, and not more.
	silent := []net.Conn{l.dial(0), l.dial(1), l.dial(4)}
	l.closed(silent[0])
	l.told(live.EventRefused, "it has not said who it is, and others wait for its place")
	if got := l.Describe(); !strings.HasPrefix(got, "bmp on "+l.addr+": router 127.7.0.0:") ||
		!strings.HasSuffix(got, " (r), 2 sessions up, 2 elements") {
		t.Errorf("%q", got)
	}
}

func TestARouterIsLetInAmidThoseWhoOnlyConnect(t *testing.T) {
	out := &book{}
	l := listen(t, bmp.Config{MaxConnections: 20}, out)
	for n := range 50 {
		l.dial(n % 7)
	}
	l.send(l.dial(7), hello("r"))
	l.await("its route", func() bool { return out.count() == 1 })
}

func TestGarbageEndsItsOwnConnectionOnly(t *testing.T) {
	out := &book{}
	l := listen(t, bmp.Config{}, out)
	good, bad := l.dial(1), l.dial(2)
	l.send(good, hello("good"))
	l.send(bad, hello("bad"), []byte("GET / HTTP/1.1\r\n\r\n"))
	l.closed(bad)
	l.told(live.EventDisconnect, "0x47 where version 3 of BMP must stand")
	l.send(good, peer.Routes(bt.Update(4, path, bt.Prefix("198.51.100.0/24"))))
	l.await("the good router's second route", func() bool { return out.count() == 3 })
	if n := out.alive(); n != 1 {
		t.Errorf("%d sessions live, want 1", n)
	}
}

func TestWhoIsTooSlowIsGivenUp(t *testing.T) {
	mute := listen(t, bmp.Config{Limits: bmp.Limits{FirstMessage: 100 * time.Millisecond}}, &book{})
	mute.closed(mute.dial(1))
	mute.told(live.EventStall, "nothing that is BMP came within 100ms")

	out := &book{}
	l := listen(t, bmp.Config{Limits: bmp.Limits{WholeMessage: 100 * time.Millisecond}}, out)
	idle, slow := l.dial(2), l.dial(3)
	l.send(idle, hello("idle"))
	l.send(slow, hello("slow"), []byte{3, 0, 0})
	l.closed(slow)
	l.told(live.EventStall, "a message was not whole after 100ms")
	l.send(idle, peer.Routes(bt.Update(4, path, bt.Prefix("198.51.100.0/24")))) // between messages it may wait
	l.await("the idle router's second route", func() bool { return out.count() == 3 })
}

func TestARouterThatSaysNothingForTooLongIsGivenUp(t *testing.T) {
	out := &book{}
	l := listen(t, bmp.Config{Idle: 500 * time.Millisecond}, out)
	conn := l.dial(1)
	l.send(conn, hello("r1"))
	l.closed(conn)
	l.told(live.EventDisconnect, "the router said nothing for 500ms")
	l.await("the end of its session", func() bool { return out.alive() == 0 })
}

func TestARouterThatNamesEverNewPeersLeavesRoomForOthers(t *testing.T) {
	out := &book{quiet: true}
	l := listen(t, bmp.Config{Collector: "c", Limits: bmp.Limits{MaxPeers: 4}}, out)
	for i := range 20 { // each time under three new names
		stream := [][]byte{bt.Hello("liar")}
		for k := range 3 {
			p := peer
			p.ASN = uint32(1000 + 3*i + k)
			stream = append(stream, p.Up(openOut, openIn), p.Routes(bt.Update(4, path, bt.Prefix("192.0.2.0/24"))))
		}
		conn := l.dial(1)
		l.send(conn, stream...)
		_ = conn.Close()
		l.await("its end", func() bool { return l.Stats().Disconnects == uint64(i+1) })
	}
	l.send(l.dial(2), hello("good"))
	l.await("the other's route", func() bool { return l.Stats().Up == 1 })
	if n := l.Stats().Sessions; n != 4*4+1 {
		t.Errorf("%d sessions, want 16 of one router and 1 of another", n)
	}
	l.told(live.EventRefused, "it has named too many over time")
}

func TestWhatCannotBeConfigured(t *testing.T) {
	for want, cfg := range map[string]bmp.Config{
		`bmp listen address "nowhere": `:   {Listen: "nowhere"},
		"bmp max_connections is -1, must ": {MaxConnections: -1},
	} {
		if _, err := bmp.New(cfg, &book{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	l := listen(t, bmp.Config{}, &book{})
	s, err := bmp.New(bmp.Config{Listen: l.addr}, &book{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "listen for BMP on "+l.addr) {
		t.Errorf("a used address: %v", err)
	}
}
