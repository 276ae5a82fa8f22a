package speaker

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"

	"detour/ingest/mrt/mrttest"
)

// dialogue is all that a neighbor says in a short session.
func dialogue(asn uint32) []byte {
	restart := bgp.NewCapGracefulRestart(true, true, 120, []*bgp.CapGracefulRestartTuple{
		bgp.NewCapGracefulRestartTuple(bgp.RF_IPv4_UC, true),
	})
	addPath := bgp.NewCapAddPath([]*bgp.CapAddPathTuple{bgp.NewCapAddPathTuple(bgp.RF_IPv4_UC, bgp.BGP_ADD_PATH_BOTH)})
	said := openOf(asn, restart, addPath, bgp.NewCapRouteRefresh(), bgp.NewCapFQDN("r1", "example"),
		bgp.NewCapExtendedNexthop([]*bgp.CapExtendedNexthopTuple{
			bgp.NewCapExtendedNexthopTuple(bgp.RF_IPv4_UC, bgp.AFI_IP6),
		}))
	for _, m := range [][]byte{
		message(bgp.BGP_MSG_KEEPALIVE), announce(asn, "11.0.0.0/8", "12.0.0.0/16"), withdraw("11.0.0.0/8"),
		mrttest.Update(nil, append(mrttest.Attrs(true, asn), mrttest.MPReach("2001:db8::1",
			mrttest.NLRI("2001:db8:1::/48"))...), nil),
		endOfRIB, message(bgp.BGP_MSG_ROUTE_REFRESH, 0, 1, 0, 1), message(bgp.BGP_MSG_NOTIFICATION, 6, 2),
	} {
		said = append(said, m...)
	}
	return said
}

// mutated returns b with a few octets changed, cut out or put in.
func mutated(r *rand.Rand, b []byte) []byte {
	b = append([]byte(nil), b...)
	for range 1 + r.IntN(4) {
		at := r.IntN(len(b))
		switch r.IntN(5) {
		case 0:
			b = append(b[:at], b[min(len(b), at+1+r.IntN(8)):]...)
		case 1:
			b = append(b[:at:at], append([]byte{byte(r.Uint32())}, b[at:]...)...)
		case 2:
			b[at] ^= 1 << r.IntN(8)
		case 3:
			b[at] = []byte{0, 1, 0x7f, 0x80, 0xff}[r.IntN(5)]
		default:
			b = b[:at]
		}
		if len(b) == 0 {
			return []byte{0}
		}
	}
	return b
}

// TestGarbage: thousands of sessions of changed octets, of a neighbor and of strangers,
// while another neighbor goes on sending.
func TestGarbage(t *testing.T) {
	sessions := 10_000
	if testing.Short() {
		sessions = 1000
	}
	s, at := listening(t, passive(a, 64501), passive(b, 64502))
	p := call(t, a, at)
	p.establish(64501)
	whole, r := dialogue(64502), rand.New(rand.NewPCG(1, 2))
	before := runtime.NumGoroutine()
	for i := range sessions {
		if said := mutated(r, whole); i%2 == 0 {
			garbage(t, c, at, said) // a stranger
		} else {
			for !garbage(t, b, at, said) { // the last one is not quite over
				runtime.Gosched()
			}
		}
		p.send(announce(64501, prefix(i)))
	}
	s.taken.wait(t, a, "it holds one for each", holds(sessions))
	s.taken.look(a, func(h *heard) {
		if h.ups != 1 || h.downs != 0 {
			t.Errorf("the other neighbor: %d ups, %d downs", h.ups, h.downs)
		}
	})
	q := call(t, b, at)
	for q.read() == nil { // the last one may not be quite over
		q = call(t, b, at)
	}
	q.send(openOf(64502), message(bgp.BGP_MSG_KEEPALIVE))
	q.until(bgp.BGP_MSG_KEEPALIVE)
	q.send(announce(64502, "11.0.0.0/8"))
	s.taken.wait(t, b, "the neighbor is served again", holds(1))
	if n := runtime.NumGoroutine(); n > before+100 {
		t.Errorf("%d goroutines, there were %d", n, before)
	}
	stats := s.Stats()
	t.Logf("%d connections, %d refused, %d sessions came up", stats.Connects, stats.Refused, stats.Ups)
	if stats.Connects < uint64(sessions)/2 || stats.Ups < uint64(sessions)/50 {
		t.Errorf("the test reaches little: %+v", stats.Counters)
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 64<<20 {
		t.Errorf("%d MB are held", m.HeapAlloc>>20)
	}
}

// garbage says something from an address, reads until the connection ends, and reports
// whether there was an answer.
func garbage(t *testing.T, from string, to uint16, said []byte) (answered bool) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: patience}
	conn, err := d.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", to))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = conn.Write(said) // it may be turned away amid it
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.CloseWrite()
	}
	n, _ := io.Copy(io.Discard, conn) // it may end in any way
	return n > 0
}
