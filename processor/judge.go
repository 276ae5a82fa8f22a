package processor

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

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
	// Observe is called for each range with the time that judging took, and
	// waiting where alerts cannot be stored as fast as they come; may be nil.
	Observe func(took time.Duration)
	// Stored is called for each alert that tells when the update that opened it
	// was received, with the time from then until it was stored; may be nil.
	Stored func(since time.Duration)
}

// Judge runs the correlator: evidence in, alerts out. One goroutine owns all of
// its state.
type Judge struct {
	cfg  JudgeConfig
	deps Deps
	c    *correlate.Correlator
	mailbox
	patience
	reader    *stream.Reader
	positions []*stream.PositionReporter
	rng       wire.Range
	ended     []bool
	running   int
	sequence  uint64 // of the last message that was handled
	pending   []*alert.Alert
	teller    *teller
	compared  bool // what fires was compared with what the correlator holds
	restored  bool // the correlator's state is that of a checkpoint
	counters  JudgeCounters
	stats     atomic.Pointer[JudgeStats]
	coverage  atomic.Pointer[correlate.Coverage]
	covered   time.Time // when coverage was taken
}

// JudgeCounters of a Judge.
type JudgeCounters struct {
	Messages, BadRanges, Holes uint64
	Alerts                     uint64 // messages published
	Muted                      uint64 // not published: from evidence that was told of before this Judge started
	Known                      uint64 // not published: stored already, by another Judge
}

// JudgeStats is what a Judge tells of itself.
type JudgeStats struct {
	JudgeCounters
	Correlate correlate.Stats
	Ledger    LedgerStats
	Adoption  AdoptionStats
	Waiting   int // alerts that are not stored yet, of at most MaxTelling
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
		c:       correlate.New(cfg.Correlate),
		mailbox: newMailbox(),
		teller:  newTeller(deps.JS, cfg.Stored),
		ended:   make([]bool, shards), running: shards,
	}
	j.read(time.Time{})
	for n := range shards {
		j.positions = append(j.positions, stream.NewPositionReporter(deps.Conn, cfg.Member, n))
	}
	j.stats.Store(&JudgeStats{})
	j.coverage.Store(&correlate.Coverage{})
	return j
}

// Stats returns the counters as of the last message.
func (j *Judge) Stats() JudgeStats { return *j.stats.Load() }

// Place says how far the evidence was read, as Shard.Place does.
func (j *Judge) Place() (sequence, end uint64, open bool) { return j.reader.Place() }

// Coverage returns what is seen of ingesters, collectors and peers, about a second
// old. Nobody may change it.
func (j *Judge) Coverage() *correlate.Coverage { return j.coverage.Load() }

// read makes the reader, of a stream that was created then; zero takes any.
func (j *Judge) read(created time.Time) {
	j.reader = stream.NewReader(j.deps.JS, stream.ReaderConfig{
		Stream: stream.EvidenceStream, Mail: j.mail, Created: created,
	})
}

// Run reads which alerts are stored, then the evidence, from its start unless
// Restore was called. It ends with ctx, or with UntilEnd. It runs once.
func (j *Judge) Run(ctx context.Context) error {
	defer close(j.over)
	if err := j.teller.begin(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // the end of ctx is the normal end
		}
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	telling, stop := context.WithCancel(ctx)
	group.Go(func() error { return j.teller.run(telling) })
	group.Go(func() error {
		defer stop()
		err := j.reader.Run(ctx, j.sequence+1, func(m *stream.Message) error { return j.handle(ctx, m) })
		if errors.Is(err, errEnded) {
			return j.teller.flush(ctx)
		}
		return err
	})
	return group.Wait()
}

func (j *Judge) handle(ctx context.Context, m *stream.Message) error {
	start := time.Now()
	j.sequence = m.Sequence
	j.counters.Messages++
	if m.Hole > 0 && (j.counters.Messages > 1 || j.restored) { // what is gone before all that is read is no loss
		j.counters.Holes += m.Hole
		j.c.Lost()
	}
	at := stream.AlertPosition{Created: route.TimeOf(j.reader.Created()), Sequence: m.Sequence}
	err := guarded(m, -1, func() error { return j.judge(ctx, m, at) })
	switch {
	case errors.Is(err, errBadRange):
		j.c.Lost()
		if j.counters.BadRanges++; j.counters.BadRanges&(j.counters.BadRanges-1) == 0 {
			j.deps.log().Warn("skip evidence", "sequence", m.Sequence, "err", err, "so_far", j.counters.BadRanges)
		}
		j.tell(time.Since(start))
		return nil
	case err != nil && !errors.Is(err, correlate.ErrFuture) && !errors.Is(err, correlate.ErrStale):
		return fmt.Errorf("judge evidence at sequence %d: %w", m.Sequence, err)
	}
	j.settle(ctx, at, start)
	took := time.Since(start)
	if j.cfg.Observe != nil {
		j.cfg.Observe(took)
	}
	err = j.progress(err == nil, start)
	j.tell(took)
	j.patience.after(ctx, took)
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

// coverEvery is how old the coverage may get.
const coverEvery = time.Second

func (j *Judge) tell(took time.Duration) {
	if now := time.Now(); now.Sub(j.covered) >= coverEvery {
		cov := j.c.Coverage()
		j.covered = now
		j.coverage.Store(&cov)
	}
	old, told := j.stats.Load(), j.teller.stats()
	j.stats.Store(&JudgeStats{
		JudgeCounters: j.count(), Correlate: j.c.Stats(), Ledger: told.ledger, Adoption: told.adoption,
		Waiting: told.waiting, Nanos: old.Nanos + int64(took), Ended: j.running == 0,
	})
}
