package rislive

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/ingest/rislive/risltest"
)

// elementsOf leaves out events.
func elementsOf(by map[string][]string) map[string][]string {
	clean := map[string][]string{}
	for who, list := range by {
		for _, w := range list {
			if !strings.HasPrefix(w, "event") {
				clean[who] = append(clean[who], w)
			}
		}
	}
	return clean
}

// Every route element of a recording that RIS Live sends comes out, with its
// attributes, in its peer's order, by each way.
func TestWhatGoesInComesOut(t *testing.T) {
	const (
		four = "ris.rrc00.updates.20190101.0000.gz"
		two  = "ris.updates.20070211.0141.gz" // AS numbers of two octets
	)
	for _, test := range []struct {
		name, file, url string
		format          risltest.Format
		cfg             Config
	}{
		{"stream", four, "http", risltest.Format{WithRaw: true}, Config{}},
		{"WebSocket", four, "ws", risltest.Format{WithRaw: true, Modern: true}, Config{}},
		{"JSON alone", four, "http", risltest.Format{}, Config{WithoutRaw: true}},
		{"JSON of today alone", four, "http", risltest.Format{Modern: true}, Config{WithoutRaw: true}},
		{"JSON where raw is of no use", two, "http", risltest.Format{WithRaw: true}, Config{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && test.cfg.WithoutRaw {
				t.Skip("short: raw and fallback are enough")
			}
			lines := messagesOf(t, test.file, test.format)
			want, elements := direct(t, test.file)
			test.cfg.URL = test.url
			r := run(t, test.cfg, risltest.Play(lines))
			r.until(t, fmt.Sprintf("%d elements", elements), func() bool {
				s := r.Stats()
				read := s.Messages-s.Skipped["control"] == uint64(len(lines)) // but for the answer to a subscription
				return read && r.out.heard() >= elements                      // they are counted before they are handed on
			})
			stats := r.Stats()
			r.out.mu.Lock()
			defer r.out.mu.Unlock()
			got := elementsOf(r.out.by)
			if want := elementsOf(want); !maps.EqualFunc(want, got, slices.Equal) {
				t.Errorf("%d elements of %d; %v; (-want +got):\n%.4000s", r.out.elements, elements, stats.Skipped,
					cmp.Diff(want, got))
			}
			if elements < 10000 {
				t.Errorf("only %d elements: not much of a test", elements)
			}
		})
	}
}
