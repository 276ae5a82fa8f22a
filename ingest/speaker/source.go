package speaker

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/sync/errgroup"

	"detour/ingest"
	"detour/ingest/live"
)

// Source has BGP sessions with the neighbors of one Config.
type Source struct {
	cfg       Config
	desk      *live.Desk
	neighbors []*neighbor
	byAddr    map[netip.Addr]*neighbor
}

// New returns a Source that does nothing until Run. An error says all that is wrong
// with cfg.
func New(cfg Config, out ingest.Output) (*Source, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("bgp: %w", err)
	}
	s := &Source{
		cfg: cfg, desk: live.NewDesk(out, live.Config{Log: cfg.Log}), byAddr: map[netip.Addr]*neighbor{},
	}
	for i := range cfg.Neighbors {
		n, err := newNeighbor(&cfg, &cfg.Neighbors[i], s.desk)
		if err != nil {
			return nil, fmt.Errorf("bgp: %w", err)
		}
		s.neighbors = append(s.neighbors, n)
		s.byAddr[n.Address] = n
	}
	return s, nil
}

// Run has sessions until ctx ends, which is no error. An error is final: it cannot
// listen, or nothing more is taken from it.
func (s *Source) Run(ctx context.Context) error {
	if err := s.desk.Begin(ctx); err != nil {
		return fmt.Errorf("bgp: %w", err)
	}
	for _, n := range s.neighbors {
		lead, err := newLead(ctx, &n.Neighbor, s.cfg.RouterID, s.cfg.Log)
		if err != nil {
			return fmt.Errorf("bgp: %w", err)
		}
		defer lead.close()
		n.lead = lead
	}
	group, ctx := errgroup.WithContext(ctx)
	if s.cfg.Listen != "" {
		l, err := s.listen(ctx)
		if err != nil {
			return fmt.Errorf("bgp: %w", err)
		}
		defer context.AfterFunc(ctx, func() { _ = l.Close() })()
		group.Go(func() error { s.accept(ctx, l); return nil })
	}
	group.Go(func() error { return s.desk.Run(ctx) })
	for _, n := range s.neighbors {
		group.Go(func() error { return n.run(ctx) })
	}
	return group.Wait()
}

// Stats may be called from any goroutine.
func (s *Source) Stats() live.Stats { return s.desk.Stats() }

// maxNamed bounds how many neighbors Describe names.
const maxNamed = 3

// Describe says for people what is read and how it fares. Any goroutine may ask.
func (s *Source) Describe() string {
	up, first := 0, 0
	var elements uint64
	var missing []string
	for _, n := range s.desk.Sessions() {
		elements += n.Elements
		switch {
		case !n.Up:
			missing = append(missing, n.Peer.Addr.String())
		case n.Transferring:
			first++
			fallthrough
		default:
			up++
		}
	}
	text := fmt.Sprintf("BGP sessions of %s: %d of %d up", s.cfg.Collector, up, len(s.neighbors))
	if first > 0 {
		text += fmt.Sprintf(" (%d still send their table)", first)
	}
	text += fmt.Sprintf(", %d elements", elements)
	if n := len(missing); n > maxNamed {
		missing = append(missing[:maxNamed], fmt.Sprintf("%d more", n-maxNamed))
	}
	if len(missing) > 0 {
		text += "; down: " + strings.Join(missing, ", ")
	}
	return text
}
