package checkpoint

import (
	"testing"

	"detour/internal/cputime"
	"detour/internal/natstest"

	"github.com/nats-io/nats.go/jetstream"
)

// BenchmarkStore saves and loads 64 MiB that compress to half, to disk and to an
// embedded NATS with one replica.
func BenchmarkStore(b *testing.B) {
	body := bodyOf(1, 64<<20)
	_, js := natstest.Start(b)
	for _, place := range []struct {
		name string
		dir  string
		js   jetstream.JetStream
	}{{"disk", b.TempDir(), nil}, {"nats", "", js}} {
		s := newStore(b, Config{Dir: place.dir}, Deps{JS: place.js})
		if err := s.Ensure(b.Context()); err != nil {
			b.Fatal(err)
		}
		sequence := uint64(0)
		b.Run("save/"+place.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			defer reportCPU(b)()
			for b.Loop() {
				sequence++
				if err := s.Save(b.Context(), metaOf("shard-3", sequence), body); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("load/"+place.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			defer reportCPU(b)()
			for b.Loop() {
				if _, _, problems, err := s.Load(b.Context(), "shard-3", nil); err != nil || problems != nil {
					b.Fatal(problems, err)
				}
			}
		})
	}
}

// reportCPU tells the CPU of the whole process, and with it of the embedded NATS.
// Unlike the time it hardly depends on what else the machine does.
func reportCPU(b *testing.B) (report func()) {
	before := cputime.Now()
	return func() {
		b.ReportMetric(float64((cputime.Now()-before).Milliseconds())/float64(b.N), "cpu-ms/op")
	}
}

// BenchmarkContainer is what of BenchmarkStore is compression and sums.
func BenchmarkContainer(b *testing.B) {
	body := bodyOf(1, 64<<20)
	data := sealedBytes(b, metaOf("shard-3", 1), body)
	b.Run("seal", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		defer reportCPU(b)()
		for b.Loop() {
			if _, err := seal(metaOf("shard-3", 1), body); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(data)), "bytes")
	})
	b.Run("open", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		defer reportCPU(b)()
		for b.Loop() {
			if _, _, err := open(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
