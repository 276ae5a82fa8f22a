package local

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"detour/internal/natstest"
)

// TestUpAndDown starts the servers as processes, and ends them and nobody else.
func TestUpAndDown(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a server")
	}
	dir := filepath.Join(t.TempDir(), "with a space")
	port := natstest.FreePorts(t, 9)
	script := func(name string, args ...string) (string, error) {
		out, err := exec.Command("./"+name, append([]string{"--dir", dir}, args...)...).CombinedOutput()
		return string(out), err
	}
	up := []string{"--nats-only", "--port", strconv.Itoa(port)}
	t.Cleanup(func() { script("down") }) //nolint:errcheck // only for a test that failed
	if out, err := script("up", up...); err != nil {
		t.Fatalf("up: %v\n%s", err, out)
	}
	if out, err := script("up", up...); err == nil || !strings.Contains(out, "is up already") {
		t.Errorf("up again: %v\n%s", err, out)
	}
	rotate(t, dir, port)
	pids := pidsIn(t, dir)
	if len(pids) != 3 {
		t.Fatalf("%d processes, want 3", len(pids))
	}

	// The number of a process that has ended may be another's by now.
	other := exec.Command("sleep", "600")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	pid := []byte(strconv.Itoa(other.Process.Pid))
	if err := os.WriteFile(filepath.Join(dir, "run", "sink-1.pid"), pid, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := script("down"); err != nil || out != "" {
		t.Errorf("down: %v\n%s", err, out)
	}
	if syscall.Kill(other.Process.Pid, 0) != nil {
		t.Error("down ended a process that is not its own")
	}
	other.Process.Kill() //nolint:errcheck // it runs, as was just seen
	other.Wait()         //nolint:errcheck // it was killed
	for name, pid := range pids {
		if alive(pid, dir) {
			t.Errorf("%s is still there", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "run")); !os.IsNotExist(err) {
		t.Errorf("the folder of pids is still there: %v", err)
	}
	if out, err := script("down", "--clean"); err != nil {
		t.Errorf("down --clean: %v\n%s", err, out)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// rotate gives a role a second key and takes the first one away, as
// docs/how-to/run-a-cluster.md tells.
func rotate(t *testing.T, dir string, port int) {
	t.Helper()
	clients := filepath.Join(dir, "nats", "clients")
	makeKeys := func(args ...string) {
		t.Helper()
		args = append(args, "--local", strconv.Itoa(port), filepath.Join(dir, "nats"))
		if out, err := exec.Command(filepath.Join(dir, "bin", "make-keys"), args...).CombinedOutput(); err != nil {
			t.Fatalf("make-keys: %v\n%s", err, out)
		}
		for _, pid := range pidsIn(t, dir) {
			if err := syscall.Kill(pid, syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
		}
	}
	closed := make(chan struct{})
	old := connect(t, filepath.Join(clients, "sink"), port, nats.NoReconnect(),
		nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	defer old.Close()
	makeKeys("--add", "sink.b")
	second := connect(t, filepath.Join(clients, "sink.b"), port, nats.NoReconnect())
	defer second.Close()
	if err := old.Flush(); err != nil {
		t.Errorf("the first key no longer works: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(clients, "sink")); err != nil {
		t.Fatal(err)
	}
	makeKeys()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("the first key still works after its removal")
	}
	if err := second.Flush(); err != nil {
		t.Errorf("the second key was cut off, too: %v", err)
	}
}

// connect connects with the files of a user. A server takes a moment to read its
// configuration again.
func connect(t *testing.T, user string, port int, opts ...nats.Option) *nats.Conn {
	t.Helper()
	file := func(name string) string { return filepath.Join(user, name) }
	key, err := nats.NkeyOptionFromSeed(file("nkey.seed"))
	if err != nil {
		t.Fatal(err)
	}
	opts = append(opts, key, nats.RootCAs(file("ca.pem")), nats.ClientCert(file("cert.pem"), file("key.pem")))
	for range 200 {
		var nc *nats.Conn
		if nc, err = nats.Connect(fmt.Sprintf("tls://127.0.0.1:%d", port), opts...); err == nil {
			return nc
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Fatal(err)
	return nil
}

func pidsIn(t *testing.T, dir string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "run", "*.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pids := map[string]int{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if pids[filepath.Base(f)], err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
			t.Fatal(err)
		}
	}
	return pids
}

// alive reports whether a process still is one of the folder's programs.
func alive(pid int, dir string) bool {
	args, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(string(args), filepath.Join(dir, "bin"))
}
