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
	source Source
	pub    *stream.Publisher
}

func (n *Node) newFeed(cfg *SourceConfig) (*feed, error) {
	f := &feed{node: n, name: n.feedName(cfg.Name)}
	pc := stream.PublisherConfig{
		Ingester: f.name, Shards: n.cfg.Shards, Mode: stream.Spill, SpillBytes: n.cfg.SpillBytes,
	}
	if cfg.Waits {
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
	if f.source, err = cfg.New(f.pub); err != nil {
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
	broken := publishing.Err() == nil && err != nil && !errors.Is(err, context.Canceled) // of the source's own making
	f.tellReports()
	if err == nil || errors.Is(err, context.Canceled) {
		err = f.drain(publishing)
	}
	stop()
	if failed := <-done; failed != nil && (!broken || !errors.Is(failed, context.Canceled)) {
		return fmt.Errorf("ingester %s: %w", f.name, failed)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("ingester %s: %w", f.name, err)
	}
	return nil
}

// tellReports says what recordings were worth: what could not be read is missing in
// all that follows.
func (f *feed) tellReports() {
	source, ok := f.source.(*replay.Source)
	if !ok {
		return
	}
	reports, _ := source.Reports()
	for _, r := range reports {
		if r.Damaged() {
			f.node.deps.Log.Warn("recording is DAMAGED, a part of it was not read", "file", r.Name, "records", r.Records,
				"damage", dump.Damage(r))
		}
	}
	p := source.Progress()
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
