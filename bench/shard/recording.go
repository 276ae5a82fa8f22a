package shard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"detour/bench/measure"
	"detour/bench/recording"
	"detour/ingest/replay"
	"detour/internal/cputime"
	"detour/processor"
	"detour/route"
	"detour/wire"
)

// frameBytes is the size at which ingesters cut frames.
const frameBytes = 16 << 10

// recorded is what one recording came to.
type recorded struct {
	name             string
	elements, events int
	framed           float64 // allocations per element of decoding and framing
	cold, known      pass
}

// pass is one run of a recording through a shard.
type pass struct {
	speed  float64 // elements of CPU-second
	allocs float64 // per element
	facts  float64 // evidence records per element
}

// measureRecording brings a recording to an empty shard, and once more to the
// shard that then knows all of it.
func measureRecording(ctx context.Context, corpus, name string) (*recorded, error) {
	path := filepath.Join(corpus, name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: no %s", recording.ErrAbsent, name)
	}
	r := &recorded{name: filepath.Base(name)}
	first, err := frame(ctx, path, 1)
	if err != nil {
		return nil, fmt.Errorf("measure %s: %w", name, err)
	}
	again, err := frame(ctx, path, 2)
	if err != nil {
		return nil, fmt.Errorf("measure %s: %w", name, err)
	}
	r.elements, r.events = first.elements, first.events
	r.framed = float64(again.allocs) / float64(again.elements)
	core, err := processor.NewCore(processor.Config{Shards: 1, Flags: func(*processor.Flag) {}})
	if err != nil {
		return nil, err
	}
	for _, run := range []struct {
		frames *framed
		pass   *pass
	}{{first, &r.cold}, {again, &r.known}} {
		if *run.pass, err = run.frames.apply(core); err != nil {
			return nil, fmt.Errorf("measure %s: %w", name, err)
		}
	}
	return r, nil
}

// framed is a recording as a shard's log. It is an ingest.Output.
type framed struct {
	builder          *wire.FrameBuilder
	bytes            []byte // of all frames
	ends             []int
	elements, events int
	allocs           uint64
}

func frame(ctx context.Context, path string, epoch uint64) (*framed, error) {
	f := &framed{
		builder: wire.NewFrameBuilder("bench", epoch), bytes: make([]byte, 0, 64<<20), ends: make([]int, 0, 1<<16),
	}
	f.builder.Reset(1)
	s, err := replay.New(replay.Config{Collector: "bench", Files: []string{path}}, f)
	if err != nil {
		return nil, err
	}
	before := measure.Mallocs()
	if err := s.Run(ctx); err != nil {
		return nil, err
	}
	f.flush()
	f.allocs = measure.Mallocs() - before
	return f, nil
}

// Add takes an update.
func (f *framed) Add(_ context.Context, u *route.Update, s *route.Session) error {
	f.builder.Add(u, s, u.Announced, u.Withdrawn)
	f.elements += u.Elements()
	if u.Kind != route.KindUpdate {
		f.events++
	}
	if f.builder.Len() >= frameBytes {
		f.flush()
	}
	return nil
}

// Tick and End are for those who wait; nobody does.
func (f *framed) Tick(context.Context, route.Time) error { return nil }

// End does nothing: the log goes on with the second pass.
func (f *framed) End(context.Context) error { return nil }

func (f *framed) flush() {
	if f.builder.Updates() == 0 {
		return
	}
	f.bytes = append(f.bytes, f.builder.Bytes(uint64(len(f.ends))+1)...)
	f.ends = append(f.ends, len(f.bytes))
	f.builder.Reset(1)
}

// apply brings the frames to a shard.
func (f *framed) apply(core *processor.Core) (pass, error) {
	counters := core.Counters()
	runtime.GC()
	allocs, begin, from := measure.Mallocs(), cputime.Now(), 0
	for _, to := range f.ends {
		if _, err := core.Apply(f.bytes[from:to]); err != nil {
			return pass{}, err
		}
		from = to
	}
	cpu := cputime.Now() - begin
	allocs = measure.Mallocs() - allocs
	now := core.Counters()
	if got := int(now.Elements - counters.Elements); got != f.elements {
		return pass{}, fmt.Errorf("%d of %d elements were applied", got, f.elements)
	}
	n := float64(f.elements)
	return pass{n / cpu.Seconds(), float64(allocs) / n, float64(now.Records-counters.Records) / n}, nil
}
