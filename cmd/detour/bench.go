package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"
)

// benchProgram measures; it is not part of detour, because what it is measured
// against would cost every command memory.
const benchProgram = "detour-bench"

func newBench() *cobra.Command {
	return &cobra.Command{
		Use:   "bench [PART...] [flags]",
		Short: "Measure detour, on its own and against others",
		Long: "Measure detour, on its own and against others, with the program " + benchProgram +
			"\nthat stands beside this one or on the path. `detour bench --help` tells its parts.",
		DisableFlagParsing: true,
		RunE:               runBench,
	}
}

// runBench hands everything to detour-bench and ends with its status.
func runBench(c *cobra.Command, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find %s: %w", benchProgram, err)
	}
	path, err := findBench(self)
	if err != nil {
		return err
	}
	cmd := exec.Command(path, append([]string{"--detour", self}, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
	err = cmd.Run()
	if exit, ended := errors.AsType[*exec.ExitError](err); ended {
		if exit.ExitCode() == exitUsage {
			return usage(errTold)
		}
		return errTold
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", benchProgram, err)
	}
	return nil
}

func findBench(self string) (string, error) {
	beside := filepath.Join(filepath.Dir(self), benchProgram)
	if _, err := os.Stat(beside); err == nil {
		return beside, nil
	}
	path, err := exec.LookPath(benchProgram)
	if err != nil {
		return "", fmt.Errorf("%s is a program of its own: build it with make build (%w)", benchProgram, err)
	}
	return path, nil
}
