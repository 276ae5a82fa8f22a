package processor

import (
	"context"
	"fmt"
	"math"
	"time"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// lineLane is one shard of a Line with its part of the log.
type lineLane struct {
	engine  *engine
	builder *wire.FrameBuilder
	frame   uint64 // number of the last frame, and its sequence
	from    uint64 // first sequence of the range under construction
	frames  int    // in it
	fed     bool   // something was added since the last tick

	announced, withdrawn []route.NLRI // the split's scratch
}

// give adds a lane's part of u to its frame, which leaves when it is full.
func (l *Line) give(lane *lineLane, u *route.Update, s *route.Session, announced, withdrawn []route.NLRI) error {
	b := lane.builder
	if b.Updates() == 0 {
		received := route.Time(0)
		if l.cfg.Clock != nil {
			received = l.cfg.Clock()
		}
		b.Reset(received)
	}
	b.Add(u, s, announced, withdrawn)
	lane.fed = true
	if b.Len() >= stream.DefaultFrameBytes || l.cfg.FrameUpdates > 0 && b.Updates() >= l.cfg.FrameUpdates {
		return l.flush(lane, false)
	}
	return nil
}

// Tick lets engine time go on everywhere: shards that were given nothing since
// the tick before get one of their own, and everything gathered is judged. Call
// it each second of engine time; engine never falls.
func (l *Line) Tick(ctx context.Context, engine route.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.tick(engine, false)
}

// End says that the log ends here. Nothing may be added behind it.
func (l *Line) End(ctx context.Context) error {
	for _, lane := range l.lanes {
		if err := l.flush(lane, true); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.tick(math.MaxInt64, true)
}

func (l *Line) tick(engine route.Time, all bool) error {
	u := route.Update{
		Kind: route.KindTick, Peer: route.AllPeers,
		Number: l.number, Engine: engine, Collected: engine,
	}
	for _, lane := range l.lanes {
		if all || !lane.fed {
			if err := l.give(lane, &u, nil, nil, nil); err != nil {
				return err
			}
		}
		if err := l.flush(lane, true); err != nil {
			return err
		}
		lane.fed = false
	}
	return nil
}

// flush applies the frame under construction, and sends the range under
// construction if that is asked for or if it is due.
func (l *Line) flush(lane *lineLane, send bool) error {
	if lane.builder.Updates() > 0 {
		lane.frame++
		data := lane.builder.Bytes(lane.frame)
		start := time.Now()
		if err := lane.engine.apply(lane.frame, 0, data); err != nil {
			return fmt.Errorf("line: %w", err)
		}
		l.stats.Apply += time.Since(start)
		l.stats.Frames++
		l.stats.FrameBytes += uint64(len(data))
		lane.builder.Reset(0)
		lane.frames++
	}
	if lane.frames == 0 || !send && lane.frames < l.cfg.RangeFrames {
		return nil
	}
	return l.judge(lane)
}

// judge brings the range under construction to the correlator.
func (l *Line) judge(lane *lineLane) error {
	data := lane.engine.finishRange(1, lane.from, lane.frame+1)
	if err := l.rng.Decode(data); err != nil {
		return fmt.Errorf("line: %w", err)
	}
	start := time.Now()
	err := l.c.Range(&l.rng, func(a *alert.Alert) {
		l.stats.Alerts++
		l.emit(a)
	})
	took := time.Since(start)
	if err != nil {
		return fmt.Errorf("line: judge range of shard %d up to %d: %w", lane.engine.shard, lane.frame, err)
	}
	if l.cfg.Judged != nil {
		l.cfg.Judged(l.rng.NumRecords(), took)
	}
	l.stats.Judge += took
	l.stats.SlowestRange = max(l.stats.SlowestRange, took)
	l.stats.Ranges++
	l.stats.RangeBytes += uint64(len(data))
	lane.engine.startRange()
	lane.from, lane.frames = lane.frame+1, 0
	return nil
}

// LineStats counts since the Line was made.
type LineStats struct {
	Updates, Elements  uint64 // added, events included
	Frames, FrameBytes uint64
	Ranges, RangeBytes uint64
	Alerts             uint64   // messages
	Shards             Counters // of all shards together
	Degraded           bool     // a shard-wide bound refused entries
	Apply, Judge       time.Duration
	SlowestRange       time.Duration // longest time to judge one range
	Correlate          correlate.Stats
}

// Stats returns the counters. It may be called between two calls of Add, Tick
// and End.
func (l *Line) Stats() LineStats {
	s := l.stats
	for _, lane := range l.lanes {
		s.Shards.Add(&lane.engine.counters)
		s.Degraded = s.Degraded || lane.engine.rib.Counters.Degraded()
	}
	s.Correlate = l.c.Stats()
	return s
}

// Add adds the counters of another shard.
func (c *Counters) Add(o *Counters) {
	c.Frames += o.Frames
	c.Copies += o.Copies
	c.Behind += o.Behind
	c.BadFrames += o.BadFrames
	c.Holes += o.Holes
	c.Gaps += o.Gaps
	c.Updates += o.Updates
	c.Elements += o.Elements
	c.Replicas += o.Replicas
	c.IPv4 += o.IPv4
	c.IPv6 += o.IPv6
	c.Records += o.Records
	c.RecordsRefused += o.RecordsRefused
	c.Flags += o.Flags
	c.FlagsHeld += o.FlagsHeld
	c.FlagsLost += o.FlagsLost
	c.FlagsOld += o.FlagsOld
	c.IngestersRefused += o.IngestersRefused
	c.SessionsRefused += o.SessionsRefused
	c.RawRefused += o.RawRefused
	c.UnknownPeer += o.UnknownPeer
	c.AheadFrames += o.AheadFrames
	c.SkippedFrames += o.SkippedFrames
	c.HeavyFrames += o.HeavyFrames
	c.Skewed += o.Skewed
}
