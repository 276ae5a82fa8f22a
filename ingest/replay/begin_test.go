package replay

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"detour/ingest"
	"detour/ingest/mrt/mrttest"
	"detour/route"
)

// recordingStart is the second of the first record.
const recordingStart = 1_700_000_000

// second is a moment of the recording.
func second(n int) route.Time { return recordingStart*route.Second + route.Time(n)*route.Second }

// recording writes a file of updates and state changes: two peers announce each
// ten seconds up to a minute; the second goes down at 15, comes back at 45, and goes
// down again at 55; the third goes down and up at 25. Then nothing is said for five
// minutes.
func recording(t *testing.T) string {
	t.Helper()
	peer := func(n byte) mrttest.Session {
		s := mrttest.IPv4Session(true)
		s.PeerASN, s.Peer = 64510+uint32(n), netip.AddrFrom4([4]byte{10, 0, 0, n})
		return s
	}
	var b []byte
	state := func(at int, n byte, from, to uint16) {
		b = append(b, mrttest.Record(recordingStart+uint32(at), 16, 5, peer(n).StateChange(from, to))...)
	}
	update := func(at int, n byte) {
		msg := mrttest.Update(nil, mrttest.Attrs(true, 64510+uint32(n), 1), mrttest.NLRI("11.0.0.0/16"))
		b = append(b, mrttest.Record(recordingStart+uint32(at), 16, 4, peer(n).Message(msg))...)
	}
	for at := 0; at <= 60; at += 10 {
		update(at, 1)
		switch at {
		case 0:
			update(at, 2)
		case 10:
			state(15, 2, 6, 1)
		case 20:
			state(25, 3, 6, 1)
			state(25, 3, 5, 6)
		case 40:
			state(45, 2, 5, 6)
		case 50:
			state(55, 2, 6, 1)
		}
	}
	update(360, 1)
	file := filepath.Join(t.TempDir(), "updates.mrt")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// play runs a source in the bubble.
func play(t *testing.T, cfg Config, l ingest.Output) *Source {
	t.Helper()
	s, err := New(cfg, l)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestALateSourceLeavesOutWhatItHasMissed: the rest comes when it should, under the
// numbers of a source that was in time.
func TestALateSourceLeavesOutWhatItHasMissed(t *testing.T) {
	file := recording(t)
	gap, down := said{Kind: route.KindGap, ID: route.AllPeers}, said{Kind: route.KindPeerDown, Peer: 64512}
	for name, c := range map[string]struct {
		late, speed int // seconds
		skipped     uint64
		states      []said // what is said of what was left out, without times and numbers
	}{
		"in time":                         {late: 0, speed: 1},
		"before a session ends":           {late: 12, speed: 1, skipped: 3, states: []said{gap}},
		"behind its end":                  {late: 17, speed: 1, skipped: 4, states: []said{gap, down}},
		"another one came back":           {late: 33, speed: 1, skipped: 8, states: []said{gap, down}},
		"it came back":                    {late: 47, speed: 1, skipped: 10, states: []said{gap}},
		"twice as fast":                   {late: 6, speed: 2, skipped: 3, states: []said{gap}},
		"in the silence":                  {late: 100, speed: 1, skipped: 13, states: []said{gap, down}},
		"behind the end of the recording": {late: 999, speed: 1, skipped: 14, states: []said{gap, down}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var all, l listener
				play(t, Config{Files: []string{file}}, &all)
				begin := time.Now()
				time.Sleep(time.Duration(c.late) * time.Second)
				s := play(t, Config{Files: []string{file}, Speed: float64(c.speed), Begin: begin}, &l)
				if got := s.Progress(); got.Skipped != c.skipped || got.LateMost > 0 {
					t.Errorf("%+v, want %d updates left out and nothing late", got, c.skipped)
				}
				now := second(c.late * c.speed)
				for i, want := range c.states {
					got := l.said[i]
					if got.Kind != want.Kind || want.ID != 0 && got.ID != want.ID || got.Peer != want.Peer ||
						got.Engine != now || got.Number > c.skipped || got.Number == 0 {
						t.Errorf("said %+v, want %+v at %d", got, want, now)
					}
				}
				rest := l.said[len(c.states):]
				for i := range rest {
					want := begin.Add(time.Duration(rest[i].Engine-second(0)) * time.Microsecond / time.Duration(c.speed))
					if !rest[i].at.Equal(want) {
						t.Errorf("update %d comes %v too late", rest[i].Number, rest[i].at.Sub(want))
					}
					rest[i].at = all.said[int(c.skipped)+i].at
				}
				if d := cmp.Diff(all.said[c.skipped:], rest, cmp.AllowUnexported(said{})); d != "" {
					t.Errorf("(-in time +late):\n%s", d)
				}
			})
		})
	}
}

// TestALateSourcePrimesAsOfNow: the table first, then the gap, at the time that it
// is.
func TestALateSourcePrimesAsOfNow(t *testing.T) {
	file := recording(t)
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now().Add(-17 * time.Second)
		var l listener
		s := play(t, Config{Prime: []string{file}, Files: []string{file}, Speed: 1, Begin: begin}, &l)
		gap := slices.IndexFunc(l.said, func(e said) bool { return e.Kind == route.KindGap })
		if gap != 10 || l.said[gap-1].Kind != route.KindEndOfRIB || l.said[gap+1].Kind != route.KindPeerDown {
			t.Fatalf("%d said before the gap: %+v", gap, l.said)
		}
		for i := range gap + 2 {
			if e := l.said[i]; e.Engine != second(17) || !e.at.Equal(begin.Add(17*time.Second)) {
				t.Errorf("%+v, want it at once", e)
			}
		}
		for i := 1; i < len(l.said); i++ {
			if l.said[i].Number < l.said[i-1].Number {
				t.Errorf("number %d behind %d", l.said[i].Number, l.said[i-1].Number)
			}
		}
		if s.First() != second(17) {
			t.Errorf("begins at %d", s.First())
		}
	})
}

// TestASourceWaitsForItsBegin with the tables already told.
func TestASourceWaitsForItsBegin(t *testing.T) {
	file := recording(t)
	synctest.Test(t, func(t *testing.T) {
		var l listener
		now := time.Now()
		s := play(t, Config{Prime: []string{file}, Files: []string{file}, Speed: 1, Begin: now.Add(time.Hour)}, &l)
		for i, e := range l.said {
			if want := now.Add(time.Hour); i < 10 != e.at.Equal(now) || i >= 10 && e.at.Before(want) {
				t.Errorf("%+v", e)
			}
		}
		if p := s.Progress(); p.Skipped != 0 || p.LateMost != 0 {
			t.Errorf("%+v", p)
		}
	})
}

// TestSecondsGoByInSilence: a tick for each second, or for each hundredth of a
// second of playing, never behind what follows.
func TestSecondsGoByInSilence(t *testing.T) {
	file := recording(t)
	for name, c := range map[string]struct {
		speed float64
		step  route.Time
	}{"as it happened": {1, route.Second}, "a thousand times": {1000, 10 * route.Second}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l listener
				begin := time.Now()
				play(t, Config{Files: []string{file}, Speed: c.speed, Begin: begin}, &l)
				silent := 0
				for i, tick := range l.ticks {
					if i > 0 && (tick <= l.ticks[i-1] || tick-l.ticks[i-1] > c.step) {
						t.Errorf("tick at %d behind %d", tick, l.ticks[i-1])
					}
					if tick > second(60) {
						silent++
					}
				}
				if want := int(300 * route.Second / c.step); silent != want {
					t.Errorf("%d ticks in the silence, want %d", silent, want)
				}
			})
		})
	}
}

// slow is an output that takes its time.
type slow struct {
	listener
	source *Source
	pause  func()
	saw    time.Duration // greatest Progress.Late
}

func (l *slow) Add(ctx context.Context, u *route.Update, s *route.Session) error {
	l.pause()
	l.saw = max(l.saw, l.source.Progress().Late)
	return l.listener.Add(ctx, u, s)
}

// TestASourceThatCannotKeepUpSaysSo and catches up, with few ticks, once it can.
func TestASourceThatCannotKeepUpSaysSo(t *testing.T) {
	file := recording(t)
	synctest.Test(t, func(t *testing.T) {
		l := &slow{pause: func() { time.Sleep(15 * time.Second) }}
		s, err := New(Config{Files: []string{file}, Speed: 1}, l)
		if err != nil {
			t.Fatal(err)
		}
		l.source = s
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		// What is said in the first minute takes three.
		p := s.Progress()
		if p.Late != 0 || p.LateMost != 120*time.Second || l.saw != 135*time.Second {
			t.Errorf("late %v, at most %v, seen %v", p.Late, p.LateMost, l.saw)
		}
		if last := l.said[len(l.said)-1]; last.Engine != second(360) {
			t.Errorf("the last is %+v", last)
		}
	})
}

func TestBeginWantsASpeed(t *testing.T) {
	if _, err := New(Config{Files: []string{"x"}, Begin: time.Now()}, &listener{}); err == nil {
		t.Error("taken")
	}
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Files: []string{recording(t)}, Speed: 1, Begin: time.Now().Add(time.Hour)}, &listener{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waits beyond its context: %v", err)
		}
	})
}
