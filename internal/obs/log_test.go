package obs

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoggerWritesItsFormatFromItsLevelOn(t *testing.T) {
	var b bytes.Buffer
	log, level, err := NewLogger(&b, "json", "warn")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("not said")
	log.Warn("said", "n", 1)
	if err := SetLevel(level, "debug"); err != nil {
		t.Fatal(err)
	}
	log.Debug("said after the change")
	if err := SetLevel(level, "loud"); err == nil {
		t.Error("no error for a level that there is not")
	}
	log.Debug("still said")
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), b.String())
	}
	var first map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first["msg"] != "said" || first["n"] != 1.0 {
		t.Errorf("%v, %v", first, err)
	}
}

func TestLoggerRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, c := range [][2]string{{"xml", "info"}, {"text", "loud"}, {"", ""}} {
		if _, _, err := NewLogger(&bytes.Buffer{}, c[0], c[1]); err == nil {
			t.Errorf("format %q and level %q pass", c[0], c[1])
		}
	}
}

func TestSampledPassesABurstThenOnePerInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		log, _, err := NewLogger(&b, "text", "info")
		if err != nil {
			t.Fatal(err)
		}
		log = Sampled(log, 3, time.Minute)
		lines := func() int { return strings.Count(b.String(), "\n") }
		with := log.With("shard", 3) // shares the allowance
		for range 50 {
			log.Warn("bad frame")
			with.Warn("bad frame")
		}
		if lines() != 3 {
			t.Errorf("%d lines of a burst of 3", lines())
		}
		log.Warn("something else")
		log.Info("bad frame") // another level is another message
		if lines() != 5 {
			t.Errorf("%d lines: messages share an allowance", lines())
		}
		time.Sleep(time.Minute) // sleep: of the test's own clock
		b.Reset()
		with.Warn("bad frame")
		log.Warn("bad frame")
		if lines() != 1 || !strings.Contains(b.String(), "left_out=97") || !strings.Contains(b.String(), "shard=3") {
			t.Errorf("after an interval:\n%s", b.String())
		}
		time.Sleep(time.Hour) // sleep: of the test's own clock
		b.Reset()
		for range 50 {
			log.Warn("bad frame")
		}
		if lines() != 3 {
			t.Errorf("%d lines after an hour, want a burst of 3", lines())
		}
	})
}

func TestSampledMessagesAreBounded(t *testing.T) {
	var b bytes.Buffer
	log, _, err := NewLogger(&b, "text", "info")
	if err != nil {
		t.Fatal(err)
	}
	log = Sampled(log, 1, time.Hour)
	for i := range 10 * maxSampled {
		if err := log.Handler().Handle(t.Context(), record(strings.Repeat("x", i+1))); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(b.String(), "\n"); n != maxSampled+1 {
		t.Errorf("%d lines, want %d", n, maxSampled+1)
	}
}

func record(text string) slog.Record { return slog.NewRecord(time.Now(), slog.LevelInfo, text, 0) }
