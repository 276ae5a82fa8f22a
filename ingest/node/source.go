package node

import (
	"context"

	"detour/ingest"
	"detour/ingest/live"
	"detour/ingest/replay"
	"detour/stream"
)

// Source reads something and hands it to the output that it was made with.
type Source interface {
	// Run ends when the source has ended, or with ctx. An error is final.
	Run(ctx context.Context) error
	// Describe says for people what is read and how it fares. Any goroutine may ask.
	Describe() string
}

// SourceConfig is a source that a Node is to run.
type SourceConfig struct {
	// Name tells it from the Node's other sources.
	Name string
	// Waits says that it can be held back, as files can.
	Waits bool
	// New makes the source, which does nothing until Run.
	New func(out ingest.Output) (Source, error)
}

// Replay is the source that plays recordings.
func Replay(cfg replay.Config) SourceConfig {
	return SourceConfig{
		Name: cfg.Collector, Waits: cfg.Speed == 0,
		New: func(out ingest.Output) (Source, error) { return replay.New(cfg, out) },
	}
}

// What sources may tell beside: progress where they play recordings, counts where
// they have sessions or connections.
type (
	plays    interface{ Progress() replay.Progress }
	connects interface{ Stats() live.Stats }
)

// FeedStats is what a source and its publisher count.
type FeedStats struct {
	Ingester string
	Replay   *replay.Progress // of sources that play recordings
	Live     *live.Stats      // of sources with sessions
	Log      stream.PublisherStats
}

// Stats may be called from any goroutine.
func (n *Node) Stats() []FeedStats {
	var list []FeedStats
	for _, f := range n.feeds {
		s := FeedStats{Ingester: f.name, Log: f.pub.Stats()}
		if source, ok := f.source.(plays); ok {
			p := source.Progress()
			s.Replay = &p
		}
		if source, ok := f.source.(connects); ok {
			l := source.Stats()
			s.Live = &l
		}
		list = append(list, s)
	}
	return list
}
