package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/alert"
	"detour/ingest"
	"detour/ingest/archive"
	"detour/ingest/replay"
	"detour/internal/cputime"
	"detour/internal/latency"
	"detour/processor"
	"detour/processor/correlate"
	"detour/sink/terminal"
	"detour/stream"
)

// source feeds a pipeline and ends its log.
type source interface {
	Run(ctx context.Context) error
	Progress() replay.Progress
}

// pipeline is a whole detour in one process.
type pipeline struct {
	opts   replayOptions
	out    streams
	rules  correlate.Config // of the flags
	broker *broker
	source source
	pub    *stream.Publisher
	shards []*processor.Shard
	judge  *processor.Judge
	flags  *flagListener
	alerts *alertListener
	stages struct{ stored, applied, apply, judged, told latency.Recorder }

	recordings *replay.Source             // the source of a replay
	fetched    fetched                    // from archives
	tell       func(a *alert.Alert) error // takes the terminal's place for alerts, unless nil

	// disturb, in tests, gets the chance to end a shard and start another in
	// its place; it returns the context of shard n's next life, or nil.
	disturb func(ctx context.Context, n int) context.Context
	// frameBytes, in tests, cuts frames differently; 0 is the default.
	frameBytes int
}

func runReplay(ctx context.Context, o replayOptions, out streams) error {
	return (&pipeline{opts: o, out: out}).replay(ctx)
}

// replay runs everything, writes the report, and leaves nothing running.
func (p *pipeline) replay(ctx context.Context) error {
	cfg, err := p.opts.check()
	if err != nil {
		return usage(err)
	}
	cfg.Stdin = p.out.in
	if p.rules, err = p.opts.judging.config(p.out.err); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := p.fetch(ctx, &cfg); err != nil {
		return err
	}
	if p.broker, err = openBroker(ctx, p.opts); err != nil {
		return err
	}
	defer p.broker.close()
	if err := p.build(p.opener(cfg)); err != nil {
		return err
	}
	if f, ok := p.source.(*archive.Source); ok { // an interrupt is how it ends
		leave := ctx
		ctx = context.WithoutCancel(ctx)
		defer context.AfterFunc(leave, func() {
			stop() // another one ends the process
			f.Leave()
		})()
	}
	begin, cpu := time.Now(), cputime.Now()
	bar := showProgress(p.out.err, p.source.Progress)
	err = p.run(ctx)
	bar.stop()
	lost, ferr := p.flags.close(p.broker.nc)
	if p.alerts.lines != nil {
		err = errors.Join(err, p.alerts.lines.Close())
	}
	if err = errors.Join(err, ferr); err != nil {
		return err
	}
	if f, ok := p.source.(*archive.Source); ok {
		if p.recordings = f.Player(); p.recordings == nil {
			return errors.New("interrupted before the archive has given anything")
		}
	}
	return p.conclude(time.Since(begin), cputime.Now()-cpu, uint64(lost))
}

// opener returns what makes the source: a replay of recordings, or one that follows an
// archive.
func (p *pipeline) opener(cfg replay.Config) func(ingest.Output) (source, error) {
	return func(out ingest.Output) (source, error) {
		if p.opts.archive.follow {
			return archive.New(p.opts.archive.following(p.out.err), out)
		}
		var err error
		p.recordings, err = replay.New(cfg, out)
		return p.recordings, err
	}
}

// build makes every part; nothing runs yet.
func (p *pipeline) build(open func(ingest.Output) (source, error)) (err error) {
	tuneGC()
	o, b := p.opts, p.broker
	p.pub, err = stream.NewPublisher(b.js, stream.PublisherConfig{
		Ingester: "replay", Shards: o.shards, LagMax: o.lag(), FrameBytes: p.frameBytes, RequirePositions: true,
		OnAck: func(_ int, a stream.Ack) { p.stages.stored.Observe(a.Latency) },
	})
	if err != nil {
		return err
	}
	if p.source, err = open(p.pub); err != nil {
		return err
	}
	for n := range o.shards {
		s, err := p.newShard(n)
		if err != nil {
			return err
		}
		p.shards = append(p.shards, s)
	}
	cor := p.rules
	cor.Shards, cor.Limits.Pending = uint32(o.shards), replayPending
	if o.live {
		cor.Mode = correlate.Live
	}
	p.judge = processor.NewJudge(processor.JudgeConfig{
		Correlate: cor, Member: "correlator", UntilEnd: true,
		Observe: p.stages.judged.Observe, Stored: p.stages.told.Observe,
	}, p.deps())
	return p.listen()
}

// replayPending bounds the evidence that waits for the slowest shard.
const replayPending = 1 << 21

func (p *pipeline) deps() processor.Deps { return processor.Deps{Conn: p.broker.nc, JS: p.broker.js} }

func (p *pipeline) newShard(n int) (*processor.Shard, error) {
	return processor.NewShard(processor.Config{
		Shard: n, Shards: p.opts.shards, Watched: watchedBy(p.rules.Outside.Watch),
		Observe: func(since, apply time.Duration) {
			p.stages.applied.Observe(since)
			p.stages.apply.Observe(apply)
		},
	}, p.deps())
}

// listen opens the outputs.
func (p *pipeline) listen() error {
	flags, err := openLines(p.opts.flags, p.out)
	if err != nil {
		return err
	}
	alerts, err := openLines(p.opts.alerts, p.out)
	if err != nil {
		return err
	}
	// Two sinks, since each belongs to one goroutine; a line is one write.
	out := p.out.out
	if f, ok := out.(*os.File); ok && isTerminal(f) && isTerminal(p.out.err) {
		out = overBar{f}
	}
	term := func() *terminal.Sink { return terminal.New(terminal.Config{}, terminal.Deps{Out: out}) }
	p.alerts = newAlertListener(p.broker, alerts, term(), newShownAlerts(p.opts.prefixAlerts, p.rules.Outside.Watch))
	if p.tell != nil {
		p.alerts.tell = p.tell
	}
	p.flags, err = listenFlags(p.broker.nc, flags, showFlags(p.opts.show, term()))
	return err
}

// run ends when the correlator has judged all of the log and its alerts were
// told.
func (p *pipeline) run(ctx context.Context) error {
	given := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.pub.Run(ctx) })
	for n := range p.shards {
		group.Go(func() error { return p.runShard(ctx, n) })
	}
	group.Go(func() error { return p.alerts.run(ctx) })
	group.Go(func() error { return p.source.Run(ctx) })
	group.Go(func() error {
		if err := p.judge.Run(ctx); err != nil || ctx.Err() != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		defer cancel()
		return p.awaitAlerts(ctx)
	})
	err := group.Wait()
	if p.judge.Stats().Ended && errors.Is(err, context.Canceled) {
		return nil
	}
	if given.Err() != nil {
		return errors.New("interrupted before the end; what was printed is a part")
	}
	return err
}

// runShard runs shard n, and in tests its further lives.
func (p *pipeline) runShard(ctx context.Context, n int) error {
	for p.disturb != nil {
		life := p.disturb(ctx, n)
		if life == nil {
			break
		}
		if err := p.shards[n].Run(life); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		s, err := p.newShard(n)
		if err != nil {
			return err
		}
		p.shards[n] = s
	}
	return p.shards[n].Run(ctx)
}

// awaitAlerts waits until every stored alert was handed to its sink.
func (p *pipeline) awaitAlerts(ctx context.Context) error {
	st, err := p.broker.js.Stream(ctx, stream.AlertsStream)
	if err != nil {
		return fmt.Errorf("look up %s: %w", stream.AlertsStream, err)
	}
	for p.alerts.at.Load() < st.CachedInfo().State.LastSeq {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
