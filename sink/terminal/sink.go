package terminal

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"detour/alert"
	"detour/route"
)

// Mode says when to colour.
type Mode uint8

// Modes. ColorAuto colours a terminal unless NO_COLOR is set or TERM is dumb.
const (
	ColorAuto Mode = iota
	ColorAlways
	ColorNever
)

// on reports whether to colour. What the user asked for by flag outranks
// NO_COLOR (no-color.org).
func (m Mode) on(tty bool, getenv func(string) string) bool {
	if m == ColorAuto {
		return tty && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	}
	return m == ColorAlways
}

// Config of a Sink. The zero value suits a terminal as well as a pipe.
type Config struct {
	Color Mode
	// Width cuts the lines of flags to so many columns. 0 takes the terminal's
	// width when Out is one and does not cut otherwise; below 0 never cuts.
	// Alerts are few, and told in full.
	Width int
}

// Deps of a Sink.
type Deps struct {
	Out    io.Writer
	Getenv func(string) string // nil is os.Getenv
}

// Sink writes lines to Out. It belongs to one goroutine.
type Sink struct {
	out     io.Writer
	columns int // of flags; 0: no limit
	line    line
	bytes   []byte
	status  map[string]alert.Status // by alert id, as last shown
}

// New returns a Sink. It asks Out once whether it is a terminal and how wide.
func New(cfg Config, deps Deps) *Sink {
	getenv := deps.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	columns, tty := terminalSize(deps.Out)
	color := cfg.Color.on(tty, getenv)
	if cfg.Width != 0 {
		columns = max(cfg.Width, 0)
	}
	return &Sink{out: deps.Out, columns: columns, line: line{color: color}, status: map[string]alert.Status{}}
}

// terminalSize returns the width of a terminal, 0 for anything else.
func terminalSize(w io.Writer) (columns int, tty bool) {
	f, ok := w.(interface{ Fd() uintptr }) // a file, or what wraps one
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return columns, true
}

// Flag writes one line for f.
func (s *Sink) Flag(f *alert.Flag) error {
	s.line.reset()
	writeFlag(&s.line, f)
	s.line.cut(s.columns)
	return s.flush()
}

// Alert writes one line for a: that it opens, grows, opens again or ends, by
// what the Sink has shown of it before.
func (s *Sink) Alert(a *alert.Alert) error {
	s.line.reset()
	writeAlert(&s.line, a, s.phaseOf(a))
	return s.flush()
}

// Note writes a line of the caller's own, about what happened at t.
func (s *Sink) Note(t route.Time, text string) error {
	s.line.reset()
	s.line.cell(faint, clock(t), 0)
	s.line.text(faint, text)
	return s.flush()
}

func (s *Sink) flush() error {
	s.bytes = append(s.line.finish(s.bytes[:0]), '\n')
	if _, err := s.out.Write(s.bytes); err != nil {
		return fmt.Errorf("write terminal: %w", err)
	}
	return nil
}
