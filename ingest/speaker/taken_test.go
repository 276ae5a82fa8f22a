package speaker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"detour/ingest/live"
	"detour/route"
)

// patience is how long a test waits for what must come: it fails then.
const patience = 2 * time.Minute

// taken keeps what the desk hands on: of each session what it holds, by prefix and
// path identifier, and how often it came up and went.
type taken struct {
	mu       sync.Mutex
	changed  chan struct{}
	sessions map[netip.Addr]*heard
	fail     error
	forget   bool // routes, of which there are only numbers
}

type heard struct {
	peer               route.Peer
	ups, downs, ends   int
	held               map[route.NLRI]string // the path
	announced, numbers int
	last               route.Flags
}

func newTaken() *taken {
	return &taken{changed: make(chan struct{}), sessions: map[netip.Addr]*heard{}}
}

func (l *taken) Add(_ context.Context, u *route.Update, s *route.Session) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s == nil { // what was before is over
		if u.Number != 1 || u.Kind != route.KindPeerDown || u.Peer != route.AllPeers {
			return fmt.Errorf("%d: event %d of all peers", u.Number, u.Kind)
		}
		return nil
	}
	h := l.of(s.Addr)
	h.peer = s.Peer
	switch u.Kind {
	case route.KindPeerUp:
		h.ups++
		clear(h.held)
	case route.KindPeerDown:
		h.downs++
		clear(h.held)
	case route.KindEndOfRIB:
		h.ends++
	case route.KindUpdate:
		h.announced += len(u.Announced)
		h.numbers++
		if l.forget {
			break
		}
		for _, n := range u.Withdrawn {
			delete(h.held, n)
		}
		for _, n := range u.Announced {
			h.held[n] = fmt.Sprint(u.Path.ASNs)
		}
		h.last = u.Flags
	}
	close(l.changed)
	l.changed = make(chan struct{})
	return l.fail
}

func (l *taken) of(a netip.Addr) *heard {
	h := l.sessions[a]
	if h == nil {
		h = &heard{held: map[route.NLRI]string{}}
		l.sessions[a] = h
	}
	return h
}

func (l *taken) Tick(context.Context, route.Time) error { return nil }
func (l *taken) End(context.Context) error              { return nil }

// wait waits until what was heard of a session is as wanted.
func (l *taken) wait(t testing.TB, of, what string, wanted func(h *heard) bool) {
	t.Helper()
	end := time.After(patience)
	for {
		l.mu.Lock()
		h, changed := l.of(netip.MustParseAddr(of)), l.changed
		if wanted(h) {
			l.mu.Unlock()
			return
		}
		had := fmt.Sprintf("%d ups, %d downs, %d ends, holds %d", h.ups, h.downs, h.ends, len(h.held))
		l.mu.Unlock()
		select {
		case <-changed:
		case <-end:
			t.Fatalf("%s: waited in vain until %s: %s", of, what, had)
		}
	}
}

// look reads what was heard of a session.
func (l *taken) look(of string, f func(h *heard)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l.of(netip.MustParseAddr(of)))
}

func down(n int) func(*heard) bool  { return func(h *heard) bool { return h.downs >= n } }
func ended(n int) func(*heard) bool { return func(h *heard) bool { return h.ends >= n } }
func holds(n int) func(*heard) bool { return func(h *heard) bool { return len(h.held) == n } }

// running is a Source that runs.
type running struct {
	*Source
	taken *taken
	stop  func()
}

// run runs a Source until stop, or the end of the test.
func run(t *testing.T, cfg Config) *running {
	t.Helper()
	if cfg.ASN == 0 {
		cfg.ASN = 64999
	}
	cfg.RouterID = netip.MustParseAddr("192.0.2.99")
	if testing.Verbose() {
		cfg.Log = slog.New(slog.NewTextHandler(writer{t}, nil))
	}
	l := newTaken()
	s, err := New(cfg, l)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return &running{Source: s, taken: l, stop: stop}
}

type writer struct{ t *testing.T }

func (w writer) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// port finds a free one of an address.
func port(t *testing.T, addr string) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(addr, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return netip.MustParseAddrPort(l.Addr().String()).Port()
}

// event waits for an event of a kind whose detail holds some words.
func (r *running) event(t *testing.T, kind live.EventKind, words string) live.Event {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		events := r.Stats().Events
		for _, e := range events {
			if e.Kind == kind && strings.Contains(e.Detail, words) {
				return e
			}
		}
		if time.Now().After(end) {
			t.Fatalf("no event %v with %q came: %v", kind, words, events)
		}
	}
}
