package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/config"
	"detour/internal/obs"
	"detour/processor"
	"detour/processor/checkpoint"
	"detour/processor/node"
	"detour/processor/reference"
	"detour/route"
	"detour/stream"
)

const processLong = `Run shards and the correlator: keep every peer's routes, find what is out of the
ordinary, judge it, and store alerts. Any number of processors may run, each with
a name of its own; they share the units among themselves, and when one dies the
others take its units over. With process.replicas: 2 every unit runs twice, so
that a death is not noticed.`

func newProcess() *cobra.Command {
	return newDaemon(config.RoleProcess, "Run shards and the correlator", processLong,
		func(ctx context.Context, d *daemon) error {
			n, err := d.newProcessor(ctx)
			if err != nil {
				return err
			}
			defer context.AfterFunc(d.leaving, n.Leave)()
			return n.Run(ctx)
		})
}

// newProcessor makes a member of the cluster.
func (d *daemon) newProcessor(ctx context.Context) (*node.Node, error) {
	rules, err := detectConfig(&d.cfg.Detect, d.out.err)
	if err != nil {
		return nil, badConfig(err)
	}
	store, err := d.newStore(ctx)
	if err != nil {
		return nil, err
	}
	var watch atomic.Pointer[reference.Watch]
	watch.Store(rules.Outside.Watch)
	p := &d.cfg.Process
	cfg := node.Config{
		Member: d.name, Shards: d.cfg.Streams.Shards, Replicas: p.Replicas, Correlate: rules,
		Elements: uint64(p.Checkpoint.Elements), Interval: p.Checkpoint.Interval,
		Watched: func(p route.Prefix, origin route.ASN) bool {
			w := watch.Load()
			return w != nil && (w.Match(p) != nil || w.ASN(origin) != nil)
		},
	}
	d.measureUnits(&cfg)
	n, err := node.New(cfg, node.Deps{
		Conn: d.nc, JS: d.js, Store: store, Report: d.report, Log: obs.Sampled(d.log, logBurst, logEvery),
	})
	if err != nil {
		return nil, err
	}
	d.metrics.Add(clusterMetrics(n.Stats, cfg.Shards))
	d.metrics.Add(checkpointMetrics(n.Kept))
	heard, err := listenForMetrics(d.nc)
	if err != nil {
		return nil, err
	}
	d.metrics.Add(heard.source())
	reload := func(ctx context.Context, next *config.Config) error {
		rules, err := detectConfig(&next.Detect, d.out.err)
		if err != nil {
			return err
		}
		watch.Store(rules.Outside.Watch)
		return n.SetOutside(ctx, rules.Outside)
	}
	d.reload.Store(&reload)
	return n, nil
}

// The log takes so many lines of a kind in a while, and counts the others.
const (
	logBurst = 10
	logEvery = 10 * time.Second
)

// report brings a unit's trouble into health. What is wrong with a checkpoint, or
// was skipped, lets detection go on.
func (d *daemon) report(condition, problem string) {
	if problem == "" {
		d.health.Set(condition, obs.OK, "")
		return
	}
	d.health.Set(condition, obs.Degraded, problem)
}

// newStore opens where checkpoints are kept. That it cannot be used now is told,
// and tried again with each checkpoint.
func (d *daemon) newStore(ctx context.Context) (*checkpoint.Store, error) {
	store, err := checkpoint.New(checkpoint.Config{
		Dir: d.cfg.Process.Checkpoint.Dir, Member: d.name, Replicas: d.cfg.Streams.Replicas,
		OldestFormat: node.OldestFormat, NewestFormat: node.NewestFormat,
	}, checkpoint.Deps{JS: d.js, Log: d.log})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, bucketsWait)
	defer cancel()
	switch err := store.Ensure(ctx); {
	case errors.Is(err, stream.ErrIncompatible):
		return nil, err
	case err != nil:
		d.log.Warn("checkpoints cannot be kept everywhere yet; \"detour stream ensure\" makes their buckets", "error", err)
		d.report("checkpoints", err.Error())
	}
	return store, nil
}

// bucketsWait is short: a role that may not make buckets hears nothing from NATS.
const bucketsWait = 3 * time.Second

// measureUnits lets the metrics of each shard and of the correlator come and go
// with it.
func (d *daemon) measureUnits(cfg *node.Config) {
	meters := make([]*shardMeter, cfg.Shards)
	for n := range meters {
		meters[n] = newShardMeter(d.metrics, n)
	}
	cfg.Applied = func(shard int) func(since, apply time.Duration) { return meters[shard].observe }
	cfg.ShowShard = func(shard int, s *processor.Shard) func() {
		return d.metrics.Add(shardMetrics(shard, s, meters[shard]))
	}
	cfg.ShowJudge = func(j *processor.Judge) func() { return d.metrics.Add(judgeMetrics(j, cfg.Correlate)) }
	cfg.Judged = d.metrics.Histogram(obs.JudgeRange).Observe
	cfg.Told = d.metrics.Histogram(obs.TellReceiveToAlert).Observe
}
