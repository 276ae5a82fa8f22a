package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"detour/internal/snapshot"
	"detour/processor/checkpoint"
	"detour/stream"
)

// restored makes a worker with the state of the newest checkpoint that fits; a
// new one, which reads the log from its start, where there is none.
func (n *Node) restored(ctx context.Context, number int, fresh func() (worker, error)) (worker, error) {
	name := stream.UnitName(number)
	kept := n.keptOf(number)
	if n.deps.Store == nil {
		return fresh()
	}
	log, err := n.logOf(ctx, number)
	if err != nil {
		return nil, err
	}
	var refused []checkpoint.Meta
	for {
		meta, body, problems, err := n.deps.Store.Load(ctx, name, func(m checkpoint.Meta) error {
			return n.accept(m, log, refused)
		})
		n.loaded(kept, name, problems)
		if errors.Is(err, checkpoint.ErrNone) {
			n.deps.Log.Info("no checkpoint, reads the log from its start", "unit", name)
			return fresh()
		}
		if err != nil {
			return nil, fmt.Errorf("load checkpoint: %w", err)
		}
		w, err := fresh()
		if err != nil {
			return nil, err
		}
		if err = w.Restore(body); err == nil {
			kept.began(meta)
			n.deps.Log.Info("goes on from a checkpoint", "unit", name, "sequence", meta.Sequence, "made", meta.Made,
				"by", meta.Member)
			return w, nil
		}
		refused = append(refused, meta)
		n.loaded(kept, name, []checkpoint.Problem{{Place: "state of", Name: name, Err: err}})
	}
}

// loaded tells of checkpoints that could not be used.
func (n *Node) loaded(kept *Kept, name string, problems []checkpoint.Problem) {
	for _, p := range problems {
		kept.failed("load", 1)
		n.deps.Log.Error("checkpoint passed over", "unit", name, "err", p)
		n.deps.Report(checkpointCondition(name), p.Error())
	}
}

func checkpointCondition(unit string) string { return "checkpoint " + unit }

// accept refuses checkpoints that do not belong to the log as it is.
func (n *Node) accept(m checkpoint.Meta, log *jetstream.StreamInfo, refused []checkpoint.Meta) error {
	for _, r := range refused {
		if r.Sequence == m.Sequence && r.StreamCreated.Equal(m.StreamCreated) && r.Made.Equal(m.Made) {
			return errors.New("its state could not be restored")
		}
	}
	switch {
	case m.Shards != n.cfg.Shards:
		return fmt.Errorf("it is of %d shards, not of %d", m.Shards, n.cfg.Shards)
	case !m.StreamCreated.Equal(log.Created.Round(0)):
		return fmt.Errorf("it is of a log that was made at %v, this one was at %v", m.StreamCreated, log.Created)
	case m.Sequence > log.State.LastSeq:
		return fmt.Errorf("it is of sequence %d, the log ends at %d", m.Sequence, log.State.LastSeq)
	}
	return nil
}

// logWait bounds one question about a log; they are repeated until ctx ends.
const (
	logWait  = time.Second
	logAgain = 250 * time.Millisecond
)

// logOf looks at the log of a unit, from its leader.
func (n *Node) logOf(ctx context.Context, number int) (*jetstream.StreamInfo, error) {
	name := stream.EvidenceStream
	if number != stream.CorrelatorUnit {
		name = stream.UpdatesStream(number)
	}
	for {
		asked, cancel := context.WithTimeout(ctx, logWait)
		st, err := n.deps.JS.Stream(asked, name)
		cancel()
		if err == nil {
			return st.CachedInfo(), nil
		}
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return nil, fmt.Errorf("look up %s: %w", name, err)
		}
		select {
		case <-time.After(logAgain):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Formats of states that can be restored.
const (
	OldestFormat = snapshot.Format
	NewestFormat = snapshot.Format
)
