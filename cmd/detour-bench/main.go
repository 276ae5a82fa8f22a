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
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run runs detour-bench with args and returns its exit status: 0, or 1 when a
// part failed or the report could not be written.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	root := newRoot(parts())
	root.AddCommand(newServer())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(stderr, "detour bench: %v\n", err)
		return 1
	}
	return 0
}
