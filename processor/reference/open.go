package reference

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"

	"detour/internal/bzip2"
)

const (
	// maxBytes bounds a file after decompression. The largest kind, a validator's
	// JSON of all payloads with indentation, has about 100 MB.
	maxBytes = 512 << 20
	readSize = 256 << 10
)

// bom is the byte order mark that some editors write before UTF-8.
const bom = "\xef\xbb\xbf"

var errTooLarge = fmt.Errorf("more than %d MiB after decompression: is this the right file?", maxBytes>>20)

// openFile reads path with parse. Errors of the file system name the path
// themselves, so only others get it in front.
func openFile(path string, parse func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := parse(f); err != nil {
		if _, ok := errors.AsType[*os.PathError](err); ok {
			return err
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// unpack returns the plain text behind src: gzip and bzip2 are told by their
// first bytes, a byte order mark is dropped. Unlike a recording, a reference file
// that ends early is an error, since what is missing cannot be told.
func unpack(src io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(src, readSize)
	magic, err := in.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var plain io.Reader = in
	form := "file"
	switch {
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		form = "gzip stream"
		plain, err = gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("decompress gzip: %w", err)
		}
	case len(magic) == 4 && bytes.HasPrefix(magic, []byte("BZh")) && magic[3] >= '1' && magic[3] <= '9':
		form = "bzip2 stream"
		plain = bzip2.NewReader(in)
	}
	out := bufio.NewReaderSize(&bounded{r: plain, form: form, left: maxBytes}, readSize)
	if mark, _ := out.Peek(len(bom)); string(mark) == bom {
		_, err := out.Discard(len(bom))
		return out, err
	}
	return out, nil
}

// bounded fails where io.LimitReader would end, and says of what an error is.
type bounded struct {
	r    io.Reader
	form string
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%s damaged or cut short: %w", b.form, err)
	}
	return n, err
}
