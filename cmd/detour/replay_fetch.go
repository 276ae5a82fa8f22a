package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"detour/ingest/archive"
	"detour/ingest/replay"
)

// fetched is what a replay knows of the files that it took from archives.
type fetched struct {
	lacks  bool            // some were missing
	cached map[string]bool // their paths
}

// tell says how to get a damaged file anew.
func (f *fetched) tell(w io.Writer, name string) {
	if f.cached[name] {
		fmt.Fprintf(w, "detour: %s is damaged; delete it to have it fetched again: rm '%s'\n", name, name)
	}
}

// fetch brings what the flags ask for into the cache and puts it into cfg. A source
// that follows does so by itself.
func (p *pipeline) fetch(ctx context.Context, cfg *replay.Config) error {
	flags := &p.opts.archive
	if len(flags.collectors) == 0 || flags.follow {
		return nil
	}
	a, err := archive.Open(flags.access)
	if err != nil {
		return err
	}
	defer a.Close()
	var plans []*archive.Plan
	var files []archive.File
	for _, name := range flags.collectors {
		plan, err := p.plan(ctx, a, name)
		if err != nil {
			return err
		}
		plans, files = append(plans, plan), append(files, plan.Files()...)
	}
	show := fetchProgress{w: p.out.err, redraw: isTerminal(p.out.err), said: time.Now()}
	err = a.Fetch(ctx, files, show.tell)
	show.end(err)
	if ctx.Err() != nil {
		return errors.New("interrupted while files were fetched; what has come stays in the cache")
	}
	if err != nil {
		return err
	}
	p.fetched.cached = map[string]bool{}
	for _, f := range files {
		p.fetched.cached[a.Path(f)] = true
	}
	for _, plan := range plans {
		cfg.Feeds = append(cfg.Feeds, a.Feed(plan))
		cfg.FeedBytes += a.Size(plan)
	}
	return nil
}

// holesShown bounds the missing stretches that are named.
const holesShown = 5

// plan finds the files of one collector and says what is missing.
func (p *pipeline) plan(ctx context.Context, a *archive.Archive, name string) (*archive.Plan, error) {
	flags := &p.opts.archive
	plan, err := a.Plan(ctx, name, flags.begin, flags.end, flags.prime)
	if err != nil {
		return nil, err
	}
	if len(plan.Updates) == 0 {
		return nil, fmt.Errorf("the archive has no updates of %s from %s to %s", name, flags.from, flags.to)
	}
	for i, h := range plan.Holes {
		p.fetched.lacks = true
		if i == holesShown {
			fmt.Fprintf(p.out.err, "detour: %s: and %d more\n", name, len(plan.Holes)-i)
			break
		}
		fmt.Fprintf(p.out.err, "detour: %s: %v is in the archive; updates are missing there\n", name, h)
	}
	return plan, nil
}

// fetchProgress shows how far fetching has come.
type fetchProgress struct {
	w      io.Writer
	redraw bool // on a terminal
	last   archive.Progress
	said   time.Time
}

// On a terminal a line is drawn again and again; elsewhere one is written now and then.
const (
	redrawEvery = 100 * time.Millisecond
	sayEvery    = 10 * time.Second
)

func (f *fetchProgress) tell(now archive.Progress) {
	f.last = now
	every, begin, end := sayEvery, "", "\n"
	if f.redraw {
		every, begin, end = redrawEvery, wipeLine, ""
	}
	if time.Since(f.said) >= every {
		f.said = time.Now()
		fmt.Fprintf(f.w, "%sfetching: %s%s", begin, f.line(), end)
	}
}

func (f *fetchProgress) end(err error) {
	if f.redraw {
		fmt.Fprint(f.w, wipeLine)
	}
	if err == nil {
		fmt.Fprintf(f.w, "fetched: %s\n", f.line())
	}
}

func (f *fetchProgress) line() string {
	return fmt.Sprintf("%d of %d files, %d from the cache, %.1f MB", f.last.Files, f.last.Of, f.last.Cached,
		float64(f.last.Octets)/1e6)
}
