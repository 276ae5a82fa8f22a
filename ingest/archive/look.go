package archive

import (
	"context"
	"fmt"
	"time"

	"detour/ingest/live"
	"detour/ingest/replay"
	"detour/route"
)

// look asks the archive what is new and puts it into the queue, or waits. Files come
// in their order: one that is missing although a later one is there is waited for,
// for a while, and then passed over with a gap.
func (f *follower) look(ctx context.Context) error {
	files, err := f.later(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		f.desk.Tell(live.EventDisconnect, f.cfg.Collector, err.Error())
	}
	if len(files) > 0 {
		done, err := f.take(ctx, files)
		if done || err != nil {
			return err
		}
	}
	f.silent()
	if len(files) > 0 || err != nil {
		return f.wait(ctx, f.cfg.poll)
	}
	return f.wait(ctx, f.due())
}

// later returns the files behind the last one.
func (f *follower) later(ctx context.Context) ([]File, error) {
	first := monthOf(f.last.Add(f.layout.every))
	for i := range maxMonths {
		month := first.AddDate(0, i, 0)
		if i > 0 && month.After(time.Now()) {
			break
		}
		files, err := f.archive.month(ctx, f.layout, Updates, month)
		if err != nil {
			return nil, err
		}
		if files = files[lowerBound(files, f.last.Add(1)):]; len(files) > 0 {
			return files, nil // what is later can wait
		}
	}
	return nil, nil
}

// take gives the first of the files that can be had, if it is the next one, or the
// next one was waited for long enough.
func (f *follower) take(ctx context.Context, files []File) (done bool, err error) {
	next := f.last.Add(f.layout.every)
	lacks := ""
	if files[0].At.After(next) {
		lacks = Hole{next, files[0].At}.String()
	}
	for i, file := range files {
		if lacks != "" && !f.patient() {
			return f.pass(ctx, lacks, files[i:])
		}
		if lacks != "" {
			return false, nil
		}
		err := f.fetch(ctx, file)
		switch {
		case err == nil:
			f.enqueue(file)
			return true, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		}
		f.desk.Tell(live.EventDisconnect, f.cfg.Collector, err.Error())
		if i == len(files)-1 {
			return false, nil // nothing later is there: it may still come
		}
		lacks = fmt.Sprintf("%s is listed, but cannot be had: %v", file.Name(), err)
	}
	return false, nil
}

// patient reports whether to wait for what is lacking, and notes since when it is.
func (f *follower) patient() bool {
	if f.lacking.IsZero() {
		f.lacking = time.Now()
	}
	return time.Since(f.lacking) < f.cfg.grace
}

// pass passes over what is lacking to the first file behind it that can be had.
func (f *follower) pass(ctx context.Context, lacks string, files []File) (done bool, err error) {
	for _, file := range files {
		err := f.fetch(ctx, file)
		if err == nil {
			f.desk.Skip("missing")
			f.queue = append(f.queue, f.gap(lacks, file.At))
			f.enqueue(file)
			return true, nil
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		f.desk.Tell(live.EventDisconnect, f.cfg.Collector, err.Error())
	}
	return false, nil
}

func (f *follower) enqueue(file File) {
	f.lacking = time.Time{}
	f.last = file.At
	f.queue = append(f.queue, file, &replay.Recording{Event: route.KindTick, At: route.TimeOf(file.End())})
}

func (f *follower) fetch(ctx context.Context, file File) error {
	return f.archive.Fetch(ctx, []File{file}, nil)
}
