package bmp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
	"detour/ingest/live"
)

const bgpd = "/usr/lib/frr/bgpd"

// startFRR runs bgpd alone, with folders and ports of its own, until the test ends. It
// connects to the neighbours and to the BMP station.
func startFRR(t *testing.T, station string, neighbours ...*neighbour) {
	t.Helper()
	if _, err := os.Stat(bgpd); err != nil {
		t.Skipf("FRR is not installed: %v", err)
	}
	dir := t.TempDir()
	host, port, err := net.SplitHostPort(station)
	if err != nil {
		t.Fatal(err)
	}
	var conf strings.Builder
	fmt.Fprintf(&conf, "hostname frr\nrouter bgp 64500\n bgp router-id 192.0.2.1\n no bgp ebgp-requires-policy\n")
	for _, n := range neighbours {
		_, port, _ := net.SplitHostPort(n.l.Addr().String())
		fmt.Fprintf(&conf, " neighbor %[1]s remote-as %[2]d\n neighbor %[1]s port %[3]s\n neighbor %[1]s timers connect 1\n"+
			" neighbor %[1]s disable-connected-check\n address-family ipv4 unicast\n"+
			"  neighbor %[1]s soft-reconfiguration inbound\n exit-address-family\n", n.addr, n.asn, port)
	}
	fmt.Fprintf(&conf, " bmp targets t\n  bmp connect %s port %s min-retry 100 max-retry 500\n"+
		"  bmp monitor ipv4 unicast pre-policy\n  bmp monitor ipv4 unicast post-policy\n"+
		"  bmp stats interval 1000\n", host, port)
	file := filepath.Join(dir, "bgpd.conf")
	if err := os.WriteFile(file, []byte(conf.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(bgpd, "-f", file, "-M", "bmp", "-Z", "-S", "-p", "0", "-P", "0", "-i", filepath.Join(dir, "pid"),
		"-z", filepath.Join(dir, "zserv"), "--vty_socket", dir, "--log", "stdout", "--log-level", "debug")
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Skipf("FRR does not start: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		err := cmd.Wait()
		if t.Failed() {
			t.Logf("bgpd ended with %v:\n%s", err, log.String())
		}
	})
}

// neighbour speaks just enough BGP to tell FRR routes.
type neighbour struct {
	t    *testing.T
	l    net.Listener
	addr string
	asn  uint32
	open []byte
	conn chan net.Conn // established
}

func newNeighbour(t *testing.T, addr string, asn uint32, capabilities ...[]byte) *neighbour {
	t.Helper()
	l, err := net.Listen("tcp", addr+":0")
	if err != nil {
		t.Skipf("no second loopback address: %v", err)
	}
	n := &neighbour{t: t, l: l, addr: addr, asn: asn, open: bt.Open(asn, capabilities...), conn: make(chan net.Conn, 16)}
	copy(n.open[24:], net.ParseIP(addr).To4()) // a BGP identifier of its own
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n.establish(conn)
		}
	}()
	t.Cleanup(func() {
		stop()
		_ = l.Close()
		<-done
	})
	return n
}

// establish answers OPEN and KEEPALIVE, and then reads what comes until the end.
func (n *neighbour) establish(conn net.Conn) {
	established := make(chan bool)
	done := make(chan struct{})
	n.t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	go func() {
		defer close(done)
		head := make([]byte, 19)
		for told := false; ; {
			if _, err := io.ReadFull(conn, head); err != nil {
				if !told {
					established <- false
				}
				return
			}
			_, _ = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint16(head[16:]))-19)
			if head[18] == 1 {
				_, _ = conn.Write(append(slices.Clone(n.open), bt.BGP(4)...))
			}
			if head[18] == 4 && !told {
				told = true
				established <- true
			}
		}
	}()
	if <-established {
		n.conn <- conn
	}
}

// up waits for the session.
func (n *neighbour) up() net.Conn {
	n.t.Helper()
	select {
	case conn := <-n.conn:
		return conn
	case <-time.After(patience):
		n.t.Fatalf("FRR does not come up with %s", n.addr)
		return nil
	}
}

func TestFRRTellsOfItsPeers(t *testing.T) {
	before := &book{}
	l := listen(t, bmp.Config{}, before)
	wide := newNeighbour(t, "127.0.0.2", 4200000001, bt.Family(1), bt.FourOctet(4200000001))
	narrow := newNeighbour(t, "127.0.0.3", 64502)
	paths := newNeighbour(t, "127.0.0.4", 64503, bt.Family(1), bt.FourOctet(64503), bt.AddPath(1, 2))
	startFRR(t, l.addr, wide, narrow, paths)
	a, b, c := wide.up(), narrow.up(), paths.up()
	l.send(a, bt.Update(4, []uint32{4200000001, 64999}, bt.Prefix("192.0.2.0/24"), bt.Prefix("198.51.100.0/24")))
	l.send(b, bt.Update(2, []uint32{64502, 64999}, bt.Prefix("203.0.113.0/24")))
	l.send(c, bt.Update(4, []uint32{64503, 64998, 64999}, bt.PathPrefix(2, "192.0.2.0/24")))
	l.await("four routes before policy and four after", func() bool { return before.count() == 8 })
	l.stop()

	// It connects anew and tells of all that it has, up to an End-of-RIB.
	out := &book{}
	l = listen(t, bmp.Config{Listen: l.addr}, out)
	l.await("all tables", func() bool {
		return out.count() == 8 && strings.Count(strings.Join(out.all(), "\n"), " complete") == 6
	})
	var want []string
	for _, view := range []string{"pre", "post"} {
		for peer, routes := range map[string][]string{
			"AS4200000001>AS64500 127.0.0.2": {"[4200000001 64999] 192.0.2.0/24", "[4200000001 64999] 198.51.100.0/24"},
			"AS64502>AS64500 127.0.0.3":      {"[64502 64999] 203.0.113.0/24"},
			"AS64503>AS64500 127.0.0.4":      {"[64503 64998 64999] 192.0.2.0/24"},
		} {
			want = append(want, view+" "+peer+" up", view+" "+peer+" complete")
			for _, r := range routes {
				want = append(want, view+" "+peer+" "+r+" (initial)")
			}
		}
	}
	slices.Sort(want)
	got := out.all()
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// News, then the end of a session, which withdraws nothing.
	known := len(out.all())
	l.send(b, bt.Update(2, []uint32{64502, 64998}, bt.Prefix("203.0.113.0/24")))
	l.await("news before policy and after", func() bool { return len(out.all()) == known+2 })
	_ = a.Close()
	l.await("the end of the session", func() bool { return len(out.all()) == known+4 })
	news := out.all()[known:]
	slices.Sort(news[:2])
	want = []string{
		"post AS64502>AS64500 127.0.0.3 [64502 64998] 203.0.113.0/24",
		"pre AS64502>AS64500 127.0.0.3 [64502 64998] 203.0.113.0/24",
		"pre AS4200000001>AS64500 127.0.0.2 down", "post AS4200000001>AS64500 127.0.0.2 down",
	}
	if diff := cmp.Diff(want, news); diff != "" {
		t.Errorf("news (-want +got):\n%s", diff)
	}
	l.told(live.EventDown, "the peer closed it without a notification")
	l.told(live.EventConnect, "FRRouting")
	l.await("statistics", func() bool { return l.Counts().Messages[bmp.TypeStatistics] > 0 })
	if n := l.Stats().Decode.Undecodable + l.Stats().Decode.TreatAsWithdraw; n > 0 {
		t.Errorf("%d updates could not be read: %s", n, l.events())
	}
}
