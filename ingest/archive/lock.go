package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"detour/internal/flock"
	"detour/internal/pause"
)

// errLocked says that another download has the file.
var errLocked = errors.New("is being fetched by another download")

// lock opens a file under a lock that ends with the file or the process; create
// makes it if it is not there.
func lock(path string, create bool) (*os.File, error) {
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("make folder in the cache: %w", err)
		}
	}
	f, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open in the cache: %w", err)
	}
	if err := flock.Take(f); err != nil {
		f.Close()
		if errors.Is(err, flock.ErrHeld) {
			return nil, fmt.Errorf("%s %w", path, errLocked)
		}
		return nil, err
	}
	// Whoever had the lock before may have renamed or removed the file.
	if now, err := os.Stat(path); err == nil {
		if is, err := f.Stat(); err == nil && os.SameFile(now, is) {
			return f, nil
		}
	}
	f.Close()
	return nil, fmt.Errorf("%s %w", path, errLocked)
}

// askAgain is the time between two looks at a lock.
const askAgain = 100 * time.Millisecond

// await waits for the lock of a file's part. It returns nil once another download
// has brought the file whole.
func (c *cache) await(ctx context.Context, path string) (*os.File, error) {
	for {
		f, err := lock(path+partEnd, true)
		if err == nil {
			if _, whole := c.whole(path); whole {
				os.Remove(path + partEnd) // empty
				f.Close()
				return nil, nil
			}
			return f, nil
		}
		if !errors.Is(err, errLocked) {
			return nil, err
		}
		if err := pause.For(ctx, askAgain); err != nil {
			return nil, err
		}
	}
}
