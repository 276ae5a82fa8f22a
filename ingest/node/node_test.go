package node

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"detour/ingest/replay"
	"detour/internal/natstest"
	"detour/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestADamagedRecordingIsTold(t *testing.T) {
	whole, err := os.ReadFile("../../testdata/mrt/quagga_bgp")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		data []byte
		want bool
	}{
		"whole": {whole, false}, "cut": {whole[:len(whole)-5], true},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "updates")
			if err := os.WriteFile(file, tc.data, 0o600); err != nil {
				t.Fatal(err)
			}
			nc, js := natstest.Start(t)
			if err := stream.Ensure(t.Context(), js, stream.Settings{Shards: 1}); err != nil {
				t.Fatal(err)
			}
			if err := stream.PublishPosition(nc, stream.Position{Member: "p"}); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			n, err := New(Config{Name: "in", Shards: 1, Sources: []SourceConfig{
				Replay(replay.Config{Collector: "c", Files: []string{file}}),
			}}, Deps{Conn: nc, JS: js, Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Run(natstest.Context(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(log.String(), "DAMAGED"); got != tc.want {
				t.Errorf("damage told %t, want %t:\n%s", got, tc.want, &log)
			}
			if !strings.Contains(log.String(), "source has ended") {
				t.Errorf("the end was not told:\n%s", &log)
			}
		})
	}
}

// A source that fails at once says why, though publishing had hardly begun.
func TestASourceThatFailsAtOnceSaysWhy(t *testing.T) {
	nc, js := natstest.Start(t)
	if err := stream.Ensure(t.Context(), js, stream.Settings{Shards: 1}); err != nil {
		t.Fatal(err)
	}
	n, err := New(Config{Name: "in", Shards: 1, Sources: []SourceConfig{
		Replay(replay.Config{Collector: "c", Files: []string{"not-there.gz"}}),
	}}, Deps{Conn: nc, JS: js, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Run(natstest.Context(t, time.Minute)); err == nil || !strings.Contains(err.Error(), "not-there.gz") {
		t.Errorf("Run: %v, want one that names the file", err)
	}
}
