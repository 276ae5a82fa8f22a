package obs

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// start runs an Admin until the test ends and returns where it listens.
func start(t *testing.T, cfg Config, deps Deps) string {
	t.Helper()
	cfg.Listen = "127.0.0.1:0"
	a, err := New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	addr, err := a.Addr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return addr.String()
}

func deps() Deps { return Deps{Registry: NewRegistry(), Health: NewHealth()} }

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func TestMetricsAreTold(t *testing.T) {
	d := deps()
	d.Registry.Add(func(emit Emit) { emit(ShardFrames, 12, "3") })
	d.Registry.Histogram(JudgeRange).Observe(time.Millisecond)
	status, body := get(t, "http://"+start(t, Config{}, d)+"/metrics")
	for _, want := range []string{
		"# HELP detour_shard_frames_total frames applied\n# TYPE detour_shard_frames_total counter\n",
		`detour_shard_frames_total{shard="3"} 12`, `detour_judge_range_seconds_bucket{le="0.00025"} 0`,
		`detour_judge_range_seconds_bucket{le="0.001"} 1`, "go_goroutines ", "process_open_fds ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("status %d, no %q", status, want)
		}
	}
}

func TestReadyzSaysWhy(t *testing.T) {
	d := deps()
	addr := start(t, Config{}, d)
	status, body := get(t, "http://"+addr+"/readyz")
	if status != http.StatusOK || !strings.Contains(body, `"conditions": []`) {
		t.Errorf("%d %s", status, body)
	}
	d.Health.Set("tables", Degraded, "prefixes of shard 3 are full")
	if status, _ := get(t, "http://"+addr+"/readyz"); status != http.StatusOK {
		t.Errorf("status %d when degraded", status)
	}
	d.Health.Set("nats", Failing, "no connection to nats://127.0.0.1:4222")
	status, body = get(t, "http://"+addr+"/readyz")
	var answer struct {
		Ready      bool
		Conditions []struct{ Name, State, Reason string }
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	c := answer.Conditions[0]
	if status != http.StatusServiceUnavailable || answer.Ready || c.Name != "nats" || c.State != "failing" ||
		c.Reason != "no connection to nats://127.0.0.1:4222" {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := get(t, "http://"+addr+"/livez"); status != http.StatusOK {
		t.Error("not live, though nothing is stuck")
	}
}

func TestLivezFailsForWhoIsStuck(t *testing.T) {
	d := deps()
	addr := start(t, Config{}, d)
	p := d.Health.Pulse("shard-3", -1) // always late
	defer p.Stop()
	status, body := get(t, "http://"+addr+"/livez")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, `"owner": "shard-3"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestProfilesAreBounded(t *testing.T) {
	addr := start(t, Config{}, deps())
	for path, want := range map[string]int{
		"/debug/pprof/":                         http.StatusOK,
		"/debug/pprof/goroutine?debug=1":        http.StatusOK,
		"/debug/pprof/trace?seconds=0.1":        http.StatusOK,
		"/debug/pprof/profile?seconds=61":       http.StatusBadRequest,
		"/debug/pprof/trace?seconds=-1":         http.StatusBadRequest,
		"/debug/pprof/heap?seconds=NaN":         http.StatusBadRequest,
		"/nothing":                              http.StatusNotFound,
		"/" + strings.Repeat("x", maxURLLength): http.StatusRequestURITooLong,
	} {
		if status, _ := get(t, "http://"+addr+path); status != want {
			t.Errorf("%.60s: status %d, want %d", path, status, want)
		}
	}
	r, err := http.Post("http://"+addr+"/metrics", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", r.StatusCode)
	}
}

func TestHugeHeadersAreRefused(t *testing.T) {
	addr := start(t, Config{}, deps())
	r, err := http.NewRequest(http.MethodGet, "http://"+addr+"/livez", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X", strings.Repeat("x", 2*adminHeader))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return // cut off while it still wrote
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", answer.StatusCode)
	}
}

// A client that holds every connection and sends nothing is cut off, and then
// the others are served.
func TestSlowClientsMakeRoom(t *testing.T) {
	addr := start(t, Config{Conns: 2, HeaderTime: 50 * time.Millisecond}, deps())
	var slow []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("GET /livez HTTP/1.1\r\nHost: x\r\n")); err != nil { // no end of the header
			t.Fatal(err)
		}
		slow = append(slow, c)
	}
	if status, _ := get(t, "http://"+addr+"/livez"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	for _, c := range slow {
		if _, err := io.Copy(io.Discard, bufio.NewReader(c)); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("the slow one was not cut off: %v", err)
		}
	}
}

func TestEndsThoughAClientIsSlow(t *testing.T) {
	var c net.Conn
	t.Cleanup(func() { c.Close() }) // after that of start
	addr := start(t, Config{}, deps())
	var err error
	if c, err = net.Dial("tcp", addr); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("GET /debug/pprof/profile?seconds=60 HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
}

func TestAddressMustMakeSense(t *testing.T) {
	if _, err := New(Config{Listen: "9179"}, deps()); err == nil {
		t.Error("a port alone passes")
	}
	if _, err := New(Config{Listen: "127.0.0.1:0"}, Deps{}); err == nil {
		t.Error("no registry and no health, and no error")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := New(Config{Listen: l.Addr().String()}, deps())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "admin.listen") {
		t.Errorf("a taken port: %v", err)
	}
}
