package node

import (
	"context"

	"detour/processor"
	"detour/stream"
)

// worker is what a shard and the correlator have in common.
type worker interface {
	Run(ctx context.Context) error
	Place() (sequence, end uint64, open bool)
}

// unit is a worker on this node.
type unit struct {
	worker
	number int
	show   func(on bool) // tells the node that it runs
}

// Run implements cluster.Unit.
func (u *unit) Run(ctx context.Context) error {
	u.show(true)
	defer u.show(false)
	return u.worker.Run(ctx)
}

// State implements cluster.Unit.
func (u *unit) State() stream.UnitState {
	s := stream.UnitState{Unit: u.number}
	var open bool
	if s.Sequence, s.End, open = u.Place(); !open {
		s.Trouble = "waiting for its stream"
	}
	return s
}

// Finish implements cluster.Unit.
func (u *unit) Finish(context.Context) error { return nil }

func (n *Node) newShard(_ context.Context, number int) (*unit, error) {
	s, err := processor.NewShard(processor.Config{
		Shard: number, Shards: n.cfg.Shards, Member: n.cfg.Member, Watched: n.cfg.Watched,
		Observe: n.cfg.Applied, OnlyNews: true,
	}, n.procDeps())
	if err != nil {
		return nil, err
	}
	return &unit{worker: s, number: number, show: func(on bool) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if delete(n.shards, number); on {
			n.shards[number] = s
		}
	}}, nil
}

func (n *Node) newJudge(context.Context) (*unit, error) {
	j := processor.NewJudge(processor.JudgeConfig{
		Correlate: n.cfg.Correlate, Member: n.cfg.Member, Observe: n.cfg.Judged, Stored: n.cfg.Told,
	}, n.procDeps())
	return &unit{worker: j, number: stream.CorrelatorUnit, show: func(on bool) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.judge = nil; on {
			n.judge = j
		}
	}}, nil
}
