package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"detour/alert"
	"detour/ingest/replay"
	"detour/processor"
)

// TestALineIsThePipelineWithoutNATS holds that processor.Line, with which
// evaluation and explanations work, tells what the whole chain tells.
func TestALineIsThePipelineWithoutNATS(t *testing.T) {
	for name, c := range map[string]replay.Config{
		"RouteViews 2024": {Files: []string{recording(t, "mrt/routeviews.updates.20241028.0000.bz2")}},
		"RIS rrc06 2023, primed": {
			Prime: []string{recording(t, "csv/derived.balancer-20230920.priming.mrt.gz")},
			Files: []string{recording(t, "csv/derived.balancer-20230920.updates.rrc06.mrt.gz")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := replayOf(t, &pipeline{opts: replayOptions{rib: c.Prime, files: c.Files}})
			if len(want.flags) == 0 {
				t.Fatal("nothing to compare: the recording gives no flag")
			}
			for _, cfg := range []processor.LineConfig{
				{Shards: 1}, {Shards: 4, FrameUpdates: 7}, {Shards: 8, RangeFrames: 5},
			} {
				alerts, flags := replayOnLine(t, cfg, c)
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
