package processor

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"detour/internal/snapshot"
	"detour/processor/rib"
	"detour/route"
	"detour/stream"
)

// Deps of a Shard and of a Judge.
type Deps struct {
	Conn *nats.Conn
	JS   jetstream.JetStream
	Log  *slog.Logger // nil is silent
}

func (d Deps) log() *slog.Logger {
	if d.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Log
}

// rangeFrames sends a range after so many frames even if they stated nothing:
// the correlator's time stands still without.
const rangeFrames = 64

// Shard runs one shard, from the start of its stream or from a snapshot on.
type Shard struct {
	cfg      Config
	deps     Deps
	engine   *engine
	reader   *stream.Reader
	sender   *stream.Sender
	position *stream.PositionReporter
	codec    *snapshot.Codec
	mailbox
	patience

	current  bool   // the end of the log was reached once
	from, to uint64 // sequences that the range under construction covers
	frames   int    // in it
	sent     time.Time
	stats    atomic.Pointer[ShardStats]

	quarantined   atomic.Pointer[[]Quarantined]
	quarantineAt  time.Time // when a frame in quarantine was told of last
	quarantineOld uint64    // frames in quarantine that were looked at
}

// ShardStats is what a shard tells of itself, as of its last range.
type ShardStats struct {
	Counters
	RIB          rib.Counters
	Fills        rib.Fills
	Reader       stream.ReaderStats
	Peers        int
	ApplyNanos   int64
	SlowestApply time.Duration // of one frame
	Quarantined  uint64        // frames ever
	Ingesters    []IngesterCounters
}

// NewShard returns a shard that does nothing until Run.
func NewShard(cfg Config, deps Deps) (*Shard, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	codec, err := shardCodec()
	if err != nil {
		return nil, err
	}
	s := &Shard{cfg: cfg, deps: deps, codec: codec, mailbox: newMailbox()}
	if cfg.Flags == nil {
		flags := stream.NewFlagPublisher(deps.Conn)
		s.cfg.Flags = s.publishFlag(flags)
	}
	s.engine = newEngine(s.cfg)
	s.reader = stream.NewReader(deps.JS, stream.ReaderConfig{Stream: stream.UpdatesStream(cfg.Shard), Mail: s.mail})
	s.sender = stream.NewSender(deps.Conn, stream.SenderConfig{Subject: stream.EvidenceSubject(cfg.Shard)})
	s.position = stream.NewPositionReporter(deps.Conn, cfg.Member, cfg.Shard)
	s.stats.Store(&ShardStats{})
	return s, nil
}

// Stats returns the counters as of the last range.
func (s *Shard) Stats() ShardStats { return *s.stats.Load() }

// Place says how far the shard has read its stream, and where that ends; open is
// false until the stream was found.
func (s *Shard) Place() (sequence, end uint64, open bool) { return s.reader.Place() }

// Run reads the stream, from its start unless Restore was called, and ends with
// ctx, or when the stream or the connection is gone. After a PoisonedError the
// shard is of no more use. It runs once.
func (s *Shard) Run(ctx context.Context) error {
	defer close(s.over)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.sender.Run(ctx) })
	group.Go(func() error { return s.beat(ctx) })
	group.Go(func() error {
		return s.reader.Run(ctx, s.to, func(m *stream.Message) error { return s.handle(ctx, m) })
	})
	return group.Wait()
}

// beat lets the reader's goroutine send a range and a position when nothing
// else does.
func (s *Shard) beat(ctx context.Context) error {
	t := time.NewTicker(s.cfg.RangeAge)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		select {
		case <-ctx.Done():
			return nil
		case s.mail <- func() error {
			if time.Since(s.sent) < s.cfg.RangeAge || s.to == 0 {
				return nil
			}
			return s.send(ctx)
		}:
		}
	}
}

// handle applies one message and sends the range when it is due: large, or of
// many frames, or nothing is waiting to be read.
func (s *Shard) handle(ctx context.Context, m *stream.Message) error {
	if s.to == 0 {
		s.from = m.Sequence - m.Hole
	}
	start := time.Now()
	err := guarded(m, s.cfg.Shard, func() error { return s.engine.take(m.Sequence, m.Hole, m.Stored, m.Data) })
	took := time.Since(start)
	if _, poisoned := errors.AsType[*PoisonedError](err); poisoned {
		return err
	}
	s.tellQuarantine(err)
	s.to = m.Sequence + 1
	s.frames++
	s.current = s.current || m.Pending == 0
	s.engine.spent += took
	s.engine.slowest = max(s.engine.slowest, took)
	if received := s.engine.at.received; s.cfg.Observe != nil && received != 0 {
		s.cfg.Observe(start.Add(took).Sub(received.Std()), took)
	}
	if err := s.position.Report(m.Sequence, start); err != nil {
		return err
	}
	if s.engine.rng.Len() >= s.cfg.RangeBytes || s.frames >= rangeFrames || m.Pending == 0 {
		if err := s.send(ctx); err != nil {
			return err
		}
	}
	s.patience.after(ctx, time.Since(start))
	return nil
}

// send sends the range under construction and begins the next.
func (s *Shard) send(ctx context.Context) error {
	data := s.engine.finishRange(route.TimeOf(s.reader.Created()), s.from, s.to)
	if err := s.sender.Send(ctx, data); err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end of ctx is the normal end
		}
		return err
	}
	s.engine.startRange()
	s.from, s.frames, s.sent = s.to, 0, time.Now()
	s.tell()
	return s.position.Report(s.to-1, s.sent)
}

func (s *Shard) tell() {
	e := s.engine
	s.stats.Store(&ShardStats{
		Counters: e.counters, RIB: e.rib.Counters, Fills: e.rib.Fills(), Reader: s.reader.Stats(), Peers: len(e.peers),
		ApplyNanos: int64(e.spent), SlowestApply: e.slowest,
		Quarantined: e.quarantine.total, Ingesters: e.blamed.snapshot(),
	})
}

// publishFlag sends flags to whoever listens. An error means that there is no
// connection; the reader will notice, too.
func (s *Shard) publishFlag(p *stream.FlagPublisher) FlagFunc {
	return func(f *Flag) {
		if s.cfg.OnlyNews && !s.current {
			s.engine.counters.FlagsOld++
			return
		}
		subject := stream.FlagSubject(string(f.Kind), f.Expected)
		if p.Publish(subject, f.Shard, f.Sequence, f.Index, f.Received, f.Line) != nil {
			s.engine.counters.FlagsLost++
		}
	}
}
