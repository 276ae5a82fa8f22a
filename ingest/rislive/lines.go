package rislive

import (
	"bufio"
	"errors"
	"io"
)

// maxLine bounds a message: the largest BGP message is 64 KiB, and its JSON with the
// raw message at most some twenty times that.
const maxLine = 4 << 20

// errLong says that a line is longer than maxLine. It was passed over.
var errLong = errors.New("line too long")

// lines splits what is read into lines. Its memory is bounded by maxLine.
type lines struct {
	r   *bufio.Reader
	buf []byte // a line that did not fit into r
	n   int    // bytes of the last line
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next line, with its end where it has one; it is valid until the
// next call. What is left when reading fails comes with the error, and so is an end
// in the middle of a line told from one behind it.
func (l *lines) next() ([]byte, error) {
	l.buf, l.n = l.buf[:0], 0
	for {
		part, err := l.r.ReadSlice('\n')
		l.n += len(part)
		switch {
		case err == bufio.ErrBufferFull:
			if l.n <= maxLine {
				l.buf = append(l.buf, part...)
			}
			continue
		case err == nil && l.n > maxLine:
			return nil, errLong
		case l.n > maxLine:
			return nil, err
		case len(l.buf) == 0:
			return part, err
		}
		l.buf = append(l.buf, part...)
		return l.buf, err
	}
}
