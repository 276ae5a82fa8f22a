package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"detour/ingest/live"
	"detour/ingest/replay"
	"detour/internal/pause"
	"detour/route"
)

// follower is the feed of a Source: what primes, then each file as it appears.
type follower struct {
	*Source
	queue []any     // what is to be given: a File or a *replay.Recording
	from  time.Time // from then on updates are news
	to    time.Time // the end; zero is none
	last  time.Time // begin of the newest file of updates that was given, or passed over

	lacking   time.Time // since when the next file cannot be had although a later one is there; zero it is not
	heard     time.Time // when the last file came
	announced bool      // the silence was told
	tableless bool      // there is nothing to prime with
}

// errLeft is why a context ends when Leave was called.
var errLeft = errors.New("left")

// until returns a context that Leave ends, too.
func (f *follower) until(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(f.leaving, func() { cancel(errLeft) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// begin finds out where to begin. It goes on until the archive answers.
func (f *follower) begin(ctx context.Context) error {
	ctx, done := f.until(ctx)
	defer done()
	for {
		err := f.plan(ctx)
		if err == nil || ctx.Err() != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		f.desk.Tell(live.EventDisconnect, f.cfg.Collector, err.Error())
		if err := f.wait(ctx, f.cfg.poll); err != nil {
			return context.Cause(ctx)
		}
	}
}

// overlap is how long PrimeOnly goes on behind its start, until the live source has its
// connection.
const overlap = time.Minute

// plan fills the queue with what primes.
func (f *follower) plan(ctx context.Context) error {
	now := time.Now().UTC()
	f.from, f.heard = f.cfg.Begin.UTC(), now
	switch {
	case f.cfg.PrimeOnly:
		if f.to.IsZero() { // not again at a further attempt
			f.to = now.Add(overlap)
		}
		f.from = f.to.Add(-time.Microsecond)
	case f.cfg.Begin.IsZero():
		files, err := f.archive.List(ctx, f.cfg.Collector, now.Add(-24*time.Hour), now)
		if err != nil {
			return err
		}
		f.from = now
		if n := len(files); n > 0 {
			f.from = files[n-1].End()
		}
	}
	f.last = f.from.Add(-f.layout.every)
	p, err := f.archive.Plan(ctx, f.cfg.Collector, f.from, f.from, f.cfg.Prime)
	switch {
	case errors.Is(err, ErrNotThere):
		f.desk.Tell(live.EventNote, f.cfg.Collector, "nothing to prime with: "+err.Error())
		p, f.tableless = &Plan{}, true
	case err != nil:
		return err
	}
	return f.line(ctx, p)
}

// line puts a plan into the queue. What earlier lives of this source have left is
// taken down first: nobody knows what became of it meanwhile.
func (f *follower) line(ctx context.Context, p *Plan) error {
	f.queue = nil
	if p.Table != nil {
		f.queue = append(f.queue, &replay.Recording{Event: route.KindPeerDown, At: route.TimeOf(f.from) - 1})
	}
	// What is there no more is found missing when its turn comes.
	if err := f.archive.Fetch(ctx, p.Files(), nil); err != nil && !errors.Is(err, ErrNotThere) {
		return err
	}
	for _, file := range p.Files() {
		for len(p.Holes) > 0 && file.Kind == Updates && !file.At.Before(p.Holes[0].To) {
			f.queue = append(f.queue, f.gap(p.Holes[0].String(), p.Holes[0].To))
			p.Holes = p.Holes[1:]
		}
		f.queue = append(f.queue, file)
	}
	if n := len(p.Updates); n > 0 {
		f.last = p.Updates[n-1].At
	} else if p.Table != nil && time.Since(p.Table.At) < f.cfg.grace { // they are not there yet
		f.last = p.Table.At.Add(-f.layout.every)
	}
	if !f.last.Add(f.layout.every).Before(f.from) { // else what primes is not all there yet
		f.queue = append(f.queue, &replay.Recording{Event: route.KindTick, At: route.TimeOf(f.from)})
	}
	return nil
}

// gap tells that updates of before at are missing.
func (f *follower) gap(why string, at time.Time) *replay.Recording {
	f.desk.Tell(live.EventGap, f.cfg.Collector, why)
	return &replay.Recording{Event: route.KindGap, At: route.TimeOf(at)}
}

// Next implements replay.Feed.
func (f *follower) Next(ctx context.Context) (*replay.Recording, error) {
	ctx, done := f.until(ctx)
	defer done()
	for {
		if context.Cause(ctx) == errLeft {
			return nil, io.EOF
		}
		if len(f.queue) > 0 {
			next := f.queue[0]
			f.queue = f.queue[1:]
			if r, ok := next.(*replay.Recording); ok {
				return r, nil
			}
			if r, err := f.open(ctx, next.(File)); err == nil || context.Cause(ctx) != errLeft {
				return r, err
			}
			continue
		}
		if !f.to.IsZero() && !f.last.Add(f.layout.every).Before(f.to) {
			return nil, io.EOF
		}
		if f.cfg.PrimeOnly && f.announced { // what is there has to do
			return nil, io.EOF
		}
		if err := f.look(ctx); err != nil && context.Cause(ctx) != errLeft {
			return nil, err
		}
	}
}

// open gives a file of the queue, which was fetched.
func (f *follower) open(ctx context.Context, file File) (*replay.Recording, error) {
	for {
		o, err := f.archive.Open(ctx, file)
		if err == nil {
			return f.read(file, o), nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		f.desk.Tell(live.EventDisconnect, f.cfg.Collector, err.Error())
		if errors.Is(err, ErrNotThere) { // it was, and is so no more
			f.desk.Skip("missing")
			return f.gap(err.Error(), file.At), nil
		}
		if err := f.wait(ctx, f.cfg.poll); err != nil {
			return nil, err
		}
	}
}

func (f *follower) read(file File, o *os.File) *replay.Recording {
	size := int64(0)
	if st, err := o.Stat(); err == nil {
		size = st.Size()
	}
	f.gave(file, size)
	f.heard, f.announced = time.Now(), false
	return recording(file, o)
}

// wait waits for about d, or until ctx ends. Followers of one archive must not all
// ask at the same moment.
func (f *follower) wait(ctx context.Context, d time.Duration) error {
	return pause.For(ctx, d-d/5+rand.N(2*d/5+1))
}

// due returns how long it is until the next file can be there: its last update has
// to be older than now.
func (f *follower) due() time.Duration {
	return max(f.cfg.poll, time.Until(f.last.Add(2*f.layout.every))-f.cfg.early)
}

// silent tells once that nothing has come for long.
func (f *follower) silent() {
	if since := time.Since(f.heard); since >= f.cfg.silence && !f.announced {
		f.announced = true
		f.desk.Tell(live.EventStall, f.cfg.Collector, fmt.Sprintf("no new file for %v; the last one is of %s",
			since.Round(time.Second), f.last.Format("2006-01-02 15:04")))
	}
}
