package chaos

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/bench/chaos/traffic"
	"detour/bench/report"

	"detour/internal/pause"
)

// soakRate is route elements a second.
const soakRate = 20_000

// soakEvery is the time between two samples.
const soakEvery = 10 * time.Second

// Soak lets one processor work for a time on traffic of which paths and sets turn
// over, and fails if memory, goroutines or descriptors grow after the first third.
func Soak(ctx context.Context, o Options, length time.Duration) (*report.Section, error) {
	r, done, err := newRunner(o)
	if err != nil {
		return nil, err
	}
	defer done()
	s := longSize()
	if o.Short {
		s = shortSize()
	}
	o.Say("making traffic")
	endless, err := traffic.MakeEndless(r.dir, s.Shape)
	if err != nil {
		return nil, err
	}
	t, err := r.traffic(s.Shape)
	if err != nil {
		return nil, err
	}
	c, err := newCluster(ctx, &r.o, &spec{name: "soak", replicas: 1, size: s, processors: 1, noSink: true}, t, r.dir)
	if err != nil {
		return nil, err
	}
	list, err := c.soak(ctx, endless, length)
	if err = errors.Join(err, c.close()); err != nil {
		return nil, err
	}
	return soaked(list, endless)
}

// soak feeds an ingester by a pipe and looks at the processor meanwhile.
func (c *cluster) soak(ctx context.Context, endless *traffic.Endless, length time.Duration) ([]sample, error) {
	name := filepath.Join(c.dir, "endless.mrt")
	pipe, err := traffic.OpenPipe(name)
	if err != nil {
		return nil, err
	}
	var feeding errgroup.Group
	feeding.Go(func() error {
		out := bufio.NewWriterSize(pipe, 1<<16)
		if err := endless.Write(out, soakRate); !errors.Is(err, os.ErrClosed) {
			return err
		}
		return nil
	})
	source, err := c.prepare(&role{
		Command: "ingest", Name: "i-a", Collector: "soak", Spill: "64MiB", Prime: []string{endless.Table}, Play: name,
		Speed: 1,
	}, processorMax).process(c.o.Detour, c.dir)
	if err == nil {
		c.sources[0] = source
		err = source.start()
	}
	var list []sample
	for began := time.Now(); err == nil && time.Since(began) < length; {
		if err = pause.For(ctx, soakEvery); err != nil {
			break
		}
		var one sample
		if one, err = c.sample(ctx, time.Since(began)); err == nil {
			list = append(list, one)
			c.o.Say(one.String())
		}
		if source.ended() {
			err = errors.Join(err, fmt.Errorf("the ingester ended: %s", source.tail()))
		}
	}
	return list, errors.Join(err, pipe.Close(), feeding.Wait())
}
