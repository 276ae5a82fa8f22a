package node

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"detour/processor"
	"detour/processor/checkpoint"
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
	// LeaveWait and Beat are cluster.Config's.
	LeaveWait time.Duration
	Beat      func()
	// Show is told of each shard and correlator that begins, and what it returns is
	// called when that ends. Applied gives what a shard's frames are told to, Judged
	// and Told what ranges and alerts are. All may be nil.
	ShowShard func(shard int, s *processor.Shard) (end func())
	ShowJudge func(j *processor.Judge) (end func())
	Applied   func(shard int) func(since, apply time.Duration)
	Judged    func(took time.Duration)
	Told      func(since time.Duration)
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
	// Store keeps checkpoints; nil keeps none, and every start reads the log.
	Store *checkpoint.Store
	// Report takes what is wrong with a unit or its checkpoints, for health; "" is
	// nothing. nil takes nothing.
	Report func(condition, problem string)
	Log    *slog.Logger // nil is silent
}

// Node is a processor process.
type Node struct {
	cfg     Config
	deps    Deps
	manager *cluster.Manager
	saving  chan struct{} // holds a token while a checkpoint is made: one at a time, for its memory

	mu      sync.Mutex
	outside correlate.Outside
	judge   *processor.Judge // that runs
	poison  map[int]*processor.Poison
	kept    map[int]*Kept
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
	if deps.Report == nil {
		deps.Report = func(string, string) {}
	}
	cfg.Correlate.Shards, cfg.Correlate.Mode = uint32(cfg.Shards), correlate.Live
	n := &Node{
		cfg: cfg, deps: deps, saving: make(chan struct{}, 1), outside: cfg.Correlate.Outside,
		poison: map[int]*processor.Poison{}, kept: map[int]*Kept{},
	}
	var err error
	n.manager, err = cluster.New(cluster.Config{
		Member: cfg.Member, Shards: cfg.Shards, Replicas: cfg.Replicas, LeaveWait: cfg.LeaveWait, Beat: cfg.Beat,
		Make: n.unit,
	}, cluster.Deps{Conn: deps.Conn, Log: deps.Log})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Run is a member of the cluster until Leave has handed everything over, or ctx
// ends.
func (n *Node) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var told sync.WaitGroup
	told.Go(func() { n.tellCoverage(ctx) })
	defer told.Wait()
	defer cancel()
	return n.manager.Run(ctx)
}

// Leave begins an orderly end of Run. Any goroutine may call it.
func (n *Node) Leave() { n.manager.Leave() }

// Stats returns what the member knows of the cluster.
func (n *Node) Stats() *cluster.Stats { return n.manager.Stats() }

// SetOutside takes other knowledge from elsewhere, also for a correlator that
// begins later.
func (n *Node) SetOutside(ctx context.Context, o correlate.Outside) error {
	n.mu.Lock()
	n.outside = o
	j := n.judge
	n.mu.Unlock()
	if j == nil {
		return nil
	}
	if err := j.SetOutside(ctx, o); err != nil && !errors.Is(err, processor.ErrNotRunning) {
		return err
	}
	return nil
}

// unit makes a unit for the manager.
func (n *Node) unit(ctx context.Context, number int) (cluster.Unit, error) {
	if number == stream.CorrelatorUnit {
		return n.newUnit(ctx, number, n.makeJudge)
	}
	return n.newUnit(ctx, number, func() (worker, error) { return n.makeShard(number) })
}
