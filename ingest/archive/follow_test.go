package archive

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/netip"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/live"
	"detour/ingest/mrt"
	"detour/ingest/replay"
	"detour/route"
)

// listener keeps what it is told, and what is up by it.
type listener struct {
	mu     sync.Mutex
	said   []string // kinds, and second of the engine
	up     routes
	primed routes // what was up when priming ended
	news   int
	ended  int
	moved  chan struct{}
}

func newListener() *listener {
	return &listener{up: routes{}, moved: make(chan struct{}, 1)}
}

func (l *listener) Add(_ context.Context, u *route.Update, s *route.Session) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var who netip.Addr
	if s != nil {
		who = s.Addr
	}
	switch u.Kind {
	case route.KindUpdate:
		if u.Flags&route.FlagTableDump == 0 {
			l.news++
		}
		l.up.apply(who, u)
	case route.KindEndOfRIB:
		if s == nil {
			l.primed = maps.Clone(l.up)
		}
	case route.KindPeerDown, route.KindPeerUp:
		l.up.reset(who)
	default:
	}
	switch {
	case len(l.said) > 1000: // the rest is counted
	case u.Kind != route.KindUpdate:
		l.said = append(l.said, fmt.Sprintf("%d of %v", u.Kind, who))
	default:
		l.said = append(l.said, u.Engine.Std().UTC().Format("15:04:05"))
	}
	l.tell()
	return nil
}

// routes are those that are up.
type routes map[routeKey]string

type routeKey struct {
	who    netip.Addr
	prefix route.Prefix
	id     uint32
}

// apply does what a shard does: a table fills what is empty.
func (up routes) apply(who netip.Addr, u *route.Update) {
	for _, n := range u.Withdrawn {
		delete(up, routeKey{who, n.Prefix(), n.PathID})
	}
	var path []byte
	for _, as := range u.Path.ASNs {
		path = binary.BigEndian.AppendUint32(path, uint32(as))
	}
	for _, n := range u.Announced {
		key := routeKey{who, n.Prefix(), n.PathID}
		if _, filled := up[key]; filled && u.Flags&(route.FlagTableDump|route.FlagInitialTransfer) == route.FlagTableDump {
			continue
		}
		up[key] = string(path)
	}
}

// reset ends a session, or all.
func (up routes) reset(who netip.Addr) {
	maps.DeleteFunc(up, func(k routeKey, _ string) bool { return !who.IsValid() || k.who == who })
}

func (l *listener) Tick(context.Context, route.Time) error { return nil }

func (l *listener) End(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended++
	l.tell()
	return nil
}

func (l *listener) tell() {
	select {
	case l.moved <- struct{}{}:
	default:
	}
}

// await waits until want holds of what was said.
func (l *listener) await(t *testing.T, want func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		l.mu.Lock()
		done := want()
		l.mu.Unlock()
		if done {
			return
		}
		select {
		case <-l.moved:
		case <-limit:
			l.mu.Lock()
			defer l.mu.Unlock()
			t.Fatalf("what is awaited does not come; said: %v", l.said[max(0, len(l.said)-20):])
		}
	}
}

// following runs a source until the test ends it.
type following struct {
	*listener
	source *Source
	log    *bytes.Buffer
	done   chan error
	stop   context.CancelFunc
}

func follow(t *testing.T, cfg Config) *following {
	t.Helper()
	f := &following{listener: newListener(), log: &bytes.Buffer{}, done: make(chan error, 1)}
	cfg.Collector, cfg.poll, cfg.early = "rrc00", time.Millisecond, time.Hour
	cfg.Log = slog.New(slog.NewTextHandler(f.log, nil))
	s, err := New(cfg, f)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.source, f.stop = s, cancel
	go func() { f.done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err, open := <-f.done; open && err != nil {
			t.Error(err)
		}
	})
	return f
}

func (s *server) updates(t *testing.T, times ...string) {
	t.Helper()
	for _, text := range times {
		begin := at(t, "2019-06-24 "+text)
		s.put(fileFolder+"updates."+begin.Format("20060102.1504")+".gz", quarter(begin, 3))
	}
}

// want are the updates of these files.
func want(times ...string) (said []string) {
	for _, text := range times {
		for i := range 3 {
			said = append(said, fmt.Sprintf("%s:%02d", text, i))
		}
	}
	return said
}

func TestNewFilesArePlayedInTheirOrder(t *testing.T) {
	s := newServer(t)
	s.updates(t, "10:00", "10:05")
	f := follow(t, Config{Access: access(t, s), Begin: at(t, "2019-06-24 10:00"), grace: time.Hour})
	f.await(t, func() bool { return f.news == 6 })
	s.updates(t, "10:15") // before the one that should come
	s.updates(t, "10:10")
	f.await(t, func() bool { return f.news == 12 })
	s.behave(fileFolder, answer(500), answer(404), trouble)
	s.updates(t, "10:20")
	f.await(t, func() bool { return f.news == 15 })
	f.source.Leave()
	f.await(t, func() bool { return f.ended == 1 })
	if d := cmp.Diff(want("10:00", "10:05", "10:10", "10:15", "10:20"), f.said); d != "" {
		t.Errorf("played (-want +got):\n%s", d)
	}
	st := f.source.Stats()
	if st.Gaps != 0 || st.Messages != 5 || st.Connects != 5 || st.Updates != 15 || st.Sessions != 2 || st.LastRead == 0 {
		t.Errorf("counts %+v", st.Counters)
	}
	if got := f.source.Describe(); !strings.Contains(got, "5 files, 15 elements, the newest file is of 2019-06-24 10:20") {
		t.Errorf("described as %q", got)
	}
}

// TestAFileThatDoesNotComeIsAGap: missing in the index, listed but not there, or
// damaged on its way each time.
func TestAFileThatDoesNotComeIsAGap(t *testing.T) {
	for name, spoil := range map[string]func(s *server){
		"not listed":        func(*server) {},
		"listed, not there": func(s *server) { s.put(fileFolder+"updates.20190624.1005.gz", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			spoil(s)
			const missing = fileFolder + "updates.20190624.1005.gz"
			forever := make([]habit, 0, 1000)
			for range 1000 {
				forever = append(forever, answer(404))
			}
			s.behave(missing, forever...)
			s.updates(t, "10:00", "10:10")
			begin := at(t, "2019-06-24 10:00")
			f := follow(t, Config{Access: access(t, s), Begin: begin, grace: 20 * time.Millisecond})
			f.await(t, func() bool { return f.news == 6 })
			f.stop()
			all := append(want("10:00"), fmt.Sprintf("%d of invalid IP", route.KindGap))
			if d := cmp.Diff(append(all, want("10:10")...), f.said); d != "" {
				t.Errorf("played (-want +got):\n%s", d)
			}
			st := f.source.Stats()
			if st.Gaps != 1 || st.Skipped["missing"] != 1 {
				t.Errorf("counts %+v", st.Counters)
			}
			told := false
			for _, e := range st.Events {
				named := strings.Contains(e.Detail, "10:05") || strings.Contains(e.Detail, "1005")
				told = told || e.Kind == live.EventGap && named
			}
			if !told {
				t.Errorf("no event names what is missing: %+v", st.Events)
			}
		})
	}
}

func TestASilentArchiveIsTold(t *testing.T) {
	s := newServer(t)
	s.updates(t, "10:00")
	f := follow(t, Config{Access: access(t, s), Begin: at(t, "2019-06-24 10:00"), silence: time.Nanosecond})
	f.await(t, func() bool { return f.news == 3 })
	for f.source.Stats().Stalls == 0 {
		if <-time.After(time.Millisecond); len(s.requests(fileFolder)) > 5000 {
			t.Fatal("the silence is not told")
		}
	}
	s.updates(t, "10:05")
	f.await(t, func() bool { return f.news == 6 })
}

// TestAnArchiveThatIsAwayIsWaitedFor from the start on.
func TestAnArchiveThatIsAwayIsWaitedFor(t *testing.T) {
	s := newServer(t)
	s.updates(t, "10:00")
	table := fileFolder + "bview.20190624.0800.gz"
	s.put(table, squeeze(nil))
	s.behave(fileFolder, trouble, answer(500), answer(500), answer(500), answer(403))
	f := follow(t, Config{Access: access(t, s), Prime: true, Begin: at(t, "2019-06-24 10:00")})
	f.await(t, func() bool { return f.news == 3 })
	if st := f.source.Stats(); st.Disconnects == 0 {
		t.Errorf("counts %+v", st.Counters)
	}
}

func TestLeavingWhileNothingIsThere(t *testing.T) {
	s := newServer(t)
	f := follow(t, Config{Access: access(t, s)})
	f.source.Leave()
	f.await(t, func() bool { return f.ended == 1 })
	if len(f.said) != 0 {
		t.Errorf("said %v", f.said)
	}
}

// worlds is what is up at each of these moments, in their order, by the records of
// files in theirs.
func worlds(t *testing.T, moments []time.Time, files ...[]byte) (all []routes) {
	t.Helper()
	up := routes{}
	for _, data := range files {
		r, err := mrt.OpenStream(bytes.NewReader(data), mrt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var rec mrt.Record
		for {
			err := r.Next(&rec)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for rec.Kind != mrt.KindRIB && len(all) < len(moments) && rec.Time >= route.TimeOf(moments[len(all)]) {
				all = append(all, maps.Clone(up))
			}
			if k := rec.Update.Kind; k == route.KindPeerDown || k == route.KindPeerUp {
				up.reset(rec.Peer.Addr)
			}
			up.apply(rec.Peer.Addr, &rec.Update)
		}
	}
	if len(all) != len(moments) {
		t.Fatalf("the recordings end before %v", moments[len(all)])
	}
	return all
}

// TestATableAndTheUpdatesSinceAreSpliced with real recordings, by a plan and by a
// source that follows: what is up when priming ends is what was up then.
func TestATableAndTheUpdatesSinceAreSpliced(t *testing.T) {
	table := corpusFile(t, "routeviews.jinx.rib.20140530.2200.bz2")
	updates := corpusFile(t, "routeviews.jinx.updates.20140530.2340.bz2")
	const folder = "/route-views.jinx/bgpdata/2014.05/"
	s := newServer(t)
	s.put(folder+"RIBS/rib.20140530.2200.bz2", table)
	s.put(folder+"RIBS/rib.20140531.0000.bz2", nil) // younger than what is asked for
	s.put(folder+"UPDATES/updates.20140530.2340.bz2", updates)
	before, from, to := at(t, "2014-05-30 23:00"), at(t, "2014-05-30 23:50"), at(t, "2014-05-30 23:55")
	want := worlds(t, []time.Time{before, from, to}, table, updates)
	if maps.Equal(want[0], want[1]) || maps.Equal(want[1], want[2]) || len(want[0]) == 0 {
		t.Fatal("nothing happens before the start, or behind it")
	}
	check := func(t *testing.T, l *listener) {
		t.Helper()
		if !maps.Equal(want[1], l.primed) {
			t.Errorf("%d routes are up when priming ends, want %d, or others", len(l.primed), len(want[1]))
		}
		if l.news == 0 || !maps.Equal(want[2], l.up) {
			t.Errorf("%d updates played; %d routes are up in the end, want %d, or others", l.news, len(l.up), len(want[2]))
		}
	}
	t.Run("planned", func(t *testing.T) {
		a := open(t, access(t, s))
		p, err := a.Plan(t.Context(), "route-views.jinx", from, to, true)
		if err != nil {
			t.Fatal(err)
		}
		const hole = "no file of 2014-05-30 22:00 to 2014-05-30 23:40"
		if len(p.Files()) != 2 || len(p.Holes) != 1 || p.Holes[0].String() != hole {
			t.Fatalf("plan %+v", p)
		}
		l := newListener()
		cfg := replay.Config{Feeds: []replay.Feed{a.Feed(p)}, From: route.TimeOf(from), To: route.TimeOf(to)}
		r, err := replay.New(cfg, l)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(t, l)
	})
	t.Run("followed", func(t *testing.T) {
		l := newListener()
		src, err := New(Config{Collector: "route-views.jinx", Access: access(t, s), Prime: true, Begin: from, To: to}, l)
		if err != nil {
			t.Fatal(err)
		}
		if err := src.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(t, l)
	})
}

// named is where an archive has a file of RIS.
func named(kind string, at time.Time) string {
	return path.Join("/rrc00", at.Format(monthFormat), kind+"."+at.Format("20060102.1504")+".gz")
}

// lately puts a table and three files of updates, the last of which begins at t.
func (s *server) lately(t time.Time) {
	s.put(named("bview", t.Add(-10*time.Minute)), squeeze(nil))
	for i := range 3 {
		begin := t.Add(time.Duration(i-2) * 5 * time.Minute)
		s.put(named("updates", begin), quarter(begin, 3))
	}
}

// TestTheNewestFileThereIsEndsPriming without waiting for the next one.
func TestTheNewestFileThereIsEndsPriming(t *testing.T) {
	s := newServer(t)
	newest := time.Now().UTC().Truncate(5 * time.Minute).Add(-20 * time.Minute)
	s.lately(newest)
	f := follow(t, Config{Access: access(t, s), Prime: true, grace: time.Hour})
	f.await(t, func() bool { return f.primed != nil })
	f.mu.Lock()
	if len(f.primed) != 3 || f.news != 0 || f.said[0] != fmt.Sprintf("%d of invalid IP", route.KindPeerDown) {
		t.Errorf("%d routes primed, %d news, said %v", len(f.primed), f.news, f.said)
	}
	f.mu.Unlock()
	next := newest.Add(5 * time.Minute)
	s.put(named("updates", next), quarter(next, 3))
	f.await(t, func() bool { return f.news == 3 })
}

// TestPrimingAloneGoesUpToItsStart: the file that holds it is waited for, and nothing
// of it is news.
func TestPrimingAloneGoesUpToItsStart(t *testing.T) {
	s := newServer(t)
	now := time.Now().UTC()
	newest := now.Truncate(5 * time.Minute).Add(-5 * time.Minute)
	s.lately(newest)
	f := follow(t, Config{Access: access(t, s), PrimeOnly: true, grace: time.Hour})
	f.await(t, func() bool { return len(f.said) == 10 }) // a reset, and what is there
	f.mu.Lock()
	if f.primed != nil || f.ended != 0 {
		t.Error("priming ends before its end is there")
	}
	f.mu.Unlock()
	for next := newest.Add(5 * time.Minute); next.Before(now.Add(2 * overlap)); next = next.Add(5 * time.Minute) {
		s.put(named("updates", next), quarter(next, 3))
	}
	f.await(t, func() bool { return f.ended == 1 })
	if f.primed == nil || f.news != 0 {
		t.Errorf("%d routes primed, %d news", len(f.primed), f.news)
	}
}

// TestPrimingAloneDoesNotWaitForEver for an archive that has fallen silent.
func TestPrimingAloneDoesNotWaitForEver(t *testing.T) {
	s := newServer(t)
	s.lately(time.Now().UTC().Truncate(5 * time.Minute).Add(-20 * time.Minute))
	f := follow(t, Config{Access: access(t, s), PrimeOnly: true, silence: time.Millisecond})
	f.await(t, func() bool { return f.ended == 1 })
	if len(f.primed) != 3 || f.news != 0 {
		t.Errorf("%d routes primed, %d news", len(f.primed), f.news)
	}
}

// TestPrimingAloneWithoutATableIsAnError: whoever primes must not say that all was given.
func TestPrimingAloneWithoutATableIsAnError(t *testing.T) {
	s := newServer(t)
	now := time.Now().UTC().Truncate(5 * time.Minute)
	s.put(named("updates", now.Add(-20*time.Minute)), quarter(now.Add(-20*time.Minute), 3))
	f := follow(t, Config{Access: access(t, s), PrimeOnly: true, silence: time.Millisecond})
	if err := <-f.done; !errors.Is(err, ErrNotThere) {
		t.Errorf("it ends with %v", err)
	}
	close(f.done)
}
