package measure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Usage is what one run of a process cost.
type Usage struct {
	CPU  time.Duration // user and system time
	Peak uint64        // most memory resident at once, in bytes; 0 where the system does not tell
	Exit int
}

// Process runs a program with its standard output in out, nowhere when nil; its
// standard input is empty and what it says on standard error is dropped. A
// program that ends with a status other than 0 is no error: Usage.Exit tells.
func Process(ctx context.Context, out *os.File, argv ...string) (Usage, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return Usage{}, fmt.Errorf("run %s: %w", argv[0], errors.Unwrap(err))
	}
	if out == nil {
		if out, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
			return Usage{}, fmt.Errorf("run %s: %w", argv[0], err)
		}
		defer out.Close()
	}
	u, err := run(ctx, out, append([]string{path}, argv[1:]...))
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return Usage{}, fmt.Errorf("run %s: %w", argv[0], err)
	}
	return u, nil
}

// MiB is bytes as people count them.
func MiB(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
