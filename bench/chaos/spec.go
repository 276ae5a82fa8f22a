package chaos

import (
	"context"
	"time"

	"detour/bench/chaos/traffic"
)

// spec is one case: what is done to the cluster and what must hold then.
type spec struct {
	name, asked string
	limit       time.Duration // of the pause; 0 asks for none
	slack       time.Duration // restore and replay, on top
	replicas    int
	short       bool // in the short form too
	times       int  // in the long form; 1
	size        *size
	processors  int // at the start: 3; negative for none
	noSink      bool
	inLeak      bool          // it is done in the midst of the leak, of which the pause is not judged
	spillBytes  string        // of the first ingester; the other has room
	later       time.Duration // by so much the leak and the end come later: after a long outage
	loses       bool          // the disturbance itself loses input of the first ingester

	// prepare is called before anything runs.
	prepare func(*cluster) error
	// disturb does it, and returns when all is there again.
	disturb func(context.Context, *cluster) error
	// check says what else must hold; may be nil.
	check func(context.Context, *cluster, *outcome) []string
}

// spill is what an ingester may keep while the log does not answer.
func (s *spec) spill(ingester int) string {
	if s.spillBytes != "" && ingester == 0 {
		return s.spillBytes
	}
	return "64MiB"
}

// sized gives the case a size, of its own where its leak comes later.
func (s *spec) sized(is *size) {
	own := *is
	own.LeakAt += s.later
	own.Length += s.later
	s.size = &own
}

// until is up to when events are looked at for the pause: a leak of thousands of
// prefixes makes one of its own.
func (s *spec) until() time.Duration {
	if s.inLeak {
		return s.size.Length
	}
	return s.size.LeakAt
}

// size is that of the traffic, and what follows from it.
type size struct {
	traffic.Shape
	lead       time.Duration // in which tables are stored
	checkpoint int           // after so many elements of a shard
	calm       time.Duration // of the disturbance, where it is not in the leak
}

// at is when the disturbance comes, after the start.
func (s *spec) at() time.Duration {
	if s.inLeak {
		return s.size.LeakAt + time.Second
	}
	return s.size.calm
}

// shortSize is for a check within minutes.
func shortSize() *size {
	return &size{
		Shape: traffic.Shape{
			Prefixes: 20_000, Peers: 4, Speed: 8, Rate: 20_000, Length: 26 * time.Second,
			Every: 40 * time.Millisecond, LeakAt: 16 * time.Second, Leaked: 1000,
		},
		lead: 8 * time.Second, checkpoint: 30_000, calm: 6 * time.Second,
	}
}

func longSize() *size {
	return &size{
		Shape: traffic.Shape{
			Prefixes: 100_000, Peers: 4, Speed: 5, Rate: 20_000, Length: 60 * time.Second,
			Every: 40 * time.Millisecond, LeakAt: 26 * time.Second, Leaked: 5000,
		},
		lead: 25 * time.Second, checkpoint: 150_000, calm: 10 * time.Second,
	}
}

// fullSize is that for which the issue names a bound of restore and replay.
func fullSize() *size {
	s := longSize()
	s.Prefixes, s.Leaked, s.lead, s.checkpoint = 1_000_000, 20_000, 110*time.Second, 1_000_000
	return s
}
