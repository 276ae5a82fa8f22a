// Command detour watches Internet routing. Every subcommand has a file of its
// own here; what it does is in the packages that it wires together.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Exit codes of every subcommand.
const (
	exitOK      = 0
	exitFailed  = 1 // could not go on
	exitDamaged = 3 // finished, but something of the input was lost or unreadable
	exitNotHeld = 4 // eval: something that must hold does not
)

// errDamaged ends a command that finished although its input was damaged. What
// was wrong is said before it is returned.
var errDamaged = errors.New("input damaged")

// errTold ends a command that failed and has said why.
var errTold = errors.New("failed")

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run runs detour with args and returns its exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDamaged):
		return exitDamaged
	case errors.Is(err, errTold):
		return exitFailed
	case errors.Is(err, errExpectation):
		fmt.Fprintf(stderr, "detour: %v\n", err)
		return exitNotHeld
	}
	fmt.Fprintf(stderr, "detour: %v\n", err)
	return exitFailed
}

// newRoot returns the command with all its subcommands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "detour",
		Short:         "Watch Internet routing for leaks and hijacks",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newBench(), newDemo(), newDump(), newEval(), newExplain(), newReplay())
	return root
}

// version returns the module version or, for a build from a checkout, the
// commit it was made from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = s.Value
		}
	}
	if v == "" {
		return "(devel)"
	}
	return v
}
