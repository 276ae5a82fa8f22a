package main

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/internal/config"
	"detour/internal/obs"
	"detour/sink/feed"
	"detour/sink/jsonl"
	"detour/sink/terminal"
	"detour/stream"
)

// sinks are those of one process. At SIGHUP others take their place; one that
// stays goes on behind the last alert that it took.
type sinks struct {
	d    *daemon
	next chan *sinkSet

	mu  sync.Mutex
	now *sinkSet
}

// newSinks opens what the configuration names.
func newSinks(d *daemon) (*sinks, error) {
	now, err := d.openSinks(&d.cfg.Sink)
	if err != nil {
		return nil, err
	}
	s := &sinks{d: d, next: make(chan *sinkSet, 1), now: now}
	d.onReload(s.reload)
	return s, nil
}

func (s *sinks) reload(ctx context.Context, next *config.Config) error {
	if reflect.DeepEqual(s.d.cfg.Sink, next.Sink) {
		return nil
	}
	set, err := s.d.openSinks(&next.Sink)
	if err != nil {
		return err
	}
	select {
	case s.next <- set:
		return nil
	case <-ctx.Done():
		return set.close()
	}
}

// run ends with ctx, or when a sink cannot go on.
func (s *sinks) run(ctx context.Context) error {
	for {
		set := s.current()
		once, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- set.run(once, s.d.metrics) }()
		select {
		case err := <-done:
			cancel()
			return err
		case next := <-s.next:
			cancel()
			if err := <-done; err != nil { // its stream is the next one's, too, which will say so
				s.d.log.Error("sinks that were taken away ended with an error", "err", err)
			}
			s.mu.Lock()
			s.now = next
			s.mu.Unlock()
		}
	}
}

func (s *sinks) current() *sinkSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// settled waits until all that is stored now was delivered.
func (s *sinks) settled(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, settleWait)
	defer cancel()
	st, err := s.d.js.Stream(wait, stream.AlertsStream)
	if err != nil {
		return fmt.Errorf("look up %s: %w", stream.AlertsStream, err)
	}
	state, set := st.CachedInfo().State, s.current()
	for i, f := range set.feeds {
		for state.Msgs > 0 && f.Stats().Sequence < state.LastSeq {
			select {
			case <-time.After(settleStep):
			case <-ctx.Done():
				return ctx.Err()
			case <-wait.Done():
				return fmt.Errorf("sink %s has taken alerts up to %d of %d in %v; it is given the others at the next start",
					set.names[i], f.Stats().Sequence, state.LastSeq, settleWait)
			}
		}
	}
	return nil
}

// settleStep is the time between two looks at a sink.
const settleStep = 20 * time.Millisecond

// sinkSet are sinks that were opened together.
type sinkSet struct {
	feeds []*feed.Feed
	names []string // of the feeds, as configured
	files []*jsonl.Sink
}

func (d *daemon) openSinks(cfg *config.Sink) (*sinkSet, error) {
	s := &sinkSet{}
	for _, path := range cfg.Files {
		out, err := jsonl.New(jsonl.Config{Path: path}, jsonl.Deps{Stdout: d.out.out})
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, out)
		if err := d.addSink(s, path, out); err != nil {
			return nil, err
		}
	}
	if cfg.Terminal {
		return s, d.addSink(s, "terminal", &shownSink{
			shown: newShownAlerts(false, nil), term: terminal.New(terminal.Config{}, terminal.Deps{Out: d.out.out}),
		})
	}
	return s, nil
}

func (d *daemon) addSink(s *sinkSet, what string, to feed.Sink) error {
	f, err := feed.New(feed.Config{Name: consumerName(d.name, what)}, feed.Deps{
		JS: d.js, Sink: to, Log: d.log, Report: func(problem string) { d.report("sink "+what, problem) },
	})
	if err != nil {
		return err
	}
	s.feeds, s.names = append(s.feeds, f), append(s.names, what)
	return nil
}

// run ends with ctx. Its metrics are there while it runs.
func (s *sinkSet) run(ctx context.Context, metrics *obs.Registry) error {
	group, ctx := errgroup.WithContext(ctx)
	for i, f := range s.feeds {
		defer metrics.Add(sinkMetrics(s.names[i], f.Stats))()
		group.Go(func() error { return f.Run(ctx) })
	}
	if len(s.feeds) == 0 { // a reload may bring some
		<-ctx.Done()
	}
	err := group.Wait()
	if failed := s.close(); err == nil {
		err = failed
	}
	return err
}

func (s *sinkSet) close() (err error) {
	for _, f := range s.files {
		if failed := f.Close(); err == nil {
			err = failed
		}
	}
	return err
}
