package archive

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Progress is how far a Fetch has come.
type Progress struct {
	Files, Of int   // there, and wanted
	Cached    int   // of Files, those that were there before
	Octets    int64 // that came
}

// Fetch brings files into the cache, several at a time, and keeps them there until
// each is opened. progress, unless nil, is called by one goroutine at a time.
func (a *Archive) Fetch(ctx context.Context, files []File, progress func(Progress)) error {
	if progress == nil {
		progress = func(Progress) {}
	}
	var mu sync.Mutex
	p := Progress{Of: len(files)}
	tell := func(change func()) {
		mu.Lock()
		defer mu.Unlock()
		change()
		progress(p)
	}
	tell(func() {})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(a.cfg.Parallel)
	var kept []string
	var failed error
	for _, f := range files {
		path, err := a.cache.path(f)
		if err != nil {
			failed = err
			break
		}
		a.cache.pin(path)
		kept = append(kept, path)
		group.Go(func() error {
			cached, err := a.have(ctx, f, path, func(n int64) { tell(func() { p.Octets += n }) })
			if err != nil {
				return err
			}
			tell(func() {
				p.Files++
				if cached {
					p.Cached++
				}
			})
			return nil
		})
	}
	if err := cmp.Or(group.Wait(), failed); err != nil { // nobody will open them by this call
		for _, path := range kept {
			a.cache.unpin(path)
		}
		return err
	}
	return nil
}

// have brings a file into the cache, unless it is there as it was fetched.
func (a *Archive) have(ctx context.Context, f File, path string, told func(int64)) (cached bool, err error) {
	switch there, whole := a.cache.whole(path); {
	case whole:
		a.cache.used(path, time.Now())
		return true, nil
	case there:
		a.cfg.Log.Warn("file in the cache is not as it was fetched, it is fetched again", "file", path)
		if err := remove(path); err != nil {
			return false, fmt.Errorf("remove what is damaged: %w", err)
		}
	}
	if err := a.bring(ctx, f, path, told); err != nil {
		return false, fmt.Errorf("%s of %s: %w", f.Name(), f.Collector, err)
	}
	return false, nil
}

// Open returns a file of the cache, fetched first if it is not there. What is open
// can be read to its end even if it has to make room.
func (a *Archive) Open(ctx context.Context, f File) (*os.File, error) {
	path, err := a.cache.path(f)
	if err != nil {
		return nil, err
	}
	defer a.cache.unpin(path)
	for range 3 { // another process may remove it in between
		a.cache.pin(path)
		_, err = a.have(ctx, f, path, func(int64) {})
		if err == nil {
			var file *os.File
			if file, err = os.Open(path); err == nil {
				a.cache.unpin(path)
				return file, nil
			}
		}
		a.cache.unpin(path)
		if !os.IsNotExist(err) {
			break
		}
	}
	return nil, err
}

// Path is where the cache has a file, or would.
func (a *Archive) Path(f File) string {
	path, err := a.cache.path(f)
	if err != nil {
		return f.URL
	}
	return path
}
