package bmp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/bench/report"
	"detour/ingest/bmp"
	"detour/ingest/bmp/bmptest"
	"detour/internal/cputime"
)

// Options of a run.
type Options struct {
	Routers int
	Peers   int // of each router
	Rate    int // updates a second of each router
	For     time.Duration
	Short   bool
	Say     func(line string)
}

// Defaults of Options.
const (
	DefaultRouters = 100
	DefaultPeers   = 10
	DefaultRate    = 1000
	DefaultFor     = 60 * time.Second
)

func (o Options) withDefaults() (Options, error) {
	o.Routers = cmp.Or(o.Routers, DefaultRouters)
	o.Peers = cmp.Or(o.Peers, DefaultPeers)
	o.Rate = cmp.Or(o.Rate, DefaultRate)
	o.For = cmp.Or(o.For, DefaultFor)
	if o.Short {
		o.Routers, o.Rate, o.For = 10, 200, time.Second
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Routers < 1 || o.Routers > 1<<16 || o.Peers < 1 || o.Rate < 1 || o.For < time.Second {
		return o, errors.New("routers (up to 65,536), peers and rate must be above zero, the time a second or more")
	}
	return o, nil
}

// result is what a run measured.
type result struct {
	sent     bmptest.Sent
	elements uint64
	cpu      time.Duration // of all but the sending
	wall     time.Duration
	before   uint64 // resident memory, octets
	most     uint64
}

// Run sends what routers would send to a listener.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	o.Say(fmt.Sprintf("%d routers send %d updates a second each for %v", o.Routers, o.Rate, o.For))
	res, err := measure(ctx, o)
	if err != nil {
		return nil, err
	}
	return section(o, res), nil
}

func measure(ctx context.Context, o Options) (r result, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return r, fmt.Errorf("listen: %w", err)
	}
	e := &ear{last: map[uint32]uint32{}}
	source, err := bmp.New(bmp.Config{Listener: l, MaxConnections: o.Routers}, e)
	if err != nil {
		return r, errors.Join(err, l.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return source.Run(ctx) })
	load := bmptest.Load{Addr: l.Addr().String(), Routers: o.Routers, Peers: o.Peers, Rate: o.Rate, For: o.For}
	r.before = cputime.Memory()
	g.Go(func() error { return r.watchMemory(ctx) })
	g.Go(func() error {
		defer stop()
		start, cpu := time.Now(), cputime.Now()
		if r.sent, err = load.Run(ctx); err != nil {
			return err
		}
		err := await(ctx, source, o.Routers)
		r.wall, r.cpu = time.Since(start), cputime.Now()-cpu-r.sent.CPU
		_, r.elements = e.heard()
		return err
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return r, err
	}
	return r, e.check(r.sent.Updates)
}

// patience is how long the listener may take to come to the end of what was sent.
const patience = 30 * time.Second

// await waits until all connections have come to their end.
func await(ctx context.Context, source *bmp.Source, routers int) error {
	for end := time.Now().Add(patience); ; {
		st := source.Stats()
		switch {
		case st.Disconnects == uint64(routers):
			return nil
		case time.Now().After(end):
			return fmt.Errorf("%d of %d connections have ended within %v", st.Disconnects, routers, patience)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// watchMemory notes the most resident memory until ctx ends.
func (r *result) watchMemory(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		r.most = max(r.most, cputime.Memory())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
