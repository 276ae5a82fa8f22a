package processor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// JudgeConfig of a Judge.
type JudgeConfig struct {
	Correlate correlate.Config
	Member    string
	// UntilEnd makes Run return when every shard said that its log has ended.
	UntilEnd bool
	// Skip names sequences of the evidence that are not judged, because a Judge
	// that did came to grief: see PoisonedError.
	Skip []uint64
	// Observe is called for each range with the time that judging took,
	// publishing of alerts included; may be nil.
	Observe func(took time.Duration)
	// Stored is called for each alert that tells when the update that opened it
	// was received, with the time from then until it was stored; may be nil.
	Stored func(since time.Duration)
}

// Judge runs the correlator: evidence in, alerts out. One goroutine owns all of
// its state.
type Judge struct {
	cfg       JudgeConfig
	deps      Deps
	c         *correlate.Correlator
	reader    *stream.Reader
	alerts    *stream.AlertPublisher
	positions []*stream.PositionReporter
	rng       wire.Range
	ended     []bool
	running   int
	pending   []*alert.Alert
	counters  JudgeCounters
	stats     atomic.Pointer[JudgeStats]
}

// JudgeCounters of a Judge.
type JudgeCounters struct {
	Messages, BadRanges, Holes uint64
	Alerts                     uint64 // messages published
}

// JudgeStats is what a Judge tells of itself.
type JudgeStats struct {
	JudgeCounters
	Correlate correlate.Stats
	Nanos     int64
	Ended     bool // every shard's log has ended
}

// errEnded ends the reader when every shard has ended.
var errEnded = errors.New("every shard has ended")

// NewJudge returns a Judge that does nothing until Run.
func NewJudge(cfg JudgeConfig, deps Deps) *Judge {
	shards := int(cfg.Correlate.Shards)
	j := &Judge{
		cfg: cfg, deps: deps,
		c:      correlate.New(cfg.Correlate),
		reader: stream.NewReader(deps.JS, stream.ReaderConfig{Stream: stream.EvidenceStream}),
		alerts: stream.NewAlertPublisher(deps.JS),
		ended:  make([]bool, shards), running: shards,
	}
	for n := range shards {
		j.positions = append(j.positions, stream.NewPositionReporter(deps.Conn, cfg.Member, n))
	}
	j.stats.Store(&JudgeStats{})
	return j
}

// Stats returns the counters as of the last message.
func (j *Judge) Stats() JudgeStats { return *j.stats.Load() }

// Place says how far the evidence was read, as Shard.Place does.
func (j *Judge) Place() (sequence, end uint64, open bool) { return j.reader.Place() }

// Run reads the evidence from its start. It ends with ctx, or with UntilEnd.
func (j *Judge) Run(ctx context.Context) error {
	err := j.reader.Run(ctx, 1, func(m *stream.Message) error { return j.handle(ctx, m) })
	if errors.Is(err, errEnded) {
		return nil
	}
	return err
}

func (j *Judge) handle(ctx context.Context, m *stream.Message) error {
	start := time.Now()
	j.counters.Messages++
	j.counters.Holes += m.Hole
	err := guarded(m, -1, func() error { return j.judge(m) })
	switch {
	case errors.Is(err, errBadRange):
		if j.counters.BadRanges++; j.counters.BadRanges&(j.counters.BadRanges-1) == 0 {
			j.deps.log().Warn("skip evidence", "sequence", m.Sequence, "err", err, "so_far", j.counters.BadRanges)
		}
		j.tell(time.Since(start))
		return nil
	case err != nil && !errors.Is(err, correlate.ErrFuture) && !errors.Is(err, correlate.ErrStale):
		return fmt.Errorf("judge evidence at sequence %d: %w", m.Sequence, err)
	}
	for _, a := range j.pending {
		if err := j.publish(ctx, a, m.Sequence, start); err != nil {
			return err
		}
	}
	took := time.Since(start)
	if j.cfg.Observe != nil {
		j.cfg.Observe(took)
	}
	err = j.progress(err == nil, start)
	j.tell(took)
	return err
}

// progress tells the shard's position, so that whoever fills the log waits for
// the correlator, too; and notices the end.
func (j *Judge) progress(taken bool, now time.Time) error {
	h := &j.rng.Header
	mark := j.c.Marks()[h.Shard]
	if mark.To > 0 {
		if err := j.positions[h.Shard].Report(mark.To-1, now); err != nil {
			return err
		}
	}
	if taken && h.End && !j.ended[h.Shard] {
		j.ended[h.Shard] = true
		if j.running--; j.running == 0 && j.cfg.UntilEnd {
			return errEnded
		}
	}
	return nil
}

// publish stores one alert on its subject.
func (j *Judge) publish(ctx context.Context, a *alert.Alert, evidence uint64, correlated time.Time) error {
	if a.Timing != nil {
		a.Timing.Correlated = route.TimeOf(correlated)
		a.Timing.Emitted = route.TimeOf(time.Now())
	}
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode alert %s: %w", a.ID, err)
	}
	id := a.ID + "." + strconv.FormatUint(uint64(a.Revision), 10)
	subject := alertSubject(a, j.cfg.Correlate.Outside.Watch)
	j.counters.Alerts++
	if err := j.alerts.Publish(ctx, subject, id, strconv.FormatUint(evidence, 10), data); err != nil {
		return err
	}
	if a.Timing != nil && j.cfg.Stored != nil {
		j.cfg.Stored(time.Since(a.Timing.Received.Std()))
	}
	return nil
}

func (j *Judge) tell(took time.Duration) {
	old := j.stats.Load()
	j.stats.Store(&JudgeStats{
		JudgeCounters: j.counters, Correlate: j.c.Stats(), Nanos: old.Nanos + int64(took), Ended: j.running == 0,
	})
}
