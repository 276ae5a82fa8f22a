package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"detour/internal/natsd"
	"detour/internal/natstest"
)

// roleProcess is a role in a process of its own.
type roleProcess struct {
	t     *testing.T
	cmd   *exec.Cmd
	admin string
	file  string

	mu  sync.Mutex
	log bytes.Buffer
}

// Write takes what the role says.
func (p *roleProcess) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *roleProcess) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// startRole starts a role with a configuration, to which the admin listener is
// added.
func startRole(t *testing.T, role, text string, args ...string) *roleProcess {
	t.Helper()
	dir := t.TempDir()
	p := &roleProcess{
		t: t, file: filepath.Join(dir, "detour.yaml"), admin: fmt.Sprintf("127.0.0.1:%d", natstest.FreePorts(t, 1)),
	}
	p.configure(text)
	p.cmd = exec.Command("detour", append([]string{role, "--config", p.file}, args...)...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", role, p.said())
		}
	})
	return p
}

func (p *roleProcess) configure(text string) {
	p.t.Helper()
	text += fmt.Sprintf("\nadmin: {listen: %s}\n", p.admin)
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *roleProcess) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// await asks until ok, and gives up after a minute.
func (p *roleProcess) await(what string, ok func() bool) {
	p.t.Helper()
	for range 1200 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond) // sleep: another process works
	}
	p.t.Fatalf("waited in vain: %s", what)
}

func (p *roleProcess) awaitReady() {
	p.t.Helper()
	p.await("ready", func() bool {
		r, err := http.Get("http://" + p.admin + "/readyz")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// awaitCount waits until a metric is more than 0.
func (p *roleProcess) awaitCount(what, metric string) {
	p.t.Helper()
	p.await(what, func() bool {
		r, err := http.Get("http://" + p.admin + "/metrics")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		var b bytes.Buffer
		_, err = b.ReadFrom(r.Body)
		_, value, found := strings.Cut(b.String(), metric)
		return err == nil && found && !strings.HasPrefix(value, "0")
	})
}

func (p *roleProcess) awaitSaid(text string) {
	p.t.Helper()
	p.await(text, func() bool { return strings.Contains(p.said(), text) })
}

// ends waits for the end and checks its code.
func (p *roleProcess) ends(code int) {
	p.t.Helper()
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	select {
	case err := <-done:
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
			p.t.Fatal(err)
		} else if got := p.cmd.ProcessState.ExitCode(); got != code {
			p.t.Fatalf("exit code %d (%v), want %d", got, exit, code)
		}
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		<-done //nolint:errcheck // killed
		p.t.Fatal("does not end")
	}
}

// slow is a recording that plays for longer than any test.
func slow(t *testing.T) string {
	return fmt.Sprintf("ingest: {replay: [{collector: c, files: [%s], speed: 0.01}]}\n", played(t))
}

func played(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../testdata/mrt/quagga_bgp")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRunReadsItsConfigurationAgainAndEndsInOrder(t *testing.T) {
	text := "name: all\nstreams: {shards: 2}\nsink: {files: [alerts.jsonl]}\n" + slow(t)
	p := startRole(t, "run", text)
	p.awaitReady()
	p.awaitSaid("unit=shard-1")
	p.configure(text + "log: {level: loud}\n")
	p.signal(syscall.SIGHUP)
	p.awaitSaid("the old one holds")
	const mature = "detect: {mature: \"yes\"}\n"
	p.configure(strings.Replace(text, "shards: 2", "shards: 3", 1) + mature + "log: {level: debug}\n")
	p.signal(syscall.SIGHUP)
	p.awaitSaid(`changed=[log.level] needs_restart="[streams.shards detect.mature]"`)
	p.configure(strings.Replace(text, "alerts.jsonl", "others.jsonl", 1) + mature)
	p.signal(syscall.SIGHUP)
	p.awaitSaid(`changed="[sink.files log.level]" needs_restart=[detect.mature]`) // still
	p.await("the other sink", func() bool {
		_, err := os.Stat(filepath.Join(p.cmd.Dir, "others.jsonl"))
		return err == nil
	})
	p.signal(syscall.SIGTERM)
	p.ends(exitOK)
	for _, want := range []string{"ending in order", "msg=ended"} {
		if !strings.Contains(p.said(), want) {
			t.Errorf("it did not say %q", want)
		}
	}
	kept, err := filepath.Glob(filepath.Join(p.cmd.Dir, "detour-data/checkpoints/all/*.ckpt"))
	if err != nil || len(kept) == 0 {
		t.Errorf("no checkpoint was kept: %v", err)
	}
}

// TestRunIsFoundByWhoeverLooksAtIt: a source of the command line, no key but the
// admin listener's, and "detour cluster status" in the same folder.
func TestRunIsFoundByWhoeverLooksAtIt(t *testing.T) {
	p := startRole(t, "run", "", "--source", "replay="+played(t)+",speed=0.01")
	p.awaitReady()
	asked := func(args ...string) (string, error) {
		c := exec.Command("detour", args...)
		c.Dir = p.cmd.Dir
		out, err := c.CombinedOutput()
		return string(out), err
	}
	p.await("its log is explained", func() bool {
		_, err := asked("explain", "incident")
		return err == nil
	})
	p.await("every unit runs", func() bool {
		out, err := asked("cluster", "status")
		return err == nil && strings.Contains(out, "replay of replay") && strings.Contains(out, "correlator")
	})
	second := exec.Command("detour", "run", "--source", "replay="+played(t))
	second.Dir, second.Env = p.cmd.Dir, append(os.Environ(), "DETOUR_ADMIN_LISTEN=127.0.0.1:0")
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), `another "detour run" is at work`) {
		t.Errorf("a second one in the same folder: %v\n%s", err, out)
	}
	if out, err := asked("cluster", "status"); err != nil {
		t.Errorf("the first is not found any more: %v\n%s", err, out)
	}
	address := filepath.Join(p.cmd.Dir, "detour-data/nats", addressFile)
	left, err := os.ReadFile(address)
	if err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	p.ends(exitOK)
	none := `no "detour run" is at work in detour-data/nats`
	if out, err := asked("cluster", "status"); err == nil || !strings.Contains(out, none) {
		t.Errorf("after the end: %v\n%s", err, out)
	}
	if err := os.WriteFile(address, left, 0o600); err != nil { // as if it had been killed
		t.Fatal(err)
	}
	died := `has the "detour run" that kept detour-data/nats died?`
	if out, err := asked("cluster", "status"); err == nil || !strings.Contains(out, died) {
		t.Errorf("after a death: %v\n%s", err, out)
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	server, err := natsd.Start(t.Context(), natsd.Config{Dir: t.TempDir(), Port: -1})
	if err != nil {
		t.Fatal(err)
	}
	playing := strings.Replace(slow(t), "0.01", "1", 1) // a tick each second
	p := startRole(t, "ingest", "name: in\nnats: {url: "+server.ClientURL()+"}\n"+playing)
	p.awaitReady()
	p.awaitCount("something that is stored", `detour_log_frames_total{ingester="in"} `)
	server.Close()
	p.awaitSaid("nats connection lost")
	p.awaitCount("something that is not", `detour_log_refusals_total{ingester="in"} `)
	p.signal(syscall.SIGTERM)
	p.awaitSaid("ending in order")
	p.signal(syscall.SIGTERM)
	p.ends(exitFailed)
	p.awaitSaid("ended at once")
}

func TestARoleWaitsForNATSAndLeavesWhenAsked(t *testing.T) {
	port := natstest.FreePorts(t, 1)
	url := fmt.Sprintf("nats://127.0.0.1:%d", port)
	p := startRole(t, "sink", "name: s\nnats: {url: "+url+"}\nsink: {files: [alerts.jsonl]}\n")
	p.awaitSaid("not at work yet")
	ctx, cancel := context.WithTimeout(t.Context(), natsd.DefaultReady)
	defer cancel()
	server, err := natsd.Start(ctx, natsd.Config{Dir: t.TempDir(), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	p.awaitReady()
	p.signal(syscall.SIGTERM)
	p.ends(exitOK)
}

func TestWrongConfigurationEndsWith78(t *testing.T) {
	p := startRole(t, "process", "name: p\n") // without nats.url
	p.ends(exitConfig)
	if !strings.Contains(p.said(), "nats.url") {
		t.Error("it does not say what is missing")
	}
}

func TestABusyAdminPortEndsARole(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	t.Setenv("DETOUR_ADMIN_LISTEN", busy.Addr().String())
	p := startRole(t, "run", "name: r\nsink: {terminal: true}\ningest: {bmp: [{listen: \"127.0.0.1:0\"}]}\n")
	p.ends(exitFailed)
}
