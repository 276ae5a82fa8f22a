package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	// maxMonths bounds how many indexes one question reads.
	maxMonths = 24
	// ribMonths is how many months back a table is looked for.
	ribMonths = 3
	// longestFile is how far back the file before a moment may begin: the first
	// collectors kept to no rhythm.
	longestFile = time.Hour
)

// List returns the files of updates from the one that holds from up to before to,
// the oldest first.
func (a *Archive) List(ctx context.Context, collector string, from, to time.Time) ([]File, error) {
	l, err := layoutOf(collector, a.cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if !from.Before(to) {
		return nil, fmt.Errorf("from %v is not before to %v", from, to)
	}
	first := monthOf(from.Add(-longestFile))
	if first.AddDate(0, maxMonths, 0).Before(to) {
		return nil, fmt.Errorf("from %s to %s is more than %d months; replay them in parts",
			from.Format(time.DateOnly), to.Format(time.DateOnly), maxMonths)
	}
	var all []File
	for month := first; month.Before(to); month = month.AddDate(0, 1, 0) {
		files, err := a.month(ctx, l, Updates, month)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return within(all, from, to), nil
}

// within cuts a list in order of time to those that hold updates of [from, to).
func within(all []File, from, to time.Time) []File {
	all = all[:lowerBound(all, to)]
	begin := lowerBound(all, from)
	if begin > 0 && (begin == len(all) || all[begin].At.After(from)) && from.Sub(all[begin-1].At) < longestFile {
		begin-- // it began earlier and holds from
	}
	return all[begin:]
}

// lowerBound returns where the first file that begins at t or later stands.
func lowerBound(files []File, t time.Time) int {
	i, _ := slices.BinarySearchFunc(files, t, func(f File, t time.Time) int { return f.At.Compare(t) })
	return i
}

// NewestRIB returns the newest table dump of t or earlier. Where there is none in
// reach the error has ErrNotThere in it.
func (a *Archive) NewestRIB(ctx context.Context, collector string, t time.Time) (File, error) {
	l, err := layoutOf(collector, a.cfg.BaseURL)
	if err != nil {
		return File{}, err
	}
	for back := range ribMonths {
		files, err := a.month(ctx, l, RIB, monthOf(t).AddDate(0, -back, 0))
		if err != nil {
			return File{}, err
		}
		if n := lowerBound(files, t.Add(1)); n > 0 {
			return files[n-1], nil
		}
	}
	return File{}, fmt.Errorf("a table of %s from before %s %w in %s nor in the months before", collector,
		t.UTC().Format(time.RFC3339), ErrNotThere, l.folder(RIB, monthOf(t)))
}

// month reads the index of a month. One that is not there holds nothing.
func (a *Archive) month(ctx context.Context, l *layout, k Kind, month time.Time) ([]File, error) {
	page, err := a.page(ctx, l.folder(k, month))
	if errors.Is(err, ErrNotThere) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return l.index(k, month, page)
}

// page reads an index.
func (a *Archive) page(ctx context.Context, url string) (string, error) {
	var text strings.Builder
	err := a.persist(ctx, func(ctx context.Context) (bool, error) {
		text.Reset()
		resp, err := a.get(ctx, url, nil)
		if err != nil {
			return false, err
		}
		defer resp.Body.Close()
		n, err := io.Copy(&text, io.LimitReader(resp.Body, maxIndex+1))
		switch {
		case err != nil:
			return false, fmt.Errorf("fetch %s: %w", url, err)
		case n > maxIndex:
			return false, finalf("%s is larger than %d MiB: it is no directory index", url, maxIndex>>20)
		case resp.ContentLength >= 0 && n != resp.ContentLength:
			return false, fmt.Errorf("fetch %s: %d octets of %d came", url, n, resp.ContentLength)
		}
		return false, nil
	})
	return text.String(), err
}
