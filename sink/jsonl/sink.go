package jsonl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"detour/alert"
)

// Stdout as Config.Path means standard output.
const Stdout = "-"

const defaultBufferBytes = 64 << 10

// Config of a Sink.
type Config struct {
	Path        string // a file that lines are appended to, or Stdout
	BufferBytes int    // bytes held back until Flush, 64 KiB when 0
}

// Deps of a Sink.
type Deps struct {
	Stdout io.Writer // used when Path is Stdout; never closed
}

// Sink writes lines through a buffer. The first write error stays and is
// returned by every later call. It belongs to one goroutine.
type Sink struct {
	name    string
	file    *os.File // nil for Stdout
	out     *bufio.Writer
	scratch []byte
}

// New opens the file of cfg. The caller closes the Sink.
func New(cfg Config, deps Deps) (*Sink, error) {
	size := cfg.BufferBytes
	if size <= 0 {
		size = defaultBufferBytes
	}
	if cfg.Path == Stdout {
		if deps.Stdout == nil {
			return nil, errors.New("open json lines: no standard output given")
		}
		return &Sink{name: "standard output", out: bufio.NewWriterSize(deps.Stdout, size)}, nil
	}
	file, err := os.OpenFile(cfg.Path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open json lines: %w", err)
	}
	return &Sink{name: cfg.Path, file: file, out: bufio.NewWriterSize(file, size)}, nil
}

// Flag writes f.
func (s *Sink) Flag(f *alert.Flag) error {
	s.scratch = f.AppendJSON(s.scratch[:0])
	return s.Write(s.scratch)
}

// Alert writes a.
func (s *Sink) Alert(a *alert.Alert) error {
	line, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode alert %s: %w", a.ID, err)
	}
	return s.Write(line)
}

// ErrNotOneLine is returned by Write for a message that would break the file.
var ErrNotOneLine = errors.New("message is not one line")

// Write writes line unchanged and ends it. The line itself has no end of line;
// an empty one, or one that holds an end of line, is refused and nothing is
// written.
func (s *Sink) Write(line []byte) error {
	if len(line) == 0 || bytes.ContainsAny(line, "\r\n") {
		return ErrNotOneLine
	}
	if _, err := s.out.Write(line); err != nil {
		return s.wrap(err)
	}
	return s.wrap(s.out.WriteByte('\n'))
}

// Flush hands everything that is held back to the operating system.
func (s *Sink) Flush() error { return s.wrap(s.out.Flush()) }

// Close flushes and closes the file; standard output stays open. It returns the
// first error of either.
func (s *Sink) Close() error {
	err := s.Flush()
	if s.file == nil {
		return err
	}
	return errors.Join(err, s.wrap(s.file.Close()))
}

func (s *Sink) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write %s: %w", s.name, err)
}
