package bmp_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/ingest/bmp"
	"detour/ingest/live"
	"detour/route"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// book is an output that keeps lines of what it is given.
type book struct {
	mu      sync.Mutex
	lines   []string
	updates int
	perPeer map[route.Peer]int
	up      map[route.Peer]bool // something was handed in since the last Peer Down
	quiet   bool                // keep no lines
}

func (b *book) Add(_ context.Context, u *route.Update, s *route.Session) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s == nil {
		return nil
	}
	if b.up == nil {
		b.up, b.perPeer = map[route.Peer]bool{}, map[route.Peer]int{}
	}
	b.up[s.Peer] = u.Kind != route.KindPeerDown
	if u.Kind == route.KindUpdate {
		b.updates++
		b.perPeer[s.Peer]++
	}
	if !b.quiet {
		b.lines = append(b.lines, describe(u, s))
	}
	return nil
}

func (b *book) Tick(context.Context, route.Time) error { return nil }
func (b *book) End(context.Context) error              { return nil }

// alive returns how many sessions are not down.
func (b *book) alive() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, up := range b.up {
		if up {
			n++
		}
	}
	return n
}

func (b *book) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.updates
}

// of returns how many updates a collector's peers have sent.
func (b *book) of(collector string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for p, updates := range b.perPeer {
		if p.Collector == collector {
			n += updates
		}
	}
	return n
}

func (b *book) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lines)
}

var kindNames = map[route.Kind]string{
	route.KindPeerUp: "up", route.KindPeerDown: "down", route.KindEndOfRIB: "complete", route.KindGap: "gap",
}

// describe writes an update in one line: view, peer, what.
func describe(u *route.Update, s *route.Session) string {
	view := [...]string{"pre", "post", "loc", "out"}[s.View]
	line := fmt.Sprintf("%s AS%d>AS%d", view, s.ASN, s.LocalASN)
	if s.Addr.IsValid() && !s.Addr.IsUnspecified() {
		line += " " + s.Addr.String()
	}
	if u.Kind != route.KindUpdate {
		return line + " " + kindNames[u.Kind]
	}
	line += fmt.Sprintf(" %v", u.Path.ASNs)
	for _, n := range u.Announced {
		line += " " + n.Prefix().String()
		if u.Flags&route.FlagPathIDs != 0 {
			line += fmt.Sprintf("#%d", n.PathID)
		}
	}
	for _, n := range u.Withdrawn {
		line += " -" + n.Prefix().String()
	}
	if u.Flags&route.FlagInitialTransfer != 0 {
		line += " (initial)"
	}
	return line
}

// serve reads one stream to its end and returns what came of it.
func serve(t *testing.T, cfg bmp.RouterConfig, stream ...[]byte) (lines []string, st live.Stats) {
	t.Helper()
	var b book
	desk := live.NewDesk(&b, live.Config{})
	in := io.NopCloser(bytes.NewReader(bytes.Join(stream, nil)))
	if err := bmp.Serve(t.Context(), in, desk, cfg); err != nil {
		t.Fatal(err)
	}
	return b.all(), desk.Stats()
}

// details returns what was told of one kind of event.
func details(st live.Stats, kind live.EventKind) (list []string) {
	for _, e := range st.Events {
		if e.Kind == kind {
			list = append(list, e.Who+": "+e.Detail)
		}
	}
	return list
}

// listening is a Source that runs.
type listening struct {
	*bmp.Source
	t    *testing.T
	addr string
	out  *book
	stop func() // waits for the end of Run
}

// listen runs a Source until the test ends, on a free port unless cfg says which.
func listen(t *testing.T, cfg bmp.Config, out *book) *listening {
	t.Helper()
	l, err := net.Listen("tcp", cmp.Or(cfg.Listen, "127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listener = l
	s, err := bmp.New(cfg, out)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	end := sync.OnceFunc(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(end)
	return &listening{Source: s, t: t, addr: l.Addr().String(), out: out, stop: end}
}

// dial connects as the router with the n-th address.
func (l *listening) dial(n int) net.Conn {
	l.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 7, byte(n>>8), byte(n&255))}}
	conn, err := d.DialContext(l.t.Context(), "tcp", l.addr)
	if err != nil {
		l.t.Skipf("no connection from a second loopback address: %v", err)
	}
	l.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (l *listening) send(conn net.Conn, stream ...[]byte) {
	l.t.Helper()
	if _, err := conn.Write(bytes.Join(stream, nil)); err != nil {
		l.t.Fatal(err)
	}
}

// patience is how long what is awaited may take on a machine that is busy.
const patience = 30 * time.Second

// await waits until ok.
func (l *listening) await(what string, ok func() bool) {
	l.t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			l.t.Fatalf("%s: not within %v; events:\n%s", what, patience, l.events())
		}
		time.Sleep(time.Millisecond)
	}
}

func (l *listening) events() string {
	var lines []string
	for _, e := range l.Stats().Events {
		lines = append(lines, fmt.Sprintf("%v %s: %s", e.Kind, e.Who, e.Detail))
	}
	return strings.Join(lines, "\n")
}

// closed waits until the other side has closed a connection.
func (l *listening) closed(conn net.Conn) {
	l.t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		l.t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		l.t.Errorf("the connection stays open: %v", err)
	}
}
