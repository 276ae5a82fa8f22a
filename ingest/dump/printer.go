package dump

import (
	"fmt"
	"io"

	"detour/ingest/mrt"
)

// Format is an output format.
type Format string

// Formats.
const (
	FormatBGPDump Format = "bgpdump"
	FormatJSON    Format = "json"
	FormatSummary Format = "summary"
)

// ParseFormat returns the Format named s.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case FormatBGPDump, FormatJSON, FormatSummary:
		return f, nil
	}
	return "", fmt.Errorf("unknown format %q: use bgpdump, json or summary", s)
}

// flushAt is how much text is gathered before it is written.
const flushAt = 64 << 10

// Printer writes records in one Format. A first failed write sticks and comes
// back from every later call.
type Printer struct {
	w      io.Writer
	format Format
	buf    []byte
	line   line
	err    error
}

// NewPrinter returns a Printer that writes to w.
func NewPrinter(w io.Writer, f Format) *Printer {
	return &Printer{w: w, format: f, buf: make([]byte, 0, flushAt+flushAt/4)}
}

// Record prints rec. name is the input it came from.
func (p *Printer) Record(rec *mrt.Record, name string) error {
	switch p.format {
	case FormatBGPDump:
		p.buf = p.line.append(p.buf, rec)
	case FormatJSON:
		p.buf = AppendJSON(p.buf, rec, name)
	}
	if len(p.buf) >= flushAt {
		return p.Flush()
	}
	return p.err
}

// Report prints what is to be said at the end of one input: everything in
// FormatSummary, nothing in the others.
func (p *Printer) Report(r *mrt.Report) error {
	if p.format == FormatSummary {
		p.buf = AppendSummary(p.buf, r)
	}
	return p.err
}

// Flush writes what is still held back.
func (p *Printer) Flush() error {
	if p.err == nil && len(p.buf) > 0 {
		_, p.err = p.w.Write(p.buf)
	}
	p.buf = p.buf[:0]
	return p.err
}
