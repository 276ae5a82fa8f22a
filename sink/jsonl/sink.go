package jsonl

import (
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

// Sink writes lines through a buffer. After an error of Write or Flush nothing of what
// was written since the last Flush is held any more, and as far as it can be taken
// back it is not in the file either: write it again. It belongs to one goroutine.
type Sink struct {
	path  string // Stdout, or of file
	file  *os.File
	out   io.Writer
	info  os.FileInfo // of file, when it was opened
	size  int
	held  []byte // lines that were not handed to out
	wrote int64  // octets that were, since the last Flush
	end   int64  // length of the file at the last Flush
	torn  bool   // out has a part of a line
	bad   bool   // the last use of out failed

	scratch []byte
}

// New opens the file of cfg. The caller closes the Sink.
func New(cfg Config, deps Deps) (*Sink, error) {
	s := &Sink{path: cfg.Path, out: deps.Stdout, size: cfg.BufferBytes}
	if s.size <= 0 {
		s.size = defaultBufferBytes
	}
	if cfg.Path == Stdout {
		if deps.Stdout == nil {
			return nil, errors.New("open json lines: no standard output given")
		}
		return s, nil
	}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open json lines: %w", err)
	}
	return s, nil
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
	if err := s.mend(); err != nil {
		return s.wrap(err)
	}
	s.held = append(append(s.held, line...), '\n')
	if len(s.held) < s.size {
		return nil
	}
	return s.wrap(s.hand())
}

// Flush hands everything that is held back to the operating system. A file that was
// moved or taken away meanwhile is made anew.
func (s *Sink) Flush() error {
	s.bad = s.bad || s.away()
	if err := s.mend(); err != nil {
		return s.wrap(err)
	}
	if err := s.hand(); err != nil {
		return s.wrap(err)
	}
	s.end += s.wrote
	s.wrote = 0
	return nil
}

// Close flushes and closes the file; standard output stays open. It returns the
// first error of either. What could not be written before is not tried again.
func (s *Sink) Close() (err error) {
	if !s.bad {
		err = s.Flush()
	}
	if s.file == nil {
		return err
	}
	return errors.Join(err, s.wrap(s.file.Close()))
}

func (s *Sink) wrap(err error) error {
	if err == nil {
		return nil
	}
	name := s.path
	if name == Stdout {
		name = "standard output"
	}
	return fmt.Errorf("write %s: %w", name, err)
}
