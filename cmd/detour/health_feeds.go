package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"detour/ingest/node"
	"detour/internal/obs"
)

// runIngester runs sources and keeps health up to date with what waits for the
// log, and with what was lost.
func (d *daemon) runIngester(ctx context.Context, n *node.Node) error {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() { d.watchFeeds(ctx, n) })
	defer looking.Wait()
	defer cancel()
	return n.Run(ctx)
}

// lossTold is how long a loss shows in health.
const lossTold = 5 * time.Minute

func (d *daemon) watchFeeds(ctx context.Context, n *node.Node) {
	tick := time.NewTicker(unitsEvery)
	defer tick.Stop()
	dropped := map[string]uint64{}
	lost := map[string]time.Time{}
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, f := range n.Stats() {
			if f.Log.DroppedUpdates > dropped[f.Ingester] {
				dropped[f.Ingester], lost[f.Ingester] = f.Log.DroppedUpdates, time.Now()
			}
			state, reason := obs.OK, ""
			switch {
			case time.Since(lost[f.Ingester]) < lossTold:
				state = obs.Degraded
				reason = fmt.Sprintf("%d updates were dropped, the last at %s: the log could not be written for too long",
					f.Log.DroppedUpdates, lost[f.Ingester].UTC().Format(time.RFC3339))
			case f.Log.SpilledBytes > 0:
				state, reason = obs.Degraded, fmt.Sprintf("%d octets wait for the log", f.Log.SpilledBytes)
			}
			d.health.Set("log of "+f.Ingester, state, reason)
		}
	}
}
