package archive

import (
	"strings"
	"testing"

	"detour/ingest/live"
)

// TestTroubleIsDescribedUntilTheNextFile: a status that names only what came would hide
// that nothing comes any more.
func TestTroubleIsDescribedUntilTheNextFile(t *testing.T) {
	s, err := New(Config{Collector: "rrc00", Access: Access{BaseURL: "http://127.0.0.1:1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.desk.Tell(live.EventDisconnect, "rrc00", "given up after 6 attempts")
	if got := s.Describe(); !strings.HasSuffix(got, ": looking for files; disconnected: given up after 6 attempts") {
		t.Errorf("%q", got)
	}
	s.desk.Tell(live.EventConnect, "updates.20260101.0000.gz", "")
	if got := s.Describe(); !strings.HasSuffix(got, ": looking for files") {
		t.Errorf("%q", got)
	}
}
