package node

import (
	"context"
	"errors"
	"fmt"

	"detour/ingest/dump"
	"detour/ingest/replay"
	"detour/stream"
)

// feed is a source and its publisher.
type feed struct {
	node   *Node
	name   string
	what   string
	source *replay.Source
	pub    *stream.Publisher
}

func (n *Node) newFeed(cfg *replay.Config) (*feed, error) {
	f := &feed{node: n, name: n.feedName(cfg.Collector), what: "replay of " + cfg.Collector}
	pc := stream.PublisherConfig{
		Ingester: f.name, Shards: n.cfg.Shards, Mode: stream.Spill, SpillBytes: n.cfg.SpillBytes,
	}
	if cfg.Speed == 0 { // a file can wait
		pc.Mode, pc.RequirePositions = stream.Wait, true
	}
	if n.cfg.Stored != nil {
		stored := n.cfg.Stored(f.name)
		pc.OnAck = func(_ int, a stream.Ack) { stored(a) }
	}
	var err error
	if f.pub, err = stream.NewPublisher(n.deps.JS, pc); err != nil {
		return nil, fmt.Errorf("ingester %s: %w", f.name, err)
	}
	if f.source, err = replay.New(*cfg, f.pub); err != nil {
		return nil, fmt.Errorf("ingester %s: %w", f.name, err)
	}
	return f, nil
}

// run ends when the source has ended, or reading has, and what it gave is stored.
func (f *feed) run(ctx, reading context.Context) error {
	publishing, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		err := f.pub.Run(publishing)
		if err != nil {
			stop() // nobody would take what the source has
		}
		done <- err
	}()
	reading, stopReading := context.WithCancel(reading)
	defer stopReading()
	defer context.AfterFunc(publishing, stopReading)()
	err := f.source.Run(reading)
	f.tellReports()
	if errors.Is(err, context.Canceled) {
		err = f.drain(publishing)
	}
	stop()
	if failed := <-done; failed != nil {
		return fmt.Errorf("ingester %s: %w", f.name, failed)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("ingester %s: %w", f.name, err)
	}
	return nil
}

// tellReports says what the recordings were worth: what could not be read is
// missing in all that follows.
func (f *feed) tellReports() {
	reports, _ := f.source.Reports()
	for _, r := range reports {
		if r.Damaged() {
			f.node.deps.Log.Warn("recording is DAMAGED, a part of it was not read", "file", r.Name, "records", r.Records,
				"damage", dump.Damage(r))
		}
	}
	p := f.source.Progress()
	f.node.deps.Log.Info("source has ended", "ingester", f.name, "updates", p.Updates, "elements", p.Elements)
}

// drain stores what was read, if that goes in time.
func (f *feed) drain(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, f.node.cfg.DrainWait)
	defer cancel()
	if err := f.pub.Drain(wait); err != nil && ctx.Err() == nil {
		s := f.pub.Stats()
		return fmt.Errorf("what was read could not be stored in %v (%d octets wait): %w",
			f.node.cfg.DrainWait, s.SpilledBytes, err)
	}
	return nil
}

// describe says for people what is read and how it fares.
func (f *feed) describe() string {
	p := f.source.Progress()
	switch {
	case p.Priming:
		return fmt.Sprintf("%s: priming, %d elements", f.what, p.Elements)
	case p.Updates == 0:
		return f.what + ": waiting"
	}
	at := p.Engine.Std().UTC().Format("2006-01-02 15:04:05")
	return fmt.Sprintf("%s: %d elements, now at %s", f.what, p.Elements, at)
}

// FeedStats is what a source and its publisher count.
type FeedStats struct {
	Ingester string
	Source   replay.Progress
	Log      stream.PublisherStats
}

// Stats may be called from any goroutine.
func (n *Node) Stats() []FeedStats {
	var list []FeedStats
	for _, f := range n.feeds {
		list = append(list, FeedStats{f.name, f.source.Progress(), f.pub.Stats()})
	}
	return list
}
