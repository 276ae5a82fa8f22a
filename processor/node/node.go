package node

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/processor"
	"detour/processor/cluster"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
)

// Config of a Node. Member and Shards are needed.
type Config struct {
	Member   string
	Shards   int
	Replicas int // of each unit; 1
	// Correlate is the correlator's; its Shards and Mode are set here.
	Correlate correlate.Config
	// Watched is processor.Config's.
	Watched func(p route.Prefix, origin route.ASN) bool
	// Elements and Interval: a checkpoint is made after so many route elements,
	// or so much time if anything came; by default DESIGN §9's.
	Elements uint64
	Interval time.Duration
	// LeaveWait is cluster.Config's.
	LeaveWait time.Duration
	// Applied and Told observe frames and alerts on their way; may be nil.
	Applied func(since, apply time.Duration)
	Judged  func(took time.Duration)
	Told    func(since time.Duration)
}

// Defaults of Config (DESIGN §9).
const (
	DefaultElements = 2_000_000
	DefaultInterval = 10 * time.Minute
)

// Deps of a Node.
type Deps struct {
	Conn *nats.Conn
	JS   jetstream.JetStream
	Log  *slog.Logger // nil is silent
}

// Node is a processor process.
type Node struct {
	cfg     Config
	deps    Deps
	manager *cluster.Manager

	mu     sync.Mutex
	shards map[int]*processor.Shard // that run
	judge  *processor.Judge
}

// New returns a Node that does nothing until Run.
func New(cfg Config, deps Deps) (*Node, error) {
	if cfg.Replicas == 0 {
		cfg.Replicas = 1
	}
	if cfg.Elements == 0 {
		cfg.Elements = DefaultElements
	}
	if cfg.Interval == 0 {
		cfg.Interval = DefaultInterval
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Correlate.Shards, cfg.Correlate.Mode = uint32(cfg.Shards), correlate.Live
	n := &Node{cfg: cfg, deps: deps, shards: map[int]*processor.Shard{}}
	var err error
	n.manager, err = cluster.New(cluster.Config{
		Member: cfg.Member, Shards: cfg.Shards, Replicas: cfg.Replicas, LeaveWait: cfg.LeaveWait, Make: n.unit,
	}, cluster.Deps{Conn: deps.Conn, Log: deps.Log})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Run is a member of the cluster until Leave has handed everything over, or ctx
// ends.
func (n *Node) Run(ctx context.Context) error { return n.manager.Run(ctx) }

// Leave begins an orderly end of Run. Any goroutine may call it.
func (n *Node) Leave() { n.manager.Leave() }

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

// A shard tells what it knows at least once a second, so that two seconds without
// anything new are the end.
const (
	settleStep  = 100 * time.Millisecond
	settleSteps = 20
)

func (n *Node) atEnd() bool {
	units := n.manager.Stats().Units
	for _, u := range units {
		if u.Trouble != "" || u.Sequence < u.End {
			return false
		}
	}
	return len(units) > 0
}

// unit makes a unit for the manager.
func (n *Node) unit(ctx context.Context, unit int) (cluster.Unit, error) {
	if unit == stream.CorrelatorUnit {
		return n.newJudge(ctx)
	}
	return n.newShard(ctx, unit)
}

func (n *Node) procDeps() processor.Deps {
	return processor.Deps{Conn: n.deps.Conn, JS: n.deps.JS, Log: n.deps.Log}
}
