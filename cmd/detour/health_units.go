package main

import (
	"context"
	"sync"
	"time"

	"detour/internal/obs"
	"detour/processor/node"
	"detour/stream"
)

// unitsEvery is the time between two looks at the units that run here.
const unitsEvery = time.Second

// runProcessor runs a member of the cluster and keeps health up to date with its
// units.
func (d *daemon) runProcessor(ctx context.Context, n *node.Node) error {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() { d.watchUnits(ctx, n) })
	defer looking.Wait()
	defer cancel()
	return n.Run(ctx)
}

func (d *daemon) watchUnits(ctx context.Context, n *node.Node) {
	tick := time.NewTicker(unitsEvery)
	defer tick.Stop()
	known := map[string]bool{}
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := map[string]bool{}
		for _, u := range n.Stats().Units {
			name := stream.UnitName(u.Unit)
			now[name] = true
			d.health.Set(name, unitState(&u), unitReason(&u))
		}
		for name := range known {
			if !now[name] { // others run it
				d.health.Remove(name)
			}
		}
		known = now
	}
}

// unitState is Failing where a unit does not work at all.
func unitState(u *stream.UnitState) obs.State {
	switch {
	case u.Failed:
		return obs.Failing
	case u.Trouble != "":
		return obs.Degraded
	}
	return obs.OK
}

func unitReason(u *stream.UnitState) string {
	if u.Trouble == "" && !u.Current {
		return "catching up with its log"
	}
	return u.Trouble
}
