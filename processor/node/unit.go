package node

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"detour/processor"
	"detour/stream"
)

// worker is what a shard and the correlator have in common.
type worker interface {
	Run(ctx context.Context) error
	Place() (sequence, end uint64, open bool)
	Restore(body []byte) error
	Snapshot(ctx context.Context, reuse []byte) (processor.Snapshot, error)
	Rest(yes bool)
}

// unit is a worker on this node with its checkpoints.
type unit struct {
	worker
	node   *Node
	number int
	keeper *keeper
}

// newUnit makes a unit with the state of its newest checkpoint that is whole.
func (n *Node) newUnit(ctx context.Context, number int, fresh func() (worker, error)) (*unit, error) {
	w, err := n.restored(ctx, number, fresh)
	if err != nil {
		return nil, err
	}
	return &unit{worker: w, node: n, number: number, keeper: n.newKeeper(number, w)}, nil
}

// Run implements cluster.Unit.
func (u *unit) Run(ctx context.Context) error {
	defer u.show()()
	ctx, cancel := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() { u.keeper.run(ctx) })
	err := u.worker.Run(ctx)
	cancel()
	keeping.Wait()
	name := stream.UnitName(u.number)
	if u.node.poisonOf(u.number).Again(err) {
		u.node.deps.Report(name, err.Error())
	}
	if errors.Is(err, stream.ErrStreamReplaced) {
		err = fmt.Errorf("%w; it begins at the new stream's start", err)
	}
	return err
}

// show tells the node, and whoever measures, that the unit runs.
func (u *unit) show() (end func()) {
	n, hide := u.node, func() {}
	switch w := u.worker.(type) {
	case *processor.Shard:
		if n.cfg.ShowShard != nil {
			hide = n.cfg.ShowShard(u.number, w)
		}
	case *processor.Judge:
		n.setJudge(w)
		if n.cfg.ShowJudge != nil {
			hide = n.cfg.ShowJudge(w)
		}
	}
	return func() {
		if u.number == stream.CorrelatorUnit {
			n.setJudge(nil)
		}
		hide()
	}
}

func (n *Node) setJudge(j *processor.Judge) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.judge = j
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
func (u *unit) Finish(ctx context.Context) error { return u.keeper.last(ctx) }

// poisonOf returns what stopped a unit before, in any of its lives here.
func (n *Node) poisonOf(number int) *processor.Poison {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.poison[number]
	if p == nil {
		p = &processor.Poison{}
		n.poison[number] = p
	}
	return p
}

func (n *Node) procDeps() processor.Deps {
	return processor.Deps{Conn: n.deps.Conn, JS: n.deps.JS, Log: n.deps.Log}
}

func (n *Node) makeShard(number int) (worker, error) {
	cfg := processor.Config{
		Shard: number, Shards: n.cfg.Shards, Member: n.cfg.Member, Watched: n.cfg.Watched,
		OnlyNews: true, Skip: n.poisonOf(number).Skip(),
	}
	if n.cfg.Applied != nil {
		cfg.Observe = n.cfg.Applied(number)
	}
	return processor.NewShard(cfg, n.procDeps())
}

func (n *Node) makeJudge() (worker, error) {
	n.mu.Lock()
	cfg := n.cfg.Correlate
	cfg.Outside = n.outside
	n.mu.Unlock()
	return processor.NewJudge(processor.JudgeConfig{
		Correlate: cfg, Member: n.cfg.Member, Observe: n.cfg.Judged, Stored: n.cfg.Told,
		Skip: n.poisonOf(stream.CorrelatorUnit).Skip(),
	}, n.procDeps()), nil
}
