package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"

	"detour/alert"
	"detour/ingest/replay"
	"detour/processor"
)

// TestALineIsThePipelineWithoutNATS holds that processor.Line, with which
// evaluation and explanations work, tells what the whole chain tells.
func TestALineIsThePipelineWithoutNATS(t *testing.T) {
	for name, o := range map[string]replayOptions{
		"RouteViews 2024": {files: []string{recording(t, "mrt/routeviews.updates.20241028.0000.bz2")}},
		"RIS rrc06 2023, primed": {
			rib:   []string{recording(t, "csv/derived.balancer-20230920.priming.mrt.gz")},
			files: []string{recording(t, "csv/derived.balancer-20230920.updates.rrc06.mrt.gz")},
		},
		"Telegram 2026": telegram(t),
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "Telegram 2026" {
				t.Skip("short: the smallest recording is enough")
			}
			want := replayOf(t, &pipeline{opts: o})
			if len(want.flags) == 0 || name == "Telegram 2026" && len(want.alerts) == 0 {
				t.Fatal("nothing to compare: the recording gives no flag or no alert")
			}
			rules, err := o.judging.config(io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			for _, cfg := range []processor.LineConfig{
				{Shards: 1}, {Shards: 4, FrameUpdates: 7}, {Shards: 8, RangeFrames: 5},
			} {
				cfg.Correlate, cfg.Watched = rules, watchedBy(rules.Outside.Watch)
				alerts, flags := replayOnLine(t, cfg, replay.Config{Prime: o.rib, Files: o.files})
				if !bytes.Equal(alerts, want.alerts) {
					t.Errorf("%d shards: alerts differ: %d bytes, want %d", cfg.Shards, len(alerts), len(want.alerts))
				}
				if !bytes.Equal(flags, want.flags) {
					t.Errorf("%d shards: flags differ: %d bytes, want %d", cfg.Shards, len(flags), len(want.flags))
				}
			}
		})
	}
}

// replayOnLine replays recordings into a Line and returns what it told as JSON
// lines, the flags sorted.
func replayOnLine(t *testing.T, cfg processor.LineConfig, c replay.Config) (alerts, flags []byte) {
	t.Helper()
	var lines [][]byte
	cfg.Flags = func(f *processor.Flag) { lines = append(lines, append(slices.Clone(f.Line), '\n')) }
	l, err := processor.NewLine(cfg, func(a *alert.Alert) {
		data, err := json.Marshal(a)
		if err != nil {
			t.Error(err)
		}
		alerts = append(append(alerts, data...), '\n')
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := replay.New(c, l)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(lines, bytes.Compare)
	return alerts, bytes.Join(lines, nil)
}
