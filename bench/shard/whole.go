package shard

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"detour/alert"
	"detour/internal/cputime"
	"detour/internal/scenario/topo"
	"detour/processor"
	"detour/route"
)

// wholeShards is how many shards a whole processor has.
const wholeShards = 8

// transferTime is how long a table takes in engine time, as when peers send it.
const transferTime = route.Hour

// whole tells a table to all shards and to the correlator of one process, as
// frames and evidence.
func (o *outcome) whole(ctx context.Context, table *topo.Table, before uint64) error {
	l, err := processor.NewLine(processor.LineConfig{Shards: wholeShards, RangeFrames: 8}, func(*alert.Alert) {})
	if err != nil {
		return err
	}
	begin, updates, tick := cputime.Now(), route.Time(0), start
	step := transferTime / route.Time(table.NumAtoms()*o.Spec.Peers)
	for s, u := range table.Each {
		u.Engine = start + updates*step
		if err := l.Add(ctx, u, s); err != nil {
			return err
		}
		if updates++; u.Engine >= tick {
			if tick += route.Second; l.Tick(ctx, u.Engine) != nil {
				return ctx.Err()
			}
		}
	}
	if err := l.End(ctx); err != nil {
		return err
	}
	o.Routes = int(l.Stats().Elements)
	o.FillPerSecond = float64(o.Routes) / (cputime.Now() - begin).Seconds()
	if judged := l.Stats().Correlate.Elements; judged != uint64(o.Routes) {
		return fmt.Errorf("%d of %d elements were judged", judged, o.Routes)
	}
	o.Peak = cputime.PeakMemory()
	time.Sleep(settle)
	o.Resident = cputime.Memory()
	o.Filled = heap() - before
	runtime.KeepAlive(l)
	return nil
}
