package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"detour/ingest/replay"
	"detour/route"
)

// Plan is which files a stretch of time needs.
type Plan struct {
	Table   *File  // that the state begins with; nil is none
	Updates []File // the oldest first
	Holes   []Hole // in Updates
}

// Hole is a stretch of time of which an archive has nothing.
type Hole struct{ From, To time.Time }

// Plan finds the files of [from, to), and with prime the newest table of from or
// earlier and what came after it.
func (a *Archive) Plan(ctx context.Context, collector string, from, to time.Time, prime bool) (*Plan, error) {
	p, begin := &Plan{}, from
	if prime {
		table, err := a.NewestRIB(ctx, collector, from)
		if err != nil {
			return nil, err
		}
		p.Table, begin = &table, table.At
	}
	if !begin.Before(to) {
		return p, nil
	}
	var err error
	if p.Updates, err = a.List(ctx, collector, begin, to); err != nil {
		return nil, err
	}
	p.Holes = holes(p.Updates, begin, to)
	return p, nil
}

// Files are all files of the plan, in the order in which they are read.
func (p *Plan) Files() []File {
	var all []File
	if p.Table != nil {
		all = append(all, *p.Table)
	}
	return append(all, p.Updates...)
}

// rhythmSince is the year from which on collectors have kept the rhythm of today.
const rhythmSince = 2004

// holes finds where files are missing. Of old ones the rhythm is the shortest step
// between two. The newest files may not be there yet.
func holes(files []File, from, to time.Time) (list []Hole) {
	if len(files) == 0 {
		return nil
	}
	step := files[0].every
	if from.Year() < rhythmSince {
		shortest := longestFile
		for i := 1; i < len(files); i++ {
			shortest = min(shortest, files[i].At.Sub(files[i-1].At))
		}
		step = max(step, shortest)
	}
	if files[0].At.After(from) {
		list = append(list, Hole{from, files[0].At})
	}
	for i := 1; i < len(files); i++ {
		if end := files[i-1].At.Add(step); files[i].At.After(end) {
			list = append(list, Hole{end, files[i].At})
		}
	}
	end := files[len(files)-1].At.Add(step)
	if end.Before(to) && end.Before(time.Now().Add(-3*step)) {
		list = append(list, Hole{end, to})
	}
	return list
}

func (h Hole) String() string {
	const minute = "2006-01-02 15:04"
	return fmt.Sprintf("no file of %s to %s", h.From.UTC().Format(minute), h.To.UTC().Format(minute))
}

// planned gives the files of a plan.
type planned struct {
	archive *Archive
	files   []File
	holes   []Hole
}

// Feed gives the files of a plan, with a gap where one is missing.
func (a *Archive) Feed(p *Plan) replay.Feed {
	return &planned{archive: a, files: p.Files(), holes: p.Holes}
}

// Next implements replay.Feed.
func (f *planned) Next(ctx context.Context) (*replay.Recording, error) {
	if len(f.files) == 0 {
		return nil, io.EOF
	}
	next := f.files[0]
	if next.Kind == Updates && len(f.holes) > 0 && !next.At.Before(f.holes[0].To) {
		at := f.holes[0].To
		f.holes = f.holes[1:]
		return &replay.Recording{Event: route.KindGap, At: route.TimeOf(at)}, nil
	}
	f.files = f.files[1:]
	file, err := f.archive.Open(ctx, next)
	if err != nil {
		return nil, err
	}
	return recording(next, file), nil
}

func recording(f File, file *os.File) *replay.Recording {
	return &replay.Recording{Collector: f.Collector, Name: file.Name(), File: file}
}

// Size returns how much of the plan's files lies in the cache.
func (a *Archive) Size(p *Plan) (total int64) {
	for _, f := range p.Files() {
		if st, err := os.Stat(a.Path(f)); err == nil {
			total += st.Size()
		} else if !errors.Is(err, os.ErrNotExist) {
			a.cfg.Log.Debug("file in the cache", "err", err)
		}
	}
	return total
}
