package bmp_test

import (
	"context"
	"io"
	"testing"

	"detour/ingest/bmp"
	bt "detour/ingest/bmp/bmptest"
	"detour/ingest/live"
	"detour/route"
)

// sink is an output that takes everything.
type sink struct{ elements int }

func (s *sink) Add(_ context.Context, u *route.Update, _ *route.Session) error {
	s.elements += u.Elements()
	return nil
}
func (s *sink) Tick(context.Context, route.Time) error { return nil }
func (s *sink) End(context.Context) error              { return nil }

// again reads first, and then n times loop.
type again struct {
	first, loop []byte
	at, n       int
}

func (a *again) Read(p []byte) (n int, err error) {
	if len(a.first) > 0 {
		n = copy(p, a.first)
		a.first = a.first[n:]
		return n, nil
	}
	for n < len(p) && a.n > 0 {
		c := copy(p[n:], a.loop[a.at:])
		n += c
		if a.at += c; a.at == len(a.loop) {
			a.at = 0
			a.n--
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (a *again) Close() error { return nil }

// BenchmarkServe reads updates of two prefixes, from bytes to the output.
func BenchmarkServe(b *testing.B) {
	var out sink
	desk := live.NewDesk(&out, live.Config{})
	in := &again{
		first: hello("r1"), n: b.N,
		loop: peer.Routes(bt.Update(4, []uint32{theirs, 64600, 64700, 64800, 64999}, bt.Prefix("192.0.2.0/24"),
			bt.Prefix("198.51.100.0/24"))),
	}
	b.SetBytes(int64(len(in.loop)))
	b.ReportAllocs()
	if err := bmp.Serve(b.Context(), in, desk, bmp.RouterConfig{}); err != nil {
		b.Fatal(err)
	}
	if out.elements != 2*b.N+1 {
		b.Fatalf("%d elements of %d updates of two", out.elements, b.N)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(out.elements), "ns/element")
}
