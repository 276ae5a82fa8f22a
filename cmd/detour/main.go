// Command detour watches Internet routing. Every subcommand has a file of its
// own here; what it does is in the packages that it wires together.
package main

import (
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

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
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	err := root.Execute()
	if !began { // cobra has refused a command, a flag or an argument
		err = usage(err)
	}
	return exitCode(stderr, err)
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
	root.AddCommand(newBench(), newCluster(), newConfig(), newDemo(), newDump(), newEval(), newExplain(), newIngest(),
		newPeers(), newProcess(), newReplay(), newRun(), newSink(), newStatus(), newStream())
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
