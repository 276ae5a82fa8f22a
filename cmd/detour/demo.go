package main

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"detour/stream"
)

const demoLong = `Show the whole chain on the leak of 2019-06-24, at its size, over a full table of a
million prefixes, and then on an hour like 2020-07-17. No file and no network is
needed: routes are made up as they go and sent through an embedded JetStream, the
shards, the correlator and out on NATS, as in a running deployment.

Networks, routes, who hears what and when are made up by construction, after
accounts of those days. What detour says of them is not.`

// demoOptions are the flags of "detour demo".
type demoOptions struct {
	prefixes, peers, shards int
	haste                   float64 // in tests: how much faster than for people
}

func newDemo() *cobra.Command {
	o := demoOptions{haste: 1}
	c := &cobra.Command{
		Use:   "demo [flags]",
		Short: "Show the leak of 2019-06-24, at its size, going through the whole chain",
		Long:  demoLong,
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runDemo(c.Context(), o, streams{c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()})
		},
	}
	f := c.Flags()
	f.IntVar(&o.prefixes, "prefixes", 1_000_000, "prefixes of the table; the leak has a twentieth of them, at most 20,000")
	f.IntVar(&o.peers, "peers", 12, "peers that have the table")
	f.IntVar(&o.shards, "shards", 4, "number of shards")
	return c
}

// Bounds of the flags: the named networks must find a place in the graph, and
// memory grows by some ten bytes for each prefix at each peer.
const (
	demoPrefixesMin, demoPrefixesMax = 20_000, 1_500_000
	demoPeersMin, demoPeersMax       = 3, 100
)

func (o *demoOptions) check() error {
	if o.prefixes < demoPrefixesMin || o.prefixes > demoPrefixesMax {
		return fmt.Errorf("--prefixes is %d, must be from %d to %d", o.prefixes, demoPrefixesMin, demoPrefixesMax)
	}
	if o.peers < demoPeersMin || o.peers > demoPeersMax {
		return fmt.Errorf("--peers is %d, must be from %d to %d", o.peers, demoPeersMin, demoPeersMax)
	}
	if err := stream.CheckShards(o.shards); err != nil {
		return fmt.Errorf("--shards: %w", err)
	}
	return nil
}

func runDemo(ctx context.Context, o demoOptions, out streams) error {
	if err := o.check(); err != nil {
		return usage(err)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	d := newDemoRun(o, out)
	if err := d.run(ctx); err != nil {
		return err
	}
	d.report()
	return d.found()
}
