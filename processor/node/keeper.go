package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"detour/processor"
	"detour/processor/checkpoint"
	"detour/stream"
)

// keeper makes the checkpoints of one unit while it runs. All but last belongs to
// run's goroutine.
type keeper struct {
	asked chan chan error // for one now

	node     *Node
	number   int
	work     worker
	kept     *Kept
	elements uint64 // of the last one
	sequence uint64
	at       time.Time
	tried    time.Time
}

// Times of a keeper.
const (
	keepLook  = time.Second
	keepLeast = 10 * time.Second // between two, whatever comes
	keepWait  = 2 * time.Minute  // bounds one
)

func (n *Node) newKeeper(number int, w worker) *keeper {
	k := &keeper{asked: make(chan chan error), node: n, number: number, work: w, kept: n.keptOf(number), at: time.Now()}
	k.sequence, _, _ = w.Place()
	k.elements = elementsOf(w)
	return k
}

// elementsOf returns the route elements that a unit has applied, ever.
func elementsOf(w worker) uint64 {
	switch w := w.(type) {
	case *processor.Shard:
		return w.Stats().Elements
	case *processor.Judge:
		return w.Stats().Correlate.Elements
	}
	return 0
}

// run keeps checkpoints until ctx ends.
func (k *keeper) run(ctx context.Context) {
	if k.node.deps.Store == nil {
		return
	}
	tick := time.NewTicker(keepLook)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if k.due(time.Now()) {
				k.tried = time.Now()
				k.report(ctx, k.keep(ctx))
			}
		case answer := <-k.asked:
			err := k.keep(ctx)
			k.report(ctx, err)
			answer <- err
		case <-ctx.Done():
			return
		}
	}
}

// due reports whether it is time for one, and for this member to make it.
func (k *keeper) due(now time.Time) bool {
	sequence, _, open := k.work.Place()
	least := min(keepLeast, k.node.cfg.Interval)
	if !open || sequence == k.sequence || now.Sub(k.at) < least || now.Sub(k.tried) < least {
		return false
	}
	if elementsOf(k.work)-k.elements < k.node.cfg.Elements && now.Sub(k.at) < k.node.cfg.Interval {
		return false
	}
	return slices.Contains(k.node.manager.Stats().First, k.number)
}

// last makes one more before the unit ends; another goroutine calls it.
func (k *keeper) last(ctx context.Context) error {
	if k.node.deps.Store == nil {
		return nil
	}
	answer := make(chan error, 1)
	select {
	case k.asked <- answer:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// keep makes one checkpoint; no other of this node at the same time.
func (k *keeper) keep(ctx context.Context) error {
	select {
	case k.node.saving <- struct{}{}:
		defer func() { <-k.node.saving }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, keepWait)
	defer cancel()
	begin := time.Now()
	snap, err := k.work.Snapshot(ctx, nil)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	err = k.node.deps.Store.Save(ctx, checkpoint.Meta{
		Unit: stream.UnitName(k.number), Format: NewestFormat, Shards: k.node.cfg.Shards,
		StreamCreated: snap.Created, Sequence: snap.Sequence, Engine: snap.Engine, Elements: snap.Elements,
	}, snap.Body)
	var partly *checkpoint.SaveError
	if err == nil || errors.As(err, &partly) && len(partly.Written) > 0 {
		k.at, k.sequence, k.elements = begin, snap.Sequence, snap.Elements
		k.kept.saved(&snap, begin)
	}
	return err
}

// report tells health, log and metrics how it went.
func (k *keeper) report(ctx context.Context, err error) {
	name := stream.UnitName(k.number)
	if err == nil {
		k.node.deps.Report(checkpointCondition(name), "")
		return
	}
	if ctx.Err() != nil {
		return // the unit ends
	}
	k.kept.count(err)
	k.node.deps.Log.Error("checkpoint failed, the one before holds", "unit", name, "err", err)
	k.node.deps.Report(checkpointCondition(name), err.Error())
}
