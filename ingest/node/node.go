package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"detour/stream"
)

// Config of a Node. Name, Shards and a source are needed.
type Config struct {
	Name       string
	Shards     int
	SpillBytes int64 // of each source; 0 is the publisher's default
	Sources    []SourceConfig
	// DrainWait bounds how long the last frames may take to be stored.
	DrainWait time.Duration
	// Stored gives what an ingester's stored frames are told to; may be nil.
	Stored func(ingester string) func(stream.Ack)
}

// DefaultDrainWait is longer than JetStream takes to choose a new leader.
const DefaultDrainWait = 15 * time.Second

// Deps of a Node.
type Deps struct {
	Conn *nats.Conn
	JS   jetstream.JetStream
	Log  *slog.Logger // nil is silent
}

// Node is an ingester process.
type Node struct {
	cfg     Config
	deps    Deps
	feeds   []*feed
	started int64
	leave   chan struct{}
	once    sync.Once
}

// New returns a Node that does nothing until Run.
func New(cfg Config, deps Deps) (*Node, error) {
	if len(cfg.Sources) == 0 {
		return nil, errors.New("ingest: no source is configured")
	}
	if cfg.DrainWait == 0 {
		cfg.DrainWait = DefaultDrainWait
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	n := &Node{cfg: cfg, deps: deps, leave: make(chan struct{})}
	for i := range cfg.Sources {
		f, err := n.newFeed(&cfg.Sources[i])
		if err != nil {
			return nil, err
		}
		n.feeds = append(n.feeds, f)
	}
	return n, nil
}

// Leave begins an orderly end of Run. Any goroutine may call it, and again.
func (n *Node) Leave() { n.once.Do(func() { close(n.leave) }) }

// Run ends when every source has ended and all of it is stored, in order after
// Leave, or at once with ctx. An error is final: a source cannot be read, or
// nothing can be stored.
func (n *Node) Run(ctx context.Context) error {
	n.started = time.Now().UnixMicro()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var feeds errgroup.Group
	for _, f := range n.feeds {
		feeds.Go(func() error { return f.run(ctx, reading) })
	}
	group.Go(func() error {
		defer cancel() // ends the heartbeat
		return feeds.Wait()
	})
	group.Go(func() error {
		select {
		case <-n.leave:
			stop()
		case <-ctx.Done():
		}
		return nil
	})
	group.Go(func() error {
		n.beat(ctx)
		return nil
	})
	return group.Wait()
}

// beat tells heartbeats until ctx ends, and then the last one.
func (n *Node) beat(ctx context.Context) {
	tick := time.NewTicker(stream.HeartbeatEvery)
	defer tick.Stop()
	for {
		for _, f := range n.feeds {
			n.tell(&stream.Heartbeat{Member: f.name, Source: f.source.Describe()})
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			for _, f := range n.feeds {
				n.tell(&stream.Heartbeat{Member: f.name, Goodbye: true})
			}
			return
		}
	}
}

func (n *Node) tell(h *stream.Heartbeat) {
	h.Role, h.Started = stream.RoleIngest, n.started
	if err := stream.PublishHeartbeat(n.deps.Conn, h); err != nil && n.deps.Conn.IsConnected() {
		n.deps.Log.Warn("heartbeat not sent", "err", err)
	}
}

// feedName is the name under which a source's updates stand in the log.
func (n *Node) feedName(source string) string {
	if len(n.cfg.Sources) == 1 {
		return n.cfg.Name
	}
	return fmt.Sprintf("%s-%s", n.cfg.Name, source)
}
