package rislive

import (
	"context"
	"testing"

	"detour/ingest"
	"detour/ingest/live"
	"detour/ingest/rislive/risltest"
	"detour/internal/cputime"
	"detour/route"
)

func testHandler(out ingest.Output) *handler {
	return newHandler(live.NewDesk(out, live.Config{}), true)
}

// nothing takes everything.
type nothing struct{}

func (nothing) Add(context.Context, *route.Update, *route.Session) error { return nil }
func (nothing) Tick(context.Context, route.Time) error                   { return nil }
func (nothing) End(context.Context) error                                { return nil }

// BenchmarkLine takes real messages from the line to the output. cpu-ns is what counts
// on a machine that has other work.
func BenchmarkLine(b *testing.B) {
	for name, f := range map[string]risltest.Format{
		"raw": {WithRaw: true}, "raw-modern": {WithRaw: true, Modern: true}, "json": {}, "json-modern": {Modern: true},
	} {
		b.Run(name, func(b *testing.B) {
			lines := messagesOf(b, "ris.rrc00.updates.20190101.0000.gz", f)
			h := testHandler(nothing{})
			bytes := 0
			for _, l := range lines {
				bytes += len(l)
			}
			b.SetBytes(int64(bytes / len(lines)))
			b.ReportAllocs()
			i, used := 0, cputime.Now()
			for b.Loop() {
				if err := h.line(b.Context(), lines[i]); err != nil {
					b.Fatal(err)
				}
				i = (i + 1) % len(lines)
			}
			b.ReportMetric(float64((cputime.Now()-used).Nanoseconds())/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(h.desk.Stats().Elements)/float64(b.N), "elements/op")
		})
	}
}
