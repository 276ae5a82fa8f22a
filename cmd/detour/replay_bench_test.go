package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"detour/internal/cputime"
)

// unpacked returns a plain copy of a gzipped recording, so that the pipeline is
// measured and not the decompression.
func unpacked(b *testing.B, name string) string {
	b.Helper()
	f, err := os.Open(recording(b, name))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		b.Fatal(err)
	}
	plain := filepath.Join(b.TempDir(), "plain.mrt")
	if err := os.WriteFile(plain, data, 0o600); err != nil {
		b.Fatal(err)
	}
	return plain
}

// BenchmarkReplay sends five minutes of rrc00 through the whole pipeline on an
// embedded JetStream with file storage, cold and after priming with the same
// recording. elements/s is wall time on all cores.
func BenchmarkReplay(b *testing.B) {
	plain := unpacked(b, "mrt/ris.rrc00.updates.20190101.0000.gz")
	for _, c := range []struct {
		name   string
		rib    []string
		shards int
	}{{"cold", nil, 8}, {"primed", []string{plain}, 8}, {"cold-2-shards", nil, 2}} {
		b.Run(c.name, func(b *testing.B) {
			var elements uint64
			var seconds float64
			start := cputime.Now()
			for b.Loop() {
				o := replayOf(b, &pipeline{opts: replayOptions{files: []string{plain}, rib: c.rib, shards: c.shards}})
				elements += o.report.Elements.Sent
				seconds += o.report.WallSeconds
			}
			b.ReportMetric(float64(elements)/seconds, "elements/s")
			b.ReportMetric(float64((cputime.Now()-start).Nanoseconds())/float64(elements), "cpu-ns/element")
			b.ReportMetric(0, "ns/op")
		})
	}
}
