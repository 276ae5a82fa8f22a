package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"detour/route"
)

// Output takes stamped updates: stream.Publisher is one.
type Output interface {
	Add(ctx context.Context, u *route.Update, s *route.Session) error
	Tick(ctx context.Context, engine route.Time) error
	End(ctx context.Context) error
}

// Config says what to replay.
type Config struct {
	Collector string   // goes into every peer; "replay" when empty
	Prime     []string // tables, or recordings of updates taken as tables
	Files     []string // recordings of updates, merged by time; "-" is Stdin
	Stdin     io.Reader
	// Speed is a multiple of real time; 0 is as fast as it goes.
	Speed float64
	// Begin is when the first update plays, with a Speed; zero is when it was read.
	// A source that comes later stands in for a live one that does: it leaves out
	// what it has missed, primes with the tables as of now, and states a gap of all
	// peers, then the end of sessions that ended meanwhile and have not come back.
	// What the others announced meanwhile is missing, as after any gap. Updates
	// keep the numbers that they would have had.
	Begin time.Time
}

func (c Config) check() error {
	var errs []error
	if len(c.Files) == 0 && len(c.Prime) == 0 {
		errs = append(errs, errors.New("no recording given"))
	}
	if c.Speed < 0 {
		errs = append(errs, fmt.Errorf("speed is %v, must be 0 (max) or more", c.Speed))
	}
	if !c.Begin.IsZero() && c.Speed == 0 {
		errs = append(errs, errors.New("begin is given without a speed: say how fast it plays from then on"))
	}
	stdins := 0
	for _, name := range slices.Concat(c.Prime, c.Files) {
		if name == stdinName {
			stdins++
		}
	}
	if stdins > 1 {
		errs = append(errs, errors.New(`"-" (standard input) is given more than once`))
	}
	return errors.Join(errs...)
}

// stdinName is standard input in place of a file's name.
const stdinName = "-"

// Progress is how far a replay has come.
type Progress struct {
	Priming     bool
	Done, Total int64 // bytes of the files as stored; Total 0 when not known
	Updates     uint64
	Elements    uint64
	Engine      route.Time
	// What a late start left out.
	Skipped, SkippedElements uint64
	// Late is how far the source is behind its schedule: what is being handed on
	// should have been then. LateMost is the greatest so far. A source that cannot
	// keep up does not play at the speed that it says.
	Late, LateMost time.Duration
}
