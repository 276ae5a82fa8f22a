package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"detour/ingest/mrt"
	"detour/route"
)

// Config says what to replay.
type Config struct {
	Collector string   // goes into every peer; "replay" when empty
	Prime     []string // tables, or recordings of updates taken as tables
	Files     []string // recordings of updates, merged by time; "-" is Stdin
	Stdin     io.Reader
	// Feeds give further recordings, each those of a collector one after the other;
	// they are merged by time with each other and with Files.
	Feeds []Feed
	// FeedBytes is how much Feeds will give, as stored; 0 not known.
	FeedBytes int64
	// From and To bound what plays: the time of a record is from From up to before
	// To, or 0 for no bound. What is older primes the state: it is taken in order,
	// with withdrawals and session events, and nothing of it is news.
	From, To route.Time
	// Ended, when set, is told of each recording that has been read, on the
	// goroutine of Run. Then Reports has none: a source without end cannot keep them.
	Ended func(*mrt.Report)
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
	if len(c.Files)+len(c.Prime)+len(c.Feeds) == 0 {
		errs = append(errs, errors.New("no recording given"))
	}
	if c.Speed < 0 {
		errs = append(errs, fmt.Errorf("speed is %v, must be 0 (max) or more", c.Speed))
	}
	if !c.Begin.IsZero() && c.Speed == 0 {
		errs = append(errs, errors.New("begin is given without a speed: say how fast it plays from then on"))
	}
	if c.To != 0 && c.To <= c.From {
		errs = append(errs, fmt.Errorf("to is %v, must be after from, %v", c.To, c.From))
	}
	if !c.Begin.IsZero() && (c.From != 0 || len(c.Feeds) > 0) {
		errs = append(errs, errors.New("begin is given with from or a feed: only files can be late"))
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
	Peers       int // seen
	Engine      route.Time
	// What a late start left out.
	Skipped, SkippedElements uint64
	// Late is how far the source is behind its schedule: what is being handed on
	// should have been then. LateMost is the greatest so far. A source that cannot
	// keep up does not play at the speed that it says.
	Late, LateMost time.Duration
	// Read is what the recordings held, as of the last second that was played.
	Read mrt.Totals
}
