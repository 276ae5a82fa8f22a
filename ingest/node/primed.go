package node

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"detour/ingest"
	"detour/ingest/live"
)

// Primable is a live source that can be told what was before it began.
type Primable interface {
	Source
	Desk() *live.Desk
	Stats() live.Stats
}

// History plays what was before: tables and the updates since.
type History struct {
	Name string
	New  func(out ingest.Output) (Source, error)
}

// Primed returns a maker of a source that runs the one of open and, from its start,
// each history in turn. One that cannot be played is told of and left out.
func Primed(
	open func(ingest.Output) (Primable, error), histories ...History,
) func(ingest.Output) (Source, error) {
	return func(out ingest.Output) (Source, error) {
		s, err := open(out)
		if err != nil || len(histories) == 0 {
			return s, err
		}
		var calm func(context.Context) error
		if log, ok := out.(interface{ Calm(context.Context) error }); ok {
			calm = log.Calm
		}
		return &primed{Primable: s, histories: histories, calm: calm}, nil
	}
}

type primed struct {
	Primable
	histories []History
	calm      func(context.Context) error

	mu  sync.Mutex
	now Source // that is played
}

// Run implements Source.
func (p *primed) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer cancel()
		return p.Primable.Run(ctx)
	})
	group.Go(func() error { return p.prime(ctx) })
	return group.Wait()
}

func (p *primed) prime(ctx context.Context) error {
	desk := p.Desk()
	primer := live.NewPrimer(desk, p.calm)
	whole := true
	for _, h := range p.histories {
		err := p.history(ctx, &h, primer)
		if err != nil && ctx.Err() == nil {
			whole = false
			desk.Tell(live.EventNote, h.Name, "cannot be primed with, what was before is not known: "+err.Error())
		}
	}
	p.play(nil)
	select {
	case <-ctx.Done():
		return nil
	default:
	}
	updates, elements := primer.Given()
	if !whole || updates == 0 { // peers of which nothing was given learn by themselves
		desk.Unprimed()
		return nil
	}
	return desk.Primed(ctx, fmt.Sprintf("primed with %d updates of %d elements", updates, elements))
}

// history plays one of them.
func (p *primed) history(ctx context.Context, h *History, primer *live.Primer) error {
	player, err := h.New(primer)
	if err != nil {
		return err
	}
	p.play(player)
	return player.Run(ctx)
}

func (p *primed) play(s Source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = s
}

// Describe implements Source.
func (p *primed) Describe() string {
	p.mu.Lock()
	now := p.now
	p.mu.Unlock()
	if now == nil {
		return p.Primable.Describe()
	}
	return p.Primable.Describe() + "; primes with " + now.Describe()
}
