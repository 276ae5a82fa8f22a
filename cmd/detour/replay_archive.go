package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"detour/ingest/archive"
	"detour/internal/config"
	"detour/route"
)

// archiveFlags say what to take from the public archives, and which part of a
// recording to play.
type archiveFlags struct {
	collectors    []string
	from, to      string
	prime, follow bool
	url           string
	cache, size   string

	// What check made of them.
	begin, end time.Time
	access     archive.Access
}

func (a *archiveFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&a.collectors, "collector", nil, "fetch the recordings of collector `NAME`; may be repeated")
	f.StringVar(&a.from, "from", "", "play what happened at `TIME` or later (2019-06-24T10:00 or RFC 3339); "+
		"what is older is state and no news")
	f.StringVar(&a.to, "to", "", "play what happened before `TIME`")
	f.BoolVar(&a.prime, "prime", false,
		"with --collector: prime the state with the newest table before --from, and the updates since")
	f.BoolVar(&a.follow, "follow", false, "with --collector: play new files as they appear, until interrupted")
	f.StringVar(&a.url, "archive-url", "", "with --collector: take the files from a mirror at `URL`")
	f.StringVar(&a.cache, "cache", "", "with --collector: keep the files in `DIR`")
	f.StringVar(&a.size, "cache-size", "10GiB", "with --collector: keep no more than `SIZE` of them")
}

// timeFormats are those of --from and --to. A time without a zone is UTC.
var timeFormats = [...]string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02"}

func parseTime(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, format := range timeFormats {
		if t, err := time.Parse(format, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is %q, must be a time such as 2019-06-24T10:00, 2019-06-24 (both UTC) "+
		"or 2019-06-24T12:00:00+02:00", flag, text)
}

// check finds what is wrong with where recordings come from.
func (a *archiveFlags) check(o *replayOptions) (err error) {
	if a.begin, err = parseTime("--from", a.from); err != nil {
		return err
	}
	if a.end, err = parseTime("--to", a.to); err != nil {
		return err
	}
	if !a.end.IsZero() && !a.begin.Before(a.end) {
		return fmt.Errorf("--to is %s, must be after --from, which is %s", a.to, a.from)
	}
	if len(a.collectors) > 0 {
		return a.checkArchive(o)
	}
	switch {
	case a.prime:
		return errors.New("--prime needs --collector; prime from files with --rib")
	case a.follow:
		return errors.New("--follow needs --collector")
	case len(o.files) == 0:
		return errors.New("no recording given; try: detour replay updates.20190624.1030.bz2")
	}
	return nil
}

func (a *archiveFlags) checkArchive(o *replayOptions) error {
	switch {
	case len(o.files)+len(o.rib) > 0:
		return errors.New("--collector brings the recordings: give no FILE and no --rib, but --prime for a table")
	case a.follow && len(a.collectors) > 1:
		return errors.New("--follow takes one --collector")
	case a.follow && o.speed != "max":
		return errors.New("--follow plays as files appear: it takes no --speed")
	case !a.follow && (a.begin.IsZero() || a.end.IsZero()):
		return errors.New("--collector needs --from and --to, or --follow")
	}
	size, err := config.ParseBytes(a.size)
	if err != nil {
		return fmt.Errorf("--cache-size: %w", err)
	}
	a.access = archive.Access{BaseURL: a.url, Cache: a.cache, CacheSize: int64(size)}
	for _, name := range a.collectors {
		if err := a.access.Check(name); err != nil {
			return err
		}
	}
	return nil
}

// bounds are the times of updates that are played; 0 is none.
func (a *archiveFlags) bounds() (from, to route.Time) {
	if !a.begin.IsZero() {
		from = route.TimeOf(a.begin)
	}
	if !a.end.IsZero() {
		to = route.TimeOf(a.end)
	}
	return from, to
}

// following is what follows an archive. What befalls it is said on w.
func (a *archiveFlags) following(w io.Writer) archive.Config {
	access := a.access
	access.Log = slog.New(slog.NewTextHandler(w, nil))
	return archive.Config{Collector: a.collectors[0], Access: access, Prime: a.prime, Begin: a.begin, To: a.end}
}
