package bmp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"detour/ingest"
	"detour/ingest/live"
)

// Source listens for routers.
type Source struct {
	cfg    Config
	desk   *live.Desk
	meter  Meter
	shares shares

	mu       sync.Mutex
	address  string                   // where it listens
	routers  map[identity]*connection // that have said who they are
	open     int                      // connections of all kinds, those that were ended and are not gone yet, too
	greeting []*connection            // that have not, the oldest first
	waiting  map[identity]*connection // that have, and wait for their old connection to end
}

// New returns a Source that does nothing until Run.
func New(cfg Config, out ingest.Output) (*Source, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Source{
		cfg: cfg, desk: live.NewDesk(out, cfg.Live), address: cfg.Listen, routers: map[identity]*connection{},
		waiting: map[identity]*connection{},
	}, nil
}

// Run listens until ctx ends (nil), the address cannot be listened on, or nothing more
// is taken.
func (s *Source) Run(ctx context.Context) error {
	l, err := s.listen(ctx)
	if err != nil {
		return err
	}
	if err := s.desk.Begin(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	g, working := errgroup.WithContext(ctx)
	g.Go(func() error { return s.desk.Run(working) })
	g.Go(func() error {
		<-working.Done()
		_ = l.Close() // accept tells
		return nil
	})
	g.Go(func() error { return s.accept(working, l, g) })
	if err := g.Wait(); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

func (s *Source) listen(ctx context.Context) (net.Listener, error) {
	l := s.cfg.Listener
	if l == nil {
		var err error
		if l, err = new(net.ListenConfig).Listen(ctx, "tcp", s.cfg.Listen); err != nil {
			return nil, fmt.Errorf("listen for BMP on %s: %w; is another detour running, or the address not this machine's?",
				s.cfg.Listen, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address = l.Addr().String()
	return l, nil
}

// accept serves connections until the listener is closed. Other troubles, such as too
// many open files, pass.
func (s *Source) accept(ctx context.Context, l net.Listener, g *errgroup.Group) error {
	backoff := live.Backoff{Min: 10 * time.Millisecond, Max: time.Second}
	for ctx.Err() == nil {
		conn, err := l.Accept()
		switch {
		case err == nil:
			backoff.Reset()
			if c := s.greet(conn); c != nil {
				g.Go(func() error { return s.connected(ctx, c) })
			}
		case ctx.Err() != nil:
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("listen for BMP: %w", err)
		default:
			s.desk.Tell(live.EventNote, "BMP listener", err.Error())
			_ = backoff.Wait(ctx) // the loop sees that ctx ended
		}
	}
	return nil
}

// Stats may be called from any goroutine.
func (s *Source) Stats() live.Stats {
	st, c := s.desk.Stats(), s.Counts()
	st.Kinds = map[string]uint64{"before-peer-up": c.BeforeUp}
	for typ, n := range c.Messages {
		st.Kinds[TypeName(typ)] = n
	}
	return st
}

// Counts may be called from any goroutine.
func (s *Source) Counts() Counts { return s.meter.Counts() }

// maxNamed is how many routers Describe names.
const maxNamed = 3

// Describe says for people where it listens and who is connected. Any goroutine may
// ask.
func (s *Source) Describe() string {
	s.mu.Lock()
	what, names := "bmp on "+s.address, make([]string, 0, len(s.routers))
	for _, c := range s.routers {
		names = append(names, c.name)
	}
	s.mu.Unlock()
	if len(names) == 0 {
		return what + ": no router is connected"
	}
	slices.Sort(names)
	more := ""
	if n := len(names) - maxNamed; n > 0 {
		names, more = names[:maxNamed], fmt.Sprintf(" and %d more", n)
	}
	st := s.desk.Stats()
	return fmt.Sprintf("%s: %s%s, %d sessions up, %d elements",
		what, strings.Join(names, ", "), more, st.Up, st.Elements)
}

// allowed reports whether a router of this address may connect.
func (s *Source) allowed(a netip.Addr) bool {
	return len(s.cfg.Allow) == 0 || slices.ContainsFunc(s.cfg.Allow, func(p netip.Prefix) bool { return p.Contains(a) })
}
