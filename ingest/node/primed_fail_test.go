package node

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"detour/ingest"
	"detour/ingest/live"
	"detour/route"
)

type kindsOut struct {
	mu    sync.Mutex
	kinds []route.Kind
}

func (o *kindsOut) Add(_ context.Context, u *route.Update, _ *route.Session) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kinds = append(o.kinds, u.Kind)
	return nil
}
func (*kindsOut) Tick(context.Context, route.Time) error { return nil }
func (*kindsOut) End(context.Context) error              { return nil }

type idle struct{ desk *live.Desk }

func (s *idle) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (s *idle) Describe() string              { return "" }
func (s *idle) Desk() *live.Desk              { return s.desk }
func (s *idle) Stats() live.Stats             { return s.desk.Stats() }

func TestWhatCouldNotBePrimedIsNotSaidToBe(t *testing.T) {
	out := &kindsOut{}
	open := Primed(func(o ingest.Output) (Primable, error) { return &idle{live.NewDesk(o, live.Config{})}, nil },
		History{Name: "rrc00", New: func(ingest.Output) (Source, error) { return nil, errors.New("not there") }})
	s, err := open(out)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for _, k := range out.kinds {
		if k == route.KindEndOfRIB {
			t.Error("nothing was primed, and the log says that every peer's table was given")
		}
	}
}
