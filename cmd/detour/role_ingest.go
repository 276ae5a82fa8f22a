package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"detour/ingest/node"
	"detour/internal/config"
	"detour/internal/obs"
	"detour/stream"
)

const ingestLong = `Read sources and store what they say on the log, a stream for each shard. Any
number of ingesters may run, each with a name of its own. While NATS does not
answer, updates wait in memory, within ingest.spill_bytes; beyond that they are
dropped, counted, and the loss is stated in the log.

Ends by itself when every source has ended.`

func newIngest() *cobra.Command {
	return newDaemon(config.RoleIngest, "Read sources into the log", ingestLong,
		func(ctx context.Context, d *daemon) error {
			n, err := d.newIngester()
			if err != nil {
				return err
			}
			defer context.AfterFunc(d.leaving, n.Leave)()
			return d.runIngester(ctx, n)
		})
}

// newIngester makes the sources that the configuration names.
func (d *daemon) newIngester() (*node.Node, error) {
	cfg := node.Config{Name: d.name, Shards: d.cfg.Streams.Shards, SpillBytes: int64(d.cfg.Ingest.SpillBytes)}
	cfg.Stored = func(ingester string) func(stream.Ack) {
		stored := d.metrics.Histogram(obs.LogStored, ingester)
		return func(a stream.Ack) { stored.Observe(a.Latency) }
	}
	var err error
	if cfg.Sources, err = sourcesOf(&d.cfg.Ingest, d.log); err != nil {
		return nil, fmt.Errorf("set up sources: %w", err)
	}
	n, err := node.New(cfg, node.Deps{Conn: d.nc, JS: d.js, Log: d.log})
	if err != nil {
		return nil, fmt.Errorf("set up sources: %w", err)
	}
	d.metrics.Add(ingestMetrics(n.Stats, cfg.SpillBytes))
	return n, nil
}
