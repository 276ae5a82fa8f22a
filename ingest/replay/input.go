package replay

import (
	"errors"
	"io"
	"os"
	"sync/atomic"

	"detour/ingest/mrt"
)

// input is one recording, with the bytes of it that were read so far.
type input struct {
	*mrt.Reader
	file *os.File // nil for standard input
	read *atomic.Int64
	size int64
}

// counter counts what is read from a file, compressed or not, across all files
// of a replay.
type counter struct {
	r    io.Reader
	read *atomic.Int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read.Add(int64(n))
	return n, err
}

func (s *Source) open(name string) (*input, error) {
	o := mrt.Options{Name: name, Collector: s.cfg.Collector}
	in := &input{read: &s.read}
	src := s.cfg.Stdin
	if name == stdinName {
		o.Name = "standard input"
		return in, in.begin(src, o)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err // it names the file
	}
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
		in.size = st.Size()
	}
	in.file = f
	return in, in.begin(f, o)
}

// begin begins to read; on an error it closes the file.
func (in *input) begin(src io.Reader, o mrt.Options) (err error) {
	if in.Reader, err = mrt.OpenStream(counter{src, in.read}, o); err != nil && in.file != nil {
		in.file.Close()
	}
	return err
}

// Close keeps the report and closes the file.
func (in *input) Close() error {
	err := in.Reader.Close()
	if in.file != nil {
		err = errors.Join(err, in.file.Close())
	}
	return err
}
