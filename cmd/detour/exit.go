package main

import (
	"errors"
	"fmt"
	"io"

	"detour/internal/config"
)

// Exit codes of every subcommand; docs/reference/command-line.md has them for
// people.
const (
	exitOK      = 0
	exitFailed  = 1  // could not go on
	exitUsage   = 2  // called wrongly
	exitDamaged = 3  // finished, but something of the input was lost or unreadable
	exitNotHeld = 4  // eval: something that must hold does not
	exitConfig  = 78 // the configuration is wrong; EX_CONFIG of sysexits.h
)

// errDamaged ends a command that finished although its input was damaged. What
// was wrong is said before it is returned.
var errDamaged = errors.New("input damaged")

// errTold ends a command that failed and has said why.
var errTold = errors.New("failed")

// coded is an error that ends detour with a code of its own.
type coded struct {
	code int
	err  error
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

// usage marks what is wrong with flags or arguments, if anything is.
func usage(err error) error { return withCode(exitUsage, err) }

// usagef is fmt.Errorf for what is wrong with flags or arguments.
func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// badConfig marks what is wrong with the configuration, if anything is.
func badConfig(err error) error { return withCode(exitConfig, err) }

func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return &coded{code, err}
}

// exitCode returns the code that err ends with, and says what was not said.
func exitCode(stderr io.Writer, err error) int {
	own, isCoded := errors.AsType[*coded](err)
	problems, isConfig := errors.AsType[config.Problems](err)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDamaged):
		return exitDamaged
	case errors.Is(err, errTold):
	case isConfig: // each has its place in front already
		fmt.Fprintln(stderr, problems)
	default:
		fmt.Fprintf(stderr, "detour: %v\n", err)
	}
	switch {
	case isCoded:
		return own.code
	case isConfig:
		return exitConfig
	case errors.Is(err, errExpectation):
		return exitNotHeld
	}
	return exitFailed
}
