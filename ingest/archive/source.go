package archive

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"detour/ingest"
	"detour/ingest/dump"
	"detour/ingest/live"
	"detour/ingest/mrt"
	"detour/ingest/replay"
	"detour/route"
)

// Config of a Source. Collector is needed.
type Config struct {
	Collector string
	Access
	// Prime fills the state with the newest table and the updates since.
	Prime bool
	// Begin is from when on updates are news; zero is the end of the newest file
	// that there is at the start.
	Begin time.Time
	// To ends it; zero is never.
	To time.Time
	// PrimeOnly ends it once all of what was before it began has primed, up to and with
	// the file that holds that moment, which it waits for: what a live source that
	// begins at the same time cannot know. Begin and To are void then.
	PrimeOnly bool

	// Of waiting, by the clock on the wall; tests have no time.
	poll, grace, silence, early time.Duration
}

// Source follows an archive: it plays each file as it appears.
type Source struct {
	cfg     Config
	layout  *layout
	archive *Archive
	desk    *live.Desk // for counters and events only: engine time is the recordings'
	out     ingest.Output
	player  atomic.Pointer[replay.Source]
	leaving context.Context // ends with Leave
	leave   context.CancelFunc

	mu     sync.Mutex
	files  uint64
	newest time.Time // begin of the file that is or was read last
}

// New returns a Source that does nothing until Run.
func New(cfg Config, out ingest.Output) (*Source, error) {
	l, err := layoutOf(cfg.Collector, cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if cfg.PrimeOnly {
		cfg.Prime, cfg.Begin, cfg.To = true, time.Time{}, time.Time{}
	}
	if !cfg.To.IsZero() && !cfg.To.After(cfg.Begin) {
		return nil, fmt.Errorf("the end, %v, is not after the begin, %v", cfg.To, cfg.Begin)
	}
	a, err := Open(cfg.Access)
	if err != nil {
		return nil, err
	}
	def(&cfg.poll, l.every/5)
	def(&cfg.grace, 2*l.every)
	def(&cfg.silence, 4*l.every)
	leaving, leave := context.WithCancel(context.Background())
	return &Source{
		cfg: cfg, layout: l, archive: a, out: out, leaving: leaving, leave: leave,
		desk: live.NewDesk(out, live.Config{Log: a.cfg.Log.With("source", "archive of "+cfg.Collector)}),
	}, nil
}

// Leave ends Run in order: what was fetched is played, and the log ended.
func (s *Source) Leave() { s.leave() }

// Run follows the archive until ctx ends, or Leave is called. Troubles with the
// archive are told and waited for; an error is one of the output or of the cache.
func (s *Source) Run(ctx context.Context) error {
	defer s.leave()
	defer s.archive.Close()
	f := &follower{Source: s, to: s.cfg.To}
	err := f.begin(ctx)
	if errors.Is(err, errLeft) {
		return s.out.End(ctx)
	}
	if err == nil {
		err = s.play(ctx, f)
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	if err == nil && s.cfg.PrimeOnly && f.tableless {
		return fmt.Errorf("a table of %s %w", s.cfg.Collector, ErrNotThere)
	}
	return err
}

func (s *Source) play(ctx context.Context, f *follower) error {
	cfg := replay.Config{
		Collector: s.cfg.Collector, Feeds: []replay.Feed{f}, From: route.TimeOf(f.from), Ended: s.ended,
	}
	if !f.to.IsZero() {
		cfg.To = route.TimeOf(f.to)
	}
	player, err := replay.New(cfg, s.out)
	if err != nil {
		return err
	}
	s.player.Store(player)
	return player.Run(ctx)
}

// ended tells what a file was worth.
func (s *Source) ended(r *mrt.Report) {
	if !r.Damaged() {
		return
	}
	s.desk.Skip("damaged")
	s.desk.Tell(live.EventNote, r.Name, "the file is DAMAGED, a part of it was not read: "+
		fmt.Sprint(dump.Damage(r))+"; delete it to have it fetched again")
}

// Progress is that of the replay.
func (s *Source) Progress() replay.Progress {
	if p := s.player.Load(); p != nil {
		return p.Progress()
	}
	return replay.Progress{Priming: s.cfg.Prime}
}

// Player is what plays the files; nil until it is known which.
func (s *Source) Player() *replay.Source { return s.player.Load() }

// Stats counts in the words of live sources: a message is a file, a connect one that
// was fetched, a disconnect an attempt that failed, a stall a silence of the archive.
func (s *Source) Stats() live.Stats {
	st, p := s.desk.Stats(), s.Progress()
	st.Updates, st.Elements, st.Sessions, st.Decode = p.Updates, p.Elements, p.Peers, p.Read.Decode
	return st
}

// Describe says for people what is read and how it fares, with what went wrong last
// until the next file comes.
func (s *Source) Describe() string {
	text := s.fares()
	if e, ok := s.desk.LastEvent(); ok && e.Kind != live.EventConnect && e.Detail != "" {
		text += "; " + e.Kind.String() + ": " + e.Detail
	}
	return text
}

func (s *Source) fares() string {
	s.mu.Lock()
	files, newest := s.files, s.newest
	s.mu.Unlock()
	what, p := "archive of "+s.cfg.Collector, s.Progress()
	switch {
	case files == 0:
		return what + ": looking for files"
	case p.Priming:
		return fmt.Sprintf("%s: priming, %d files, %d elements", what, files, p.Elements)
	default:
		return fmt.Sprintf("%s: %d files, %d elements, the newest file is of %s", what, files, p.Elements,
			newest.Format("2006-01-02 15:04"))
	}
}

// gave notes that a file is being read.
func (s *Source) gave(f File, size int64) {
	s.mu.Lock()
	s.files++
	s.newest = f.At
	s.mu.Unlock()
	s.desk.Read(1, uint64(size))
	s.desk.Tell(live.EventConnect, f.Name(), "")
}
