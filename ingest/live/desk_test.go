package live

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"detour/ingest/decode"
	"detour/ingest/mrt/mrttest"
	"detour/route"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// said is what an output was given.
type said struct {
	Kind    route.Kind
	Peer    uint32
	First   bool // of an initial transfer
	Prefix  string
	Seconds int64 // of engine time since the start
}

// listener is an output that remembers.
type listener struct {
	mu     sync.Mutex
	begin  route.Time
	said   []said
	ticks  int
	number uint64
	engine route.Time
	order  error
	refuse error
}

func (l *listener) Add(_ context.Context, u *route.Update, s *route.Session) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if u.Number != l.number+1 || u.Engine < l.engine {
		l.order = errors.Join(l.order, errors.New("numbers or times are out of order"))
	}
	if (s == nil) != (u.Peer == route.AllPeers) || s != nil && s.ID != u.Peer {
		l.order = errors.Join(l.order, errors.New("session and peer differ"))
	}
	l.number, l.engine = u.Number, u.Engine
	it := said{
		Kind: u.Kind, Peer: u.Peer, First: u.Flags&route.FlagInitialTransfer != 0,
		Seconds: int64(u.Engine-l.begin) / int64(route.Second),
	}
	for _, n := range u.Announced {
		it.Prefix += "+" + n.Prefix().String()
	}
	for _, n := range u.Withdrawn {
		it.Prefix += "-" + n.Prefix().String()
	}
	l.said = append(l.said, it)
	return l.refuse
}

func (l *listener) Tick(_ context.Context, engine route.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if engine < l.engine {
		l.order = errors.Join(l.order, errors.New("a tick goes back"))
	}
	l.engine = engine
	l.ticks++
	return l.refuse
}

func (l *listener) End(context.Context) error { return nil }

// bench runs a test at a desk in a bubble, with the desk's ticks.
func bench(t *testing.T, cfg Config, body func(t *testing.T, d *Desk, l *listener)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &listener{begin: route.TimeOf(time.Now())}
		d := NewDesk(l, cfg)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		body(t, d, l)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if l.order != nil {
			t.Error(l.order)
		}
	})
}

func peer(n byte) route.Peer {
	return route.Peer{Collector: "c", Addr: netip.AddrFrom4([4]byte{192, 0, 2, n}), ASN: 64500 + route.ASN(n)}
}

func session(t *testing.T, d *Desk, n byte) *Session {
	t.Helper()
	s, err := d.Session(peer(n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var as4 = decode.Session{AS4: true}

func announce(prefix string) []byte {
	return mrttest.Update(nil, mrttest.Attrs(true, 64501, 1), mrttest.NLRI(prefix))
}

// pass lets time go by in a bubble.
func pass(d time.Duration) { <-time.After(d) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var bothFamilies = []route.Family{route.IPv4, route.IPv6}

func TestASessionsFirstTableIsNoNews(t *testing.T) {
	bench(t, Config{}, func(t *testing.T, d *Desk, l *listener) {
		ctx, s := t.Context(), session(t, d, 1)
		check(t, s.Up(ctx, bothFamilies...))
		check(t, s.Message(ctx, announce("10.0.0.0/8"), as4, 0))
		check(t, s.EndOfRIB(ctx, route.IPv4))
		check(t, s.Message(ctx, announce("11.0.0.0/8"), as4, 0)) // the other family is not complete
		check(t, s.EndOfRIB(ctx, route.IPv6))
		check(t, s.EndOfRIB(ctx, route.IPv6))
		check(t, s.Message(ctx, announce("12.0.0.0/8"), as4, 0))
		want := []said{
			{Kind: route.KindPeerUp},
			{First: true, Prefix: "+10.0.0.0/8"},
			{First: true, Prefix: "+11.0.0.0/8"},
			{Kind: route.KindEndOfRIB},
			{Prefix: "+12.0.0.0/8"},
		}
		if diff := cmp.Diff(want, l.said); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestATransferWithoutEndOfRIBEndsByItself(t *testing.T) {
	for name, tc := range map[string]struct {
		every time.Duration // between announcements
		ends  int64         // seconds
	}{
		"when nothing more comes":      {0, 15},
		"when it takes far too long":   {10 * time.Second, 600},
		"not while the table is given": {14 * time.Second, 600},
	} {
		t.Run(name, func(t *testing.T) {
			bench(t, Config{}, func(t *testing.T, d *Desk, l *listener) {
				ctx, s := t.Context(), session(t, d, 1)
				check(t, s.Up(ctx, route.IPv4))
				for begin := time.Now(); tc.every > 0 && time.Since(begin) < 620*time.Second; pass(tc.every) {
					check(t, s.Message(ctx, announce("10.0.0.0/8"), as4, 0))
				}
				pass(20 * time.Second)
				synctest.Wait()
				for _, it := range l.said {
					if it.Kind == route.KindEndOfRIB {
						if it.Seconds != tc.ends {
							t.Errorf("ended after %d s, want %d", it.Seconds, tc.ends)
						}
						return
					}
				}
				t.Error("the transfer did not end")
			})
		})
	}
}

func TestTheEndOfASessionIsToldOnce(t *testing.T) {
	bench(t, Config{}, func(t *testing.T, d *Desk, l *listener) {
		ctx, s, other := t.Context(), session(t, d, 1), session(t, d, 2)
		check(t, other.Down(ctx, "was never seen"))
		check(t, other.Gap(ctx, "was never seen"))
		check(t, s.Message(ctx, announce("10.0.0.0/8"), as4, 0)) // its begin was not seen
		check(t, s.Down(ctx, "hold timer expired"))
		check(t, s.Down(ctx, "connection lost"))
		check(t, s.Up(ctx))
		check(t, s.Up(ctx)) // a reset that nobody told of
		want := []said{
			{Prefix: "+10.0.0.0/8"}, {Kind: route.KindPeerDown}, {Kind: route.KindPeerUp}, {Kind: route.KindPeerUp},
		}
		if diff := cmp.Diff(want, l.said); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		got := d.Stats()
		if got.Downs != 1 || got.Ups != 2 || got.Resets != 1 || got.Up != 1 || got.Sessions != 2 {
			t.Errorf("%+v", got)
		}
		if n := d.Sessions()[0].Resets; n != 1 {
			t.Errorf("%d resets", n)
		}
	})
}

func TestAGapOfAllIsToldWhenAnybodyIsKnown(t *testing.T) {
	bench(t, Config{}, func(t *testing.T, d *Desk, l *listener) {
		ctx := t.Context()
		check(t, d.Gap(ctx, "connection lost"))
		s := session(t, d, 1)
		check(t, s.Message(ctx, announce("10.0.0.0/8"), as4, 0))
		check(t, s.Gap(ctx, "queue was full"))
		check(t, d.Gap(ctx, "connection lost"))
		want := []said{
			{Prefix: "+10.0.0.0/8"}, {Kind: route.KindGap}, {Kind: route.KindGap, Peer: route.AllPeers},
		}
		if diff := cmp.Diff(want, l.said); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := d.Stats(); got.Gaps != 3 {
			t.Errorf("%d gaps", got.Gaps)
		}
	})
}

func TestWhatCannotBeDecodedIsCountedAndTold(t *testing.T) {
	var log strings.Builder
	cfg := Config{Log: textLog(&log)}
	bench(t, cfg, func(t *testing.T, d *Desk, l *listener) {
		ctx, s := t.Context(), session(t, d, 1)
		whole := announce("10.0.0.0/8")
		broken := append([]byte(nil), whole...)
		broken[19] = 0xff // length of the withdrawn routes
		for range 100 {
			check(t, s.Message(ctx, broken, as4, 0))
		}
		check(t, s.Message(ctx, whole, as4, 0))
		if got := d.Stats(); got.Decode.Undecodable != 100 || got.Updates != 1 || len(got.Events) != 100 {
			t.Errorf("%+v", got.Decode)
		}
		if n := strings.Count(log.String(), "undecodable update"); n != 1 {
			t.Errorf("%d lines in the log, want one a second:\n%s", n, log.String())
		}
		if len(l.said) != 1 {
			t.Errorf("said %+v", l.said)
		}
	})
}

func TestTheLastEventsAreKept(t *testing.T) {
	bench(t, Config{}, func(t *testing.T, d *Desk, _ *listener) {
		for range maxEvents + 10 {
			d.Tell(EventConnect, "router", "")
		}
		d.Tell(EventStall, "router", strings.Repeat("x", 10*maxDetail))
		d.Skip("foreign")
		got := d.Stats()
		last := got.Events[len(got.Events)-1]
		if len(got.Events) != maxEvents || last.Kind != EventStall || len(last.Detail) != maxDetail {
			t.Errorf("%d events, the last %+v", len(got.Events), last)
		}
		if got.Connects != maxEvents+10 || got.Stalls != 1 || got.Skipped["foreign"] != 1 {
			t.Errorf("%+v", got.Counters)
		}
	})
}

func TestTicksComeEachSecond(t *testing.T) {
	bench(t, Config{}, func(t *testing.T, _ *Desk, l *listener) {
		pass(10*time.Second + time.Millisecond)
		synctest.Wait()
		if l.ticks != 10 {
			t.Errorf("%d ticks in ten seconds", l.ticks)
		}
	})
}

func TestADeskThatNothingIsTakenFromEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("nothing is stored any more")
		d := NewDesk(&listener{refuse: broken}, Config{})
		if err := d.Run(t.Context()); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
}
