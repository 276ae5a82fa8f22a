package rislive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/ingest"
	"detour/ingest/live"
	"detour/internal/pause"
)

// Source reads RIS Live into an Output.
type Source struct {
	cfg       Config
	url       *url.URL
	header    string   // of the stream
	subscribe [][]byte // over the WebSocket
	client    *http.Client
	open      func(context.Context) (*feed, error)
	desk      *live.Desk
	handler   *handler
	retry     live.Backoff
	lost      time.Time // when the last connection ended; zero before the first

	mu     sync.Mutex
	status status
}

// New returns a Source that does nothing until Run.
func New(cfg Config, out ingest.Output) (*Source, error) {
	cfg = cfg.withDefaults()
	at, err := cfg.address()
	if err = errors.Join(err, cfg.check()); err != nil {
		return nil, err
	}
	s := &Source{
		cfg: cfg, url: at, client: newClient(&cfg), desk: live.NewDesk(out, cfg.Desk),
		retry: live.Backoff{Min: cfg.RetryMin, Max: cfg.RetryMost},
	}
	s.handler = newHandler(s.desk, !cfg.WithoutRaw)
	if s.header, err = cfg.header(); err != nil {
		return nil, fmt.Errorf("write subscription: %w", err)
	}
	if s.subscribe, err = cfg.subscribe(); err != nil {
		return nil, err
	}
	s.open = s.openStream
	if cfg.socket() {
		s.open = s.openSocket
	}
	return s, nil
}

// Run reads, and connects again for ever, until ctx ends. An error is one of the
// output: nothing more is taken.
func (s *Source) Run(ctx context.Context) error {
	defer s.client.CloseIdleConnections()
	all, reading := errgroup.WithContext(ctx)
	all.Go(func() error { return s.desk.Run(reading) })
	all.Go(func() error { return s.read(reading) })
	if err := all.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("read RIS Live: %w", err)
	}
	return nil
}

// read makes one connection after the other.
func (s *Source) read(ctx context.Context) error {
	for {
		e, err := s.connection(ctx)
		if err != nil || ctx.Err() != nil {
			return err
		}
		wait := max(s.retry.Next(), e.after)
		s.say(status{why: e.why, since: time.Now(), wait: wait})
		if err := pause.For(ctx, wait); err != nil {
			return err
		}
	}
}

// Desk is where what was before can be handed in.
func (s *Source) Desk() *live.Desk { return s.desk }

// Stats may be called from any goroutine.
func (s *Source) Stats() live.Stats { return s.desk.Stats() }
