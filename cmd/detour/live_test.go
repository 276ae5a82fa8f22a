package main

import (
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"detour/ingest/bmp/bmptest"
	"detour/ingest/rislive/risltest"
	"detour/internal/natstest"
)

// ask runs a command that looks at the deployment, in the folder of p.
func (p *roleProcess) ask(args ...string) string {
	c := exec.Command("detour", args...)
	c.Dir = p.cmd.Dir
	out, _ := c.CombinedOutput()
	return string(out)
}

// TestRunListensToRISLive without a file: what comes is counted, the peers are known,
// and a table that it is primed with is no news.
func TestRunListensToRISLive(t *testing.T) {
	if testing.Short() {
		t.Skip("short: it starts processes and waits for them")
	}
	file := played(t)
	lines, err := risltest.Recording(file, risltest.Format{Host: "rrc99"})
	if err != nil {
		t.Fatal(err)
	}
	server, err := risltest.Start(risltest.Play(lines))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	p := startRole(t, "run", "", "--source", "rislive="+server.URL+",prime_files=rrc99="+file)
	p.awaitReady()
	p.awaitCount("updates are decoded", "detour_ingest_decoded_total{")
	p.awaitSaid("primed with")
	p.await("peers are known", func() bool { return strings.Contains(p.ask("peers"), "rrc99") })
	if got := p.ask("cluster", "status"); !strings.Contains(got, "RIS Live") || !strings.Contains(got, "current") {
		t.Errorf("status says:\n%s", got)
	}
	if got := p.ask("status"); !strings.Contains(got, "learning") {
		t.Errorf("the whole says:\n%s", got)
	}
	p.signal(syscall.SIGTERM)
	p.ends(exitOK)
}

// TestRunListensToRouters without a file: a router reports over BMP and goes.
func TestRunListensToRouters(t *testing.T) {
	if testing.Short() {
		t.Skip("short: it starts processes and waits for them")
	}
	at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(natstest.FreePorts(t, 1))).String()
	p := startRole(t, "run", "", "--source", "bmp="+at+",collector=edge")
	p.awaitReady()
	var conn net.Conn
	p.await("the listener", func() (ok bool) {
		var err error
		conn, err = net.Dial("tcp", at)
		return err == nil
	})
	peer := bmptest.Peer{Addr: netip.MustParseAddr("198.51.100.7"), ASN: 64500}
	open := bmptest.Open(64500, bmptest.FourOctet(64500), bmptest.Family(1))
	said := append(bmptest.Hello("edge-1"), peer.Up(open, open)...)
	said = append(said, peer.Routes(bmptest.Update(4, []uint32{64500, 64501}, bmptest.Prefix("192.0.2.0/24")))...)
	said = append(said, peer.Routes(bmptest.EndOfRIB())...)
	if _, err := conn.Write(said); err != nil {
		t.Fatal(err)
	}
	p.await("the peer is known", func() bool { return strings.Contains(p.ask("peers"), "198.51.100.7") })
	if got := p.ask("cluster", "status"); !strings.Contains(got, "edge-1") {
		t.Errorf("status says:\n%s", got)
	}
	conn.Close()
	p.awaitSaid("session down")
	p.signal(syscall.SIGTERM)
	p.ends(exitOK)
}
