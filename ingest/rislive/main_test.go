package rislive

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/ingest/live"
	"detour/ingest/mrt"
	"detour/ingest/rislive/risltest"
	"detour/route"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const corpus = "../../../shared/corpus"

// recording returns the path of a recording of the corpus.
func recording(t testing.TB, name string) string {
	t.Helper()
	path := corpus + "/mrt/" + name
	if _, err := os.Stat(path); err != nil {
		t.Skipf("corpus absent: %v", err)
	}
	return path
}

// lines returns a recording as messages.
func messagesOf(t testing.TB, name string, f risltest.Format) [][]byte {
	t.Helper()
	f.Host = "rrc00"
	all, err := risltest.Recording(recording(t, name), f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// said is a route element, or an event, in words.
func said(u *route.Update) []string {
	if u.Kind != route.KindUpdate {
		return []string{fmt.Sprintf("event %d", u.Kind)}
	}
	const flags = route.FlagHasMED | route.FlagHasOrigin | route.FlagHasPath | route.FlagTreatAsWithdraw
	attrs := fmt.Sprintf("path %v %v origin %d med %d flags %x communities %x hop %x %x",
		u.Path.ASNs, u.Path.Segments, u.Origin, u.MED, u.Flags&flags, u.Communities,
		u.NextHop.Bytes[:u.NextHop.Len], u.MPNextHop.Bytes[:u.MPNextHop.Len])
	var list []string
	for _, n := range u.Withdrawn {
		list = append(list, "- "+n.Prefix().String())
	}
	for _, n := range u.Announced {
		list = append(list, "+ "+n.Prefix().String()+" "+attrs)
	}
	return list
}

// output keeps what it is told, in order, by peer.
type output struct {
	mu       sync.Mutex
	by       map[string][]string
	all      []string // events, and "+" or "-" with a prefix
	updates  int
	elements int
	hold     <-chan struct{} // nothing is taken until it is closed
	fail     error
}

func (o *output) Add(ctx context.Context, u *route.Update, s *route.Session) error {
	if o.hold != nil {
		select {
		case <-o.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	who := "all"
	if s != nil {
		who = fmt.Sprintf("%s %v %v", s.Collector, s.Addr, s.ASN)
	}
	words := said(u)
	if o.by == nil {
		o.by = map[string][]string{}
	}
	o.by[who] = append(o.by[who], words...)
	o.updates++
	o.elements += u.Elements()
	for _, w := range words {
		short := strings.Fields(w)
		o.all = append(o.all, strings.Join(short[:min(2, len(short))], " "))
	}
	return o.fail
}

func (o *output) Tick(context.Context, route.Time) error { return nil }
func (o *output) End(context.Context) error              { return nil }

// got returns what was told so far.
func (o *output) got() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.all)
}

// heard returns how many elements were told so far.
func (o *output) heard() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.elements
}

// running is a source that runs against a server until the test ends.
type running struct {
	*Source
	out    *output
	server *risltest.Server
}

// run runs a source against scripts.
func run(t *testing.T, cfg Config, scripts ...risltest.Script) *running {
	t.Helper()
	server, err := risltest.Start(scripts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	switch cfg.URL {
	case "", "http":
		cfg.URL = server.URL
	case "ws":
		cfg.URL = server.Socket
	}
	return runAt(t, cfg, server)
}

func runAt(t *testing.T, cfg Config, server *risltest.Server) *running {
	t.Helper()
	r := &running{out: &output{}, server: server}
	return r.start(t, cfg)
}

func (r *running) start(t *testing.T, cfg Config) *running {
	t.Helper()
	cfg.RetryMin = max(cfg.RetryMin, time.Millisecond)
	if cfg.RetryMost == 0 {
		cfg.RetryMost = 10 * time.Millisecond
	}
	s, err := New(cfg, r.out)
	if err != nil {
		t.Fatal(err)
	}
	r.Source = s
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the source ended: %v", err)
		}
	})
	return r
}

// until waits for something, and shows how the source fares when it does not come.
func (r *running) until(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !yes(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: never; %s\n%.1000v\nevents:\n%.4000s", what, r.Describe(), r.out.got(), r.events())
		}
	}
}

// events returns what befell the source, a line each.
func (r *running) events() string {
	stats := r.Stats()
	var b strings.Builder
	for _, e := range stats.Events {
		fmt.Fprintf(&b, "%v: %s\n", e.Kind, e.Detail)
	}
	fmt.Fprintf(&b, "skipped: %v", stats.Skipped)
	return b.String()
}

// told waits until an event of a kind has a text.
func (r *running) told(t *testing.T, kind live.EventKind, text string) {
	t.Helper()
	r.until(t, kind.String()+": "+text, func() bool {
		return slices.ContainsFunc(r.Stats().Events, func(e live.Event) bool {
			return e.Kind == kind && strings.Contains(e.Detail, text)
		})
	})
}

// skipped waits until so many messages were not used for a reason.
func (r *running) skipped(t *testing.T, reason string, n uint64) {
	t.Helper()
	r.until(t, fmt.Sprintf("skipped %d: %s", n, reason), func() bool { return r.Stats().Skipped[reason] == n })
}

// direct returns what a recording holds, read without RIS Live, by peer.
func direct(t testing.TB, name string) (by map[string][]string, elements int) {
	t.Helper()
	r, err := mrt.Open(recording(t, name), mrt.Options{Collector: "rrc00"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	by = map[string][]string{}
	var rec mrt.Record
	for r.Next(&rec) == nil {
		if rec.Kind == mrt.KindUpdate {
			who := fmt.Sprintf("%s %v %v", rec.Peer.Collector, rec.Peer.Addr, rec.Peer.ASN)
			by[who] = append(by[who], said(&rec.Update)...)
			elements += rec.Update.Elements()
		}
	}
	return by, elements
}
