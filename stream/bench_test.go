package stream_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"detour/internal/natstest"
	"detour/route"
	"detour/stream"
)

// BenchmarkFrames stores and reads frames of 16 KB through the in-process
// server, file storage, one stream, at the same time.
func BenchmarkFrames(b *testing.B) {
	nc, js := natstest.Start(b)
	ensure(b, js, 1)
	s := stream.NewSender(nc, stream.SenderConfig{Subject: stream.UpdatesSubject(0)})
	run(b, s.Run)
	r := stream.NewReader(js, stream.ReaderConfig{Stream: stream.UpdatesStream(0)})
	run(b, func(ctx context.Context) error { return r.Run(ctx, 1, func(*stream.Message) error { return nil }) })
	ctx := context.Background()
	frame := make([]byte, 16<<10)
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Send(ctx, frame); err != nil {
			b.Fatal(err)
		}
	}
	last, err := s.Flush(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for r.Position() < last {
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(last)/b.Elapsed().Seconds(), "frames/s")
}

// BenchmarkReadBacklog reads frames of 16 KB that are stored already.
func BenchmarkReadBacklog(b *testing.B) {
	nc, js := natstest.Start(b)
	ensure(b, js, 1)
	s := stream.NewSender(nc, stream.SenderConfig{Subject: stream.UpdatesSubject(0)})
	run(b, s.Run)
	const count = 10_000
	frame := make([]byte, 16<<10)
	for range count {
		if err := s.Send(b.Context(), frame); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := s.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		r := stream.NewReader(js, stream.ReaderConfig{Stream: stream.UpdatesStream(0)})
		err := r.Run(b.Context(), 1, func(m *stream.Message) error {
			if n++; m.Pending == 0 {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "frames/s")
}

// BenchmarkPublisher takes realistic updates (path of 5, 2.5 prefixes, 4
// communities) to 8 stored streams: split, encoded, framed, acked.
func BenchmarkPublisher(b *testing.B) {
	for name, mode := range map[string]stream.Mode{"files": stream.Wait, "live": stream.Spill} {
		b.Run(name, func(b *testing.B) {
			_, js := natstest.Start(b)
			ensure(b, js, 8)
			p := newPublisher(b, js, stream.PublisherConfig{Shards: 8, Mode: mode, SpillBytes: 1 << 30})
			run(b, p.Run)
			us := updates(4096, 1)
			for _, u := range us {
				u.Path.ASNs = []route.ASN{64500, 3356, 1299, 4826, 13335}
				u.Communities = make([]byte, 16)
			}
			number := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				u := us[number%uint64(len(us))]
				number++
				u.Number, u.Engine = number, route.Time(1e15+number)
				if err := p.Add(b.Context(), u, session); err != nil {
					b.Fatal(err)
				}
			}
			if err := p.Drain(b.Context()); err != nil {
				b.Fatal(err)
			}
			s := p.Stats()
			b.ReportMetric(float64(s.Elements)/b.Elapsed().Seconds(), "elements/s")
			b.ReportMetric(float64(s.Elements)/float64(s.Frames), "elements/frame")
			if s.DroppedElements > 0 {
				b.Errorf("%+v", s)
			}
		})
	}
}

// Add itself allocates nothing; what remains is one message per frame in the
// client.
func TestAddDoesNotAllocatePerUpdate(t *testing.T) {
	_, js := natstest.Start(t)
	ensure(t, js, 8)
	p := newPublisher(t, js, stream.PublisherConfig{Shards: 8, FrameBytes: 200 << 10, Linger: time.Hour})
	run(t, p.Run)
	us := updates(512, 1)
	ctx := t.Context()
	number := uint64(0)
	add := func() {
		u := us[number%uint64(len(us))]
		number++
		u.Number = number
		if err := p.Add(ctx, u, session); err != nil {
			t.Fatal(err)
		}
	}
	for range 40_000 { // grow what is kept
		add()
	}
	if n := testing.AllocsPerRun(20_000, add); n != 0 {
		t.Errorf("%v allocations per update", n)
	}
}
