package speaker

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"

	"detour/ingest/live"
	"detour/ingest/mrt/mrttest"
	"detour/route"
)

// ordered is told updates whose communities count them, and keeps which one of a
// session came out of turn.
type ordered struct {
	next   map[uint32]uint32
	number uint64
	wrong  string
	all    chan struct{} // closed when as many have come as were sent
	left   int
}

func (o *ordered) Add(_ context.Context, u *route.Update, _ *route.Session) error {
	if u.Number != o.number+1 {
		o.wrong = fmt.Sprintf("number %d behind %d", u.Number, o.number)
	}
	o.number = u.Number
	if u.Kind != route.KindUpdate {
		return nil
	}
	if n := binary.BigEndian.Uint32(u.Communities); n != o.next[u.Peer] {
		o.wrong = fmt.Sprintf("session %d: update %d, want %d", u.Peer, n, o.next[u.Peer])
	}
	o.next[u.Peer]++
	if o.left--; o.left == 0 {
		close(o.all)
	}
	return nil
}

func (o *ordered) Tick(context.Context, route.Time) error { return nil }
func (o *ordered) End(context.Context) error              { return nil }

// TestOrderIsKept over four sessions at full speed.
func TestOrderIsKept(t *testing.T) {
	const sessions, updates = 4, 20_000
	o := &ordered{next: map[uint32]uint32{}, all: make(chan struct{}), left: sessions * updates}
	at := port(t, "127.0.0.1")
	cfg := Config{ASN: 64999, RouterID: netip.MustParseAddr("192.0.2.99"), Listen: fmt.Sprintf("127.0.0.1:%d", at)}
	for i := range sessions {
		cfg.Neighbors = append(cfg.Neighbors, passive(fmt.Sprintf("127.0.1.%d", i+1), 64501))
	}
	s, err := New(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	for i := range sessions {
		p := call(t, cfg.Neighbors[i].Address.String(), at)
		p.establish(64501)
		go func() {
			for n := range updates {
				attrs := bytes.Join([][]byte{
					mrttest.Attrs(true, 64501), mrttest.Attr(0xc0, 8, binary.BigEndian.AppendUint32(nil, uint32(n))...),
				}, nil)
				if _, err := p.conn.Write(mrttest.Update(nil, attrs, mrttest.NLRI(prefix(n%100)))); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	select {
	case <-o.all:
	case <-time.After(patience):
		t.Error("not all came")
	}
	cancel()
	if err := <-done; err != nil || o.wrong != "" {
		t.Errorf("%v; %s", err, o.wrong)
	}
}

// TestTheHoldTimerRuns: UPDATEs keep a session alive as KEEPALIVEs do, silence ends it.
// TestASessionNeedsAHoldTimer: without one a router that is gone stays up for ever.
func TestASessionNeedsAHoldTimer(t *testing.T) {
	s, at := listening(t, passive(a, 64501))
	p := call(t, a, at)
	p.send(openHolding(0, 64501))
	m := p.until(bgp.BGP_MSG_NOTIFICATION)
	if m[headerLen] != bgp.BGP_ERROR_OPEN_MESSAGE_ERROR || m[headerLen+1] != bgp.BGP_ERROR_SUB_UNACCEPTABLE_HOLD_TIME {
		t.Error(notificationWords(m))
	}
	s.event(t, live.EventDisconnect, "a hold time of 0")
}

func TestTheHoldTimerRuns(t *testing.T) {
	n := passive(a, 64501)
	n.HoldTime = 3 * time.Second
	s, at := listening(t, n)
	p := call(t, a, at)
	p.establish(64501)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for i := range 8 { // one and a third of the hold time
		p.send(announce(64501, prefix(i)))
		<-tick.C
	}
	s.taken.wait(t, a, "it holds what came", holds(8))
	s.taken.look(a, func(h *heard) {
		if h.downs != 0 {
			t.Error("it went down")
		}
	})
	if m := p.until(bgp.BGP_MSG_NOTIFICATION); m[headerLen] != bgp.BGP_ERROR_HOLD_TIMER_EXPIRED {
		t.Error(notificationWords(m))
	}
	s.event(t, live.EventDown, "sent NOTIFICATION 4/0 (code 4(hold timer expired)")
}
