package mrt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"detour/internal/bzip2"
)

// maxZstdWindow bounds the memory of a zstd stream (128 MiB, zstd --long).
const maxZstdWindow = 128 << 20

// Open opens a recording: plain, gzip, bzip2 or zstd, told by its first bytes,
// whatever its name. "-" is standard input. Compressed input that ends early or
// is damaged gives all that could be decompressed, then io.EOF; Report.Tail says
// so. Options.Name and Collector are kept; an empty Name becomes path.
func Open(path string, o Options) (*Reader, error) {
	if o.Name == "" {
		o.Name = path
	}
	if path == "-" {
		return OpenStream(os.Stdin, o)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return open(f, f, o)
}

// OpenStream is Open for a stream that the caller keeps and closes.
func OpenStream(src io.Reader, o Options) (*Reader, error) { return open(src, nil, o) }

// Whole reads a stream to its end and says what is wrong with its compression, if
// anything is: such as that it ends too early. It looks at no record.
func Whole(src io.Reader) error {
	in, err := newInput(src, nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return errors.Join(err, in.tail, in.Close())
}

func open(src io.Reader, closer io.Closer, o Options) (*Reader, error) {
	in, err := newInput(src, closer)
	if err != nil {
		if closer != nil {
			closer.Close()
		}
		return nil, fmt.Errorf("open mrt %s: %w", o.Name, err)
	}
	r := NewReader(in, o)
	r.in = in
	return r, nil
}

// input is a decompressed file. It tells damaged compression, which ends the
// input, from trouble with the file itself, which is an error.
type input struct {
	file        *source
	plain       io.Reader
	compression string
	closers     []io.Closer
	tail        error
}

// source remembers why reading the file failed.
type source struct {
	r   io.Reader
	n   int64
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func newInput(src io.Reader, closer io.Closer) (*input, error) {
	in := &input{file: &source{r: src}}
	if closer != nil {
		in.closers = append(in.closers, closer)
	}
	b := bufio.NewReaderSize(in.file, readSize)
	magic, err := b.Peek(4)
	if in.file.err != nil {
		return nil, err
	}
	in.compression = compressionOf(magic)
	switch in.compression {
	case "gzip":
		z, err := gzip.NewReader(b)
		if err != nil {
			return in, in.damaged(err)
		}
		in.plain = z
	case "bzip2":
		in.plain = bzip2.NewReader(b)
	case "zstd":
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return in, in.damaged(err)
		}
		in.plain = z
		in.closers = append(in.closers, z.IOReadCloser())
	default:
		in.plain = b
	}
	return in, nil
}

func compressionOf(magic []byte) string {
	switch {
	case len(magic) >= 2 && magic[0] == 0x1f && magic[1] == 0x8b:
		return "gzip"
	case len(magic) >= 4 && string(magic[:3]) == "BZh" && magic[3] >= '1' && magic[3] <= '9':
		return "bzip2"
	case len(magic) >= 4 && string(magic) == "\x28\xb5\x2f\xfd":
		return "zstd"
	}
	return "none"
}

// damaged notes that decompression stopped, unless the file itself failed.
func (in *input) damaged(err error) error {
	if in.file.err != nil {
		return in.file.err
	}
	if in.tail == nil {
		in.tail = fmt.Errorf("%s stream damaged near compressed offset %d: %w", in.compression, in.file.n, err)
	}
	return nil
}

func (in *input) Read(p []byte) (int, error) {
	if in.plain == nil || in.tail != nil {
		return 0, io.EOF
	}
	n, err := in.plain.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	if err := in.damaged(err); err != nil {
		return n, err
	}
	return n, io.EOF
}

func (in *input) Close() error {
	var errs []error
	for i := len(in.closers) - 1; i >= 0; i-- {
		if err := in.closers[i].Close(); err != nil && in.tail == nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
