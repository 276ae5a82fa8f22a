package flock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrHeld says that somebody else has the lock.
var ErrHeld = errors.New("is locked by another process")

// Take locks an open file. The error wraps ErrHeld where another open file has the
// lock, be it of this process or of another.
func Take(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return fmt.Errorf("%s %w", f.Name(), ErrHeld)
	case err != nil:
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return nil
}
