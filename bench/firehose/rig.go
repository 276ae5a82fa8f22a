package firehose

import (
	"context"
	"errors"
	"fmt"
	"time"

	"detour/processor"
	"detour/processor/correlate"
	"detour/stream"

	"golang.org/x/sync/errgroup"
)

// rig is a whole detour with ears, as separate processes would be connected.
type rig struct {
	spec   Spec
	w      *world
	broker *broker
	pub    *stream.Publisher
	shards []*processor.Shard
	judge  *processor.Judge
	flags  *flagEar
	alerts *alertEar
	feeder *feeder
	events *events
}

// newRig makes every part; nothing runs yet but the server.
func newRig(ctx context.Context, s Spec, w *world) (r *rig, err error) {
	r = &rig{spec: s, w: w, events: newEvents(w)}
	if r.broker, err = openBroker(ctx, s); err != nil {
		return nil, err
	}
	if err := r.build(); err != nil {
		r.broker.close()
		return nil, err
	}
	return r, nil
}

func (r *rig) build() (err error) {
	cfg := stream.PublisherConfig{Ingester: "bench", Shards: r.spec.Shards, LagMax: lagMax, RequirePositions: true}
	if r.spec.Rate > 0 {
		cfg.Mode = stream.Spill
	}
	if r.pub, err = stream.NewPublisher(r.broker.ingest.js, cfg); err != nil {
		return err
	}
	r.feeder = newFeeder(r.w, r.pub, r.events)
	deps := processor.Deps{Conn: r.broker.process.nc, JS: r.broker.process.js}
	for n := range r.spec.Shards {
		s, err := processor.NewShard(processor.Config{
			Shard: n, Shards: r.spec.Shards, Watched: r.w.watched(),
		}, deps)
		if err != nil {
			return err
		}
		r.shards = append(r.shards, s)
	}
	r.judge = processor.NewJudge(processor.JudgeConfig{
		Correlate: correlate.Config{
			Shards: uint32(r.spec.Shards), Mode: correlate.Live, Outside: correlate.Outside{Watch: r.w.watch},
		},
		Member: "correlator",
	}, deps)
	if r.flags, err = listenFlags(r.broker.ears.nc); err != nil {
		return err
	}
	r.alerts = listenAlerts(r.broker.ears.js, r.events)
	return nil
}

// lagMax is how far a shard may be behind the log at full speed, in bytes: a
// second or so.
const lagMax = 4 << 20

// errDone ends what runs when the driver has done its work.
var errDone = errors.New("the run is over")

// run lets everything live while drive does, and ends it.
func (r *rig) run(ctx context.Context, drive func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.pub.Run(gctx) })
	for _, s := range r.shards {
		group.Go(func() error { return s.Run(gctx) })
	}
	group.Go(func() error { return r.alerts.run(gctx) })
	group.Go(func() error { return r.judge.Run(gctx) })
	var driven error
	group.Go(func() error {
		defer cancel(errDone)
		driven = drive(gctx)
		return driven
	})
	err := group.Wait()
	if driven == nil && errors.Is(context.Cause(ctx), errDone) {
		return nil
	}
	return err
}

// stall is how long nothing may be judged while something waits.
const stall = 30 * time.Second

// settle waits until all that was sent is judged and told.
func (r *rig) settle(ctx context.Context) error {
	if err := r.pub.Drain(ctx); err != nil {
		return err
	}
	sent := r.pub.Stats().Elements
	return r.await(ctx, "the correlator", func() (uint64, bool) {
		n := r.judge.Stats().Correlate.Elements
		return n, n >= sent
	})
}

// hear waits until ears have heard what was told.
func (r *rig) hear(ctx context.Context) error {
	return r.await(ctx, "flags and alerts", func() (uint64, bool) {
		begun, heard := r.events.counts()
		told, flags := r.counters(), r.flags.heard.Load()
		return flags + uint64(heard), heard >= begun && flags >= told.Flags-told.FlagsLost
	})
}

func (r *rig) await(ctx context.Context, what string, done func() (progress uint64, ok bool)) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	last, moved := uint64(0), time.Now()
	for {
		n, ok := done()
		switch {
		case ok:
			return nil
		case n != last:
			last, moved = n, time.Now()
		case time.Since(moved) > stall:
			return fmt.Errorf("wait for %s: no progress at %d in %v", what, n, stall)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		}
	}
}

// counters are those of all shards, as of their last ranges.
func (r *rig) counters() (sum processor.Counters) {
	for _, s := range r.shards {
		c := s.Stats().Counters
		sum.Add(&c)
	}
	return sum
}
