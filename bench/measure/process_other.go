//go:build !linux

package measure

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// run starts the program directly. Its memory is not told: systems count it
// differently.
func run(ctx context.Context, out *os.File, argv []string) (Usage, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdout = out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return Usage{}, err
	}
	s := cmd.ProcessState
	return Usage{CPU: s.UserTime() + s.SystemTime(), Exit: s.ExitCode()}, nil
}
