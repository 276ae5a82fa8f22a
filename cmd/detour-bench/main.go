// Command detour-bench measures detour. It is a program of its own, which
// `detour bench` runs, because gobgp, generated protobuf code and the drawing of
// pictures would cost every other command 5 MiB of memory and a millisecond at
// each start.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run runs detour-bench with args and returns its exit status: 0, 1 when a part
// failed or the report could not be written, or 2 when it was called wrongly.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	root := newRoot(parts(), args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "detour bench: %v\n", err)
	if !began { // cobra has refused a part, a flag or an argument
		return 2
	}
	return 1
}
