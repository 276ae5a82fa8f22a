package node

import (
	"context"
	"time"
)

// A shard tells what it knows at least once a second, so that two seconds without
// anything new are the end.
const (
	settleStep  = 100 * time.Millisecond
	settleSteps = 20
)

// Settled waits until every unit of this node has read its log to the end, and
// nothing came for a while: what the last frames amount to is then told.
func (n *Node) Settled(ctx context.Context) error {
	tick := time.NewTicker(settleStep)
	defer tick.Stop()
	for quiet := 0; quiet < settleSteps; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if quiet++; !n.atEnd() {
			quiet = 0
		}
	}
	return nil
}

func (n *Node) atEnd() bool {
	units := n.manager.Stats().Units
	for _, u := range units {
		if u.Trouble != "" || u.Sequence < u.End {
			return false
		}
	}
	return len(units) > 0
}
