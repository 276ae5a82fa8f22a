package processor

import (
	"context"
	"fmt"
	"math/bits"
	"time"

	"detour/alert"
	"detour/processor/correlate"
	"detour/processor/rib"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// LineConfig of a Line. The zero value is one shard with every default.
type LineConfig struct {
	Shards    int // 1
	RIB       rib.Config
	Correlate correlate.Config // its Shards is set by the Line
	// Watched says which prefixes, or origins, get evidence that others do not
	// need; nil is none. See Config.
	Watched func(route.Prefix, route.ASN) bool
	Flags   FlagFunc // nil drops flags
	// FrameUpdates ends a frame after so many updates, RangeFrames a range of
	// evidence after so many frames; 0 is 16 KiB, and 1. With 1 and 1 evidence
	// is judged as soon as its update was added. No cut changes what is told.
	FrameUpdates, RangeFrames int
	// Clock says when the ingester had an update, for alert.Timing alone; nil
	// leaves it unknown.
	Clock func() route.Time
	// Judged is called for each range with the records that it held and the
	// time that judging took; may be nil.
	Judged func(records int, took time.Duration)
}

// Line is shards and a correlator in one goroutine, without NATS: the same
// engine and the same correlator over the same bytes of frames and ranges. It
// stores nothing, so nothing can be missing or come twice. For evaluation,
// explanations and tests.
//
// A Line takes what stream.Publisher takes (Add, Tick, End) and belongs to one
// goroutine.
type Line struct {
	cfg    LineConfig
	lanes  []*lineLane
	c      *correlate.Correlator
	emit   func(*alert.Alert)
	rng    wire.Range
	number uint64 // of the last update added
	stats  LineStats
}

// linePending bounds the records that wait for the slowest shard, unless the
// configuration says otherwise: a primed table comes at one engine time.
const linePending = 1 << 22

// NewLine returns a Line that calls emit for each alert message, in order; an
// alert belongs to emit.
func NewLine(cfg LineConfig, emit func(*alert.Alert)) (*Line, error) {
	if cfg.Shards == 0 {
		cfg.Shards = 1
	}
	if cfg.RangeFrames == 0 {
		cfg.RangeFrames = 1
	}
	cfg.Correlate.Shards = uint32(cfg.Shards)
	if cfg.Correlate.Limits.Pending == 0 {
		cfg.Correlate.Limits.Pending = linePending
	}
	l := &Line{cfg: cfg, emit: emit}
	for n := range cfg.Shards {
		shard, err := cfg.shard(n).withDefaults()
		if err != nil {
			return nil, fmt.Errorf("line: %w", err)
		}
		lane := &lineLane{engine: newEngine(shard), builder: wire.NewFrameBuilder("replay", 1), from: 1}
		l.lanes = append(l.lanes, lane)
	}
	l.c = correlate.New(cfg.Correlate)
	return l, nil
}

// shard is the configuration of shard n.
func (c *LineConfig) shard(n int) Config {
	return Config{Shard: n, Shards: c.Shards, RIB: c.RIB, Watched: c.Watched, Flags: c.Flags}
}

// Correlator returns the correlator, to be asked between two calls of Add, Tick
// and End.
func (l *Line) Correlator() *correlate.Correlator { return l.c }

// Add takes an update or event as stream.Publisher.Add does: u.Number and
// u.Engine are set and never fall; s is the session of u.Peer, nil with
// route.AllPeers. It keeps nothing of u. An error is final.
func (l *Line) Add(ctx context.Context, u *route.Update, s *route.Session) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.number = u.Number
	l.stats.Updates++
	l.stats.Elements += uint64(u.Elements())
	if u.Kind != route.KindUpdate {
		for _, lane := range l.lanes {
			if err := l.give(lane, u, s, nil, nil); err != nil {
				return err
			}
		}
		return nil
	}
	if len(l.lanes) == 1 && u.Elements() > 0 {
		return l.give(l.lanes[0], u, s, u.Announced, u.Withdrawn)
	}
	for touched := l.split(u); touched != 0; touched &= touched - 1 {
		lane := l.lanes[bits.TrailingZeros64(touched)]
		if err := l.give(lane, u, s, lane.announced, lane.withdrawn); err != nil {
			return err
		}
	}
	return nil
}

// split fills the lanes' scratch with their parts of u and returns the set of
// lanes that have one.
func (l *Line) split(u *route.Update) (touched uint64) {
	for _, lane := range l.lanes {
		lane.announced, lane.withdrawn = lane.announced[:0], lane.withdrawn[:0]
	}
	for _, n := range u.Announced {
		owners := stream.Owners(n.Prefix(), len(l.lanes))
		touched |= owners
		for ; owners != 0; owners &= owners - 1 {
			lane := l.lanes[bits.TrailingZeros64(owners)]
			lane.announced = append(lane.announced, n)
		}
	}
	for _, n := range u.Withdrawn {
		owners := stream.Owners(n.Prefix(), len(l.lanes))
		touched |= owners
		for ; owners != 0; owners &= owners - 1 {
			lane := l.lanes[bits.TrailingZeros64(owners)]
			lane.withdrawn = append(lane.withdrawn, n)
		}
	}
	return touched
}
