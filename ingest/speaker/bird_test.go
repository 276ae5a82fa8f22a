package speaker

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bird makes a BIRD at an address, AS 64501, that talks to our port.
func bird(t *testing.T, routes string, session ...string) *daemon {
	d := &daemon{t: t, dir: t.TempDir(), args: []string{find(t, "bird2", "bird", "/usr/sbin/bird")}}
	d.args = append(d.args, "-f", "-c", "bird.conf", "-s", "ctl", "-P", "pid")
	d.write("routes.conf", routes)
	d.write("bird.conf", `router id 10.0.0.1;
protocol device { }
include "routes.conf";
protocol bgp peer {
	multihop; connect delay time 1; error wait time 1, 2; error forget time 1;
	`+strings.Join(session, "\n\t")+`
	ipv4 { import all; export all; next hop address 127.0.0.2; add paths tx; };
	ipv6 { import all; export all; next hop address ::1; add paths tx; };
}
`)
	d.start()
	return d
}

// calls has a BIRD at a connect to a port of ours.
func calls(at uint16) string {
	return fmt.Sprintf("local %s as 64501; neighbor 127.0.0.1 port %d as 64999; strict bind yes;", a, at)
}

// waits has a BIRD at a wait for us on a port of its own.
func waits(at uint16) string {
	return fmt.Sprintf("local %s port %d as 64501; neighbor 127.0.0.1 as 64999; passive yes; strict bind yes;", a, at)
}

func (d *daemon) birdc(args ...string) string {
	d.t.Helper()
	tool := find(d.t, "bird2", "birdc", "/usr/sbin/birdc")
	answer := func(s string) bool { return strings.HasPrefix(s, "BIRD") }
	return d.ask(answer, tool, append([]string{"-s", "ctl"}, args...)...)
}

// TestBIRD: its whole table, then less, then after a crash.
func TestBIRD(t *testing.T) {
	s, at := listening(t, passive(a, 64501))
	d := bird(t, statics(0, many), calls(at))
	s.taken.wait(t, a, "the table is complete", ended(1))
	s.equal(t, a, table(0, many, "[64501]"))
	if got := d.birdc("show", "protocols", "all", "peer"); !strings.Contains(got, fmt.Sprintf("%d exported", many)) {
		t.Error(got)
	}
	d.write("routes.conf", statics(1000, many))
	d.birdc("configure")
	s.taken.wait(t, a, "a thousand routes are withdrawn", holds(many-1000))
	s.equal(t, a, table(1000, many, "[64501]"))
	d.kill()
	s.taken.wait(t, a, "it is down", down(1))
	d.start()
	s.taken.wait(t, a, "the table is complete again", ended(2))
	s.equal(t, a, table(1000, many, "[64501]"))
	if got := s.Stats(); got.Decode.Undecodable+got.Decode.TreatAsWithdraw != 0 {
		t.Errorf("%+v", got.Decode)
	}
}

// TestBIRDSendsEveryPath of both families, and we connect to it.
func TestBIRDSendsEveryPath(t *testing.T) {
	at := port(t, a)
	d := bird(t, `
protocol static one { ipv4; route 11.0.0.0/8 blackhole; route 12.0.0.0/8 blackhole; }
protocol static two { ipv4 { preference 150; }; route 11.0.0.0/8 unreachable { bgp_path.prepend(64600); }; }
protocol static six { ipv6; route 2001:db8:1::/48 blackhole; }
protocol static also { ipv6 { preference 150; }; route 2001:db8:1::/48 unreachable; }
`, waits(at))
	n := Neighbor{Address: netip.MustParseAddr(a), ASN: 64501, Port: at, AddPath: true}
	s := run(t, Config{Neighbors: []Neighbor{n}})
	s.taken.wait(t, a, "the table is complete", ended(1))
	s.taken.look(a, func(h *heard) {
		got := map[string]int{}
		for n, path := range h.held {
			got[n.Prefix().String()+" "+path]++
		}
		want := map[string]int{
			"11.0.0.0/8 [64501]": 1, "11.0.0.0/8 [64501 64600]": 1, "12.0.0.0/8 [64501]": 1, "2001:db8:1::/48 [64501]": 2,
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
	d.birdc("disable", "two")
	s.taken.wait(t, a, "one path is withdrawn", holds(4))
	d.birdc("disable", "peer")
	s.taken.wait(t, a, "it is down", down(1))
}
