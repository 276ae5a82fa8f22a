package speaker

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/route"
)

// daemon is a routing daemon that runs in the foreground.
type daemon struct {
	t    *testing.T
	dir  string
	cmd  *exec.Cmd
	args []string
	env  []string
}

// find returns where a program is, or skips the test.
func find(t *testing.T, pkg string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("%s absent: install Debian's %s", filepath.Base(names[0]), pkg)
	return ""
}

func (d *daemon) start() {
	d.t.Helper()
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	d.cmd = exec.Command(d.args[0], d.args[1:]...)
	d.cmd.Dir, d.cmd.Stdout, d.cmd.Stderr = d.dir, log, log
	d.cmd.Env = append(os.Environ(), d.env...)
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	cmd := d.cmd
	d.t.Cleanup(func() {
		kill(cmd)
		if said, _ := os.ReadFile(log.Name()); d.t.Failed() {
			d.t.Logf("%s said: %s", d.args[0], said)
		}
	})
}

// kill ends the daemon and its children as a crash does.
func (d *daemon) kill() { kill(d.cmd) }

func kill(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Wait() // it was killed
}

// write writes a file into the daemon's folder.
func (d *daemon) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o755); err != nil {
		d.t.Fatal(err)
	}
}

// ask runs the daemon's own tool until its answer is as wanted.
func (d *daemon) ask(wanted func(answer string) bool, tool string, args ...string) string {
	d.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		cmd := exec.Command(tool, args...)
		cmd.Dir = d.dir
		answer, err := cmd.CombinedOutput()
		if wanted(string(answer)) {
			return string(answer)
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
			d.t.Fatalf("%s %s: %v: %s\n%s", tool, strings.Join(args, " "), err, answer, log)
		}
	}
}

// statics are BIRD's routes from the i-th to the j-th.
func statics(from, to int) string {
	var text strings.Builder
	text.WriteString("protocol static v4 { ipv4;\n")
	for i := from; i < to; i++ {
		text.WriteString("route " + prefix(i) + " blackhole;\n")
	}
	text.WriteString("}\n")
	return text.String()
}

// table is what such routes are.
func table(from, to int, path string) map[route.NLRI]string {
	m := map[route.NLRI]string{}
	for i := from; i < to; i++ {
		m[route.MustPrefix(prefix(i)).NLRI(0)] = path
	}
	return m
}

func (r *running) equal(t *testing.T, of string, want map[route.NLRI]string) {
	t.Helper()
	r.taken.look(of, func(h *heard) {
		if !maps.Equal(h.held, want) {
			diff := cmp.Diff(want, h.held)
			t.Errorf("it holds %d paths, want %d: %s", len(h.held), len(want), diff[:min(len(diff), 2000)])
		}
	})
}

const many = 100_000

// TestFRR sends its whole table.
func TestFRR(t *testing.T) {
	s, at := listening(t, passive(b, 4200000001))
	d := &daemon{t: t, dir: t.TempDir(), args: []string{find(t, "frr", "/usr/lib/frr/bgpd")}}
	vtysh := find(t, "frr", "vtysh")
	var text strings.Builder
	text.WriteString("hostname r\nrouter bgp 4200000001\n bgp router-id 10.0.0.2\n no bgp ebgp-requires-policy\n" +
		" no bgp network import-check\n bgp graceful-restart\n")
	fmt.Fprintf(&text, " neighbor 127.0.0.1 remote-as 64999\n neighbor 127.0.0.1 port %d\n", at)
	text.WriteString(" neighbor 127.0.0.1 ebgp-multihop\n neighbor 127.0.0.1 update-source " + b + "\n" +
		" neighbor 127.0.0.1 timers connect 1\n neighbor 127.0.0.1 disable-connected-check\n" +
		" address-family ipv4 unicast\n")
	for i := range many {
		text.WriteString("  network " + prefix(i) + "\n")
	}
	text.WriteString(" exit-address-family\n address-family ipv6 unicast\n  neighbor 127.0.0.1 activate\n" +
		"  network 2001:db8:1::/48\n exit-address-family\n")
	d.write("bgpd.conf", text.String())
	d.args = append(d.args, "-n", "-S", "-Z", "-l", b, "-p", strconv.Itoa(int(port(t, b))), "-f", d.dir+"/bgpd.conf",
		"-i", d.dir+"/pid", "--vty_socket", d.dir, "-A", b, "-P", "0", "--log", "file:"+d.dir+"/bgpd.log")
	d.start()
	s.taken.wait(t, b, "the table is complete", ended(1))
	want := table(0, many, "[4200000001]")
	want[route.MustPrefix("2001:db8:1::/48").NLRI(0)] = "[4200000001]"
	s.equal(t, b, want)
	d.ask(func(got string) bool { return strings.Contains(got, fmt.Sprintf(`"pfxSnt":%d`, many)) },
		vtysh, "--vty_socket", d.dir, "-c", "show bgp ipv4 unicast summary json")
	d.kill()
	s.taken.wait(t, b, "it is down", down(1))
}

// TestExaBGP sends its whole table.
func TestExaBGP(t *testing.T) {
	if testing.Short() {
		t.Skip("short: ExaBGP needs half a minute for its table")
	}
	s, at := listening(t, passive(c, 64503))
	d := &daemon{t: t, dir: t.TempDir(), args: []string{find(t, "exabgp", "exabgp", "/usr/sbin/exabgp"), "exabgp.conf"}}
	d.env = []string{
		"exabgp.daemon.drop=false", "exabgp.daemon.daemonize=false", "exabgp.log.level=WARNING", "exabgp.api.cli=false",
	}
	var text strings.Builder
	for i := range many {
		if i%500 == 0 {
			text.WriteString("\nannounce attributes next-hop 127.0.0.4 origin igp as-path [ 64503 64500 ] nlri")
		}
		text.WriteString(" " + prefix(i))
	}
	d.write("routes", text.String()+"\n")
	d.write("feed", "#!/bin/sh\ncat "+d.dir+"/routes\nexec sleep 600\n")
	d.write("exabgp.conf", fmt.Sprintf(`process feed { run %s/feed; encoder text; }
neighbor 127.0.0.1 {
	router-id 10.0.0.3; local-address %s; local-as 64503; peer-as 64999; connect %d;
	family { ipv4 unicast; }
	api { processes [ feed ]; }
}
`, d.dir, c, at))
	d.start()
	s.taken.wait(t, c, "it holds all", holds(many))
	s.equal(t, c, table(0, many, "[64503 64500]"))
	d.kill()
	s.taken.wait(t, c, "it is down", down(1))
}
