package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/alert"
)

const corpus = "../../../shared/corpus"

func recording(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(corpus, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("corpus absent: %v", err)
	}
	return path
}

// outcome is what a replay leaves behind.
type outcome struct {
	alerts, flags []byte // flags sorted
	report        replayReport
}

// replayOf runs a replay in this process.
func replayOf(t testing.TB, p *pipeline) outcome {
	t.Helper()
	dir := t.TempDir()
	p.opts.alerts, p.opts.flags = filepath.Join(dir, "alerts"), filepath.Join(dir, "flags")
	p.opts.table = filepath.Join(dir, "report")
	if p.opts.speed == "" {
		p.opts.speed = "max"
	}
	if p.opts.shards == 0 {
		p.opts.shards = 8
	}
	if p.opts.streamBytes == 0 {
		p.opts.streamBytes = replayStreamBytes
	}
	var screen bytes.Buffer
	p.out = streams{bytes.NewReader(nil), &screen, &screen}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := p.replay(ctx); err != nil {
		t.Fatalf("replay: %v\n%s", err, screen.String())
	}
	var o outcome
	o.alerts = readFile(t, p.opts.alerts)
	lines := bytes.SplitAfter(readFile(t, p.opts.flags), []byte("\n"))
	slices.SortFunc(lines, bytes.Compare)
	o.flags = bytes.Join(lines, nil)
	if err := json.Unmarshal(readFile(t, p.opts.table), &o.report); err != nil {
		t.Fatal(err)
	}
	return o
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sound checks that nothing was lost on the way.
func sound(t *testing.T, o outcome, elements uint64) {
	t.Helper()
	r := &o.report
	if r.Elements.Sent != elements || r.Elements.Applied != elements || r.Elements.Judged != elements {
		t.Errorf("elements sent, applied, judged: %d, %d, %d, want %d each",
			r.Elements.Sent, r.Elements.Applied, r.Elements.Judged, elements)
	}
	if r.Frames.Holes+r.Frames.Gaps+r.Frames.Bad+r.Flags.Lost+r.Alerts.Lost != 0 || r.State.Degraded {
		t.Errorf("holes, gaps, bad frames, lost flags, degraded: %+v %+v %v", r.Frames, r.Flags, r.State.Degraded)
	}
	if r.Evidence.Records != r.Evidence.Judged {
		t.Errorf("evidence stated %d, judged %d", r.Evidence.Records, r.Evidence.Judged)
	}
}

// TestEveryElementArrives replays whole recordings through streams that are
// smaller than the log.
func TestEveryElementArrives(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, c := range []struct {
		name, rib, file string
		elements        uint64
	}{
		{"RouteViews 2024", "", "mrt/routeviews.updates.20241028.0000.bz2", 257237 + 23018},
		{"RIS rrc00 2019", "", "mrt/ris.rrc00.updates.20190101.0000.gz", 159948 + 2626},
		{
			"JINX table and updates", "mrt/routeviews.jinx.rib.20140530.2200.bz2",
			"mrt/routeviews.jinx.updates.20140530.2340.bz2", 503590 + 1238 + 116,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.name != "RIS rrc00 2019" {
				t.Skip("short: the smallest recording is enough")
			}
			o := replayOptions{files: []string{recording(t, c.file)}}
			if c.rib != "" {
				o.rib = []string{recording(t, c.rib)}
			}
			sound(t, replayOf(t, &pipeline{opts: o}), c.elements)
		})
	}
}

// telegram is the hijack of 2026-06-16, with one of its prefixes watched.
func telegram(t testing.TB) replayOptions {
	watch := filepath.Join(t.TempDir(), "watch")
	if err := os.WriteFile(watch, []byte("95.161.64.0/20 AS62041\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := replayOptions{files: []string{recording(t, "incident/derived.telegram-hijack-20260616.ripestat.mrt.gz")}}
	o.judging.mature, o.judging.watch = "yes", watch
	return o
}

// TestReplayIsTheSame holds DESIGN §4.2: the number of shards, the speed, the
// cut of the frames and a shard that dies and begins anew change nothing. One
// recording has alerts of all scopes to compare, the other many flags.
func TestReplayIsTheSame(t *testing.T) {
	defer goleak.VerifyNone(t)
	t.Run("RouteViews 2024", func(t *testing.T) {
		if testing.Short() {
			t.Skip("short: the other recording is enough")
		}
		file := recording(t, "mrt/routeviews.updates.20241028.0000.bz2")
		theSame(t, replayOptions{files: []string{file}}, 257237+23018, "120")
	})
	t.Run("Telegram 2026", func(t *testing.T) {
		o := telegram(t)
		want := theSame(t, o, 23288, "20000")
		r := &want.report.Alerts
		if r.Incidents.Messages == 0 || r.Prefixes.Messages == 0 || r.Messages == r.Firing {
			t.Errorf("not every kind of message is compared: %+v", r)
		}
		checkAlerts(t, want.alerts)
	})
}

// theSame replays o in all ways and returns what each of them gave.
func theSame(t *testing.T, o replayOptions, elements uint64, slow string) outcome {
	t.Helper()
	want := replayOf(t, &pipeline{opts: o})
	sound(t, want, elements)
	if len(want.flags) == 0 {
		t.Fatal("nothing to compare: the recording gives no flag")
	}
	for name, p := range map[string]*pipeline{
		"1 shard":       {opts: replayOptions{shards: 1}},
		"4 shards":      {opts: replayOptions{shards: 4}},
		"slow":          {opts: replayOptions{speed: slow}},
		"small frames":  {frameBytes: 300},
		"large frames":  {frameBytes: 100 << 10, opts: replayOptions{shards: 3}},
		"shards killed": killing(3),
	} {
		t.Run(name, func(t *testing.T) {
			p.opts.files, p.opts.judging = o.files, o.judging
			got := replayOf(t, p)
			if p.disturb == nil {
				sound(t, got, elements)
			}
			if !bytes.Equal(got.alerts, want.alerts) {
				t.Errorf("alerts differ: %d bytes, want %d", len(got.alerts), len(want.alerts))
			}
			if !bytes.Equal(got.flags, want.flags) {
				t.Errorf("flags differ: %d bytes, want %d", len(got.flags), len(want.flags))
			}
			if p.disturb != nil && got.report.Evidence.Copies == 0 {
				t.Error("no shard told anything twice: none was killed in the middle")
			}
		})
	}
	return want
}

// checkAlerts holds each message against the schema's rules, and that the
// messages of an alert follow each other without a hole.
func checkAlerts(t *testing.T, lines []byte) {
	t.Helper()
	revision := map[string]uint32{}
	for line := range bytes.SplitSeq(bytes.TrimSpace(lines), []byte("\n")) {
		var a alert.Alert
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		if err := a.Validate(); err != nil {
			t.Errorf("%v in %s", err, line)
		}
		if revision[a.ID]++; a.Revision != revision[a.ID] {
			t.Errorf("revision %d of %s after %d messages", a.Revision, a.ID, revision[a.ID]-1)
		}
		if a.Incident != "" && revision[a.Incident] == 0 {
			t.Errorf("an alert of incident %s came before it", a.Incident)
		}
	}
}

// killing is a pipeline in which each shard dies a few times, each time after it
// applied some frames more.
func killing(times int) *pipeline {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(1, 1))
	lives := map[int]int{}
	p := &pipeline{}
	p.disturb = func(ctx context.Context, n int) context.Context {
		mu.Lock()
		defer mu.Unlock()
		if lives[n]++; lives[n] > times {
			return nil
		}
		life, cancel := context.WithCancel(ctx)
		s, frames := p.shards[n], uint64(lives[n]*(5+rng.IntN(25)))
		go func() {
			defer cancel()
			for s.Stats().Frames < frames && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
		}()
		return life
	}
	return p
}

// TestInterruptedReplaySaysSo ends a replay in the middle.
func TestInterruptedReplaySaysSo(t *testing.T) {
	defer goleak.VerifyNone(t)
	file := recording(t, "mrt/ris.rrc06.updates.20140530.2215.gz")
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var screen bytes.Buffer
	p := &pipeline{
		opts: replayOptions{files: []string{file}, speed: "1", shards: 2, streamBytes: replayStreamBytes},
		out:  streams{bytes.NewReader(nil), &screen, &screen},
	}
	err := p.replay(ctx)
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("interrupted")) {
		t.Errorf("replay that was interrupted returns %v", err)
	}
}
