package ingest

import (
	"context"

	"detour/route"
)

// Output takes stamped updates: stream.Publisher is one. Its methods belong to one
// goroutine at a time.
type Output interface {
	// Add takes an update or event of session s, nil with route.AllPeers, and keeps
	// nothing of it.
	Add(ctx context.Context, u *route.Update, s *route.Session) error
	// Tick says what time it is, each second of engine time.
	Tick(ctx context.Context, engine route.Time) error
	// End says that nothing comes any more.
	End(ctx context.Context) error
}
