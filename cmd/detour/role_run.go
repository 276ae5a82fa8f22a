package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	ingest "detour/ingest/node"
	"detour/internal/config"
	processor "detour/processor/node"
)

const runLong = `Everything in one process: sources, shards, correlator and sinks, with a NATS
server inside unless nats.url names one. What it stores outlives it.

Ends by itself when every source has ended and all of it is judged and told.`

func newRun() *cobra.Command {
	return newDaemon(config.RoleRun, "Do everything in one process", runLong, runAll)
}

// settleWait bounds how long shards, correlator and sinks may take for what is
// left when the sources have ended.
const settleWait = 30 * time.Second

// runAll ends its parts in the order in which updates pass them, so that nothing
// is left on the way.
func runAll(ctx context.Context, d *daemon) error {
	ing, err := d.newIngester()
	if err != nil {
		return err
	}
	proc, err := d.newProcessor(ctx)
	if err != nil {
		return err
	}
	out, err := newSinks(d)
	if err != nil {
		return err
	}
	defer context.AfterFunc(d.leaving, ing.Leave)()
	telling, stopTelling := context.WithCancel(ctx)
	defer stopTelling()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return out.run(telling) })
	group.Go(func() error {
		defer stopTelling()
		if err := d.runProcessor(ctx, proc); err != nil {
			return err
		}
		return out.settled(ctx)
	})
	group.Go(func() error { return endAfter(ctx, d, ing, proc) })
	return group.Wait()
}

// endAfter lets the processor leave when the sources have ended and all that they
// stored was judged.
func endAfter(ctx context.Context, d *daemon, ing *ingest.Node, proc *processor.Node) error {
	if err := d.runIngester(ctx, ing); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, settleWait)
	defer cancel()
	if err := proc.Settled(wait); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	proc.Leave()
	return nil
}
