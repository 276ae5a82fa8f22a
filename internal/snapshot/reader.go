package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrDamaged says that bytes are not a snapshot, or not all of it.
var ErrDamaged = errors.New("snapshot is damaged")

// reader reads bytes from the front. After the first error it returns zeroes.
type reader struct {
	data []byte
	at   int
	err  error
}

func (r *reader) left() int { return len(r.data) - r.at }

// fail notes an error.
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: octet %d: %s", ErrDamaged, r.at, fmt.Sprintf(format, args...))
		r.at = len(r.data)
	}
}

// take returns the next n octets, nil where there are not as many.
func (r *reader) take(n uint64) []byte {
	if n > uint64(r.left()) {
		r.fail("%d octets are wanted, %d are left", n, r.left())
		return nil
	}
	b := r.data[r.at:][:n]
	r.at += int(n)
	return b
}

func (r *reader) octet() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) number() uint64 {
	n, used := binary.Uvarint(r.data[r.at:])
	if used <= 0 {
		r.fail("no number")
		return 0
	}
	r.at += used
	return n
}

// count reads the length of a slice or map, which is written one higher; nil
// says that there is none.
func (r *reader) count() (n uint64, none bool) {
	n = r.number()
	return n - 1 + b2u(n == 0), n == 0
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (r *reader) text() string { return string(r.take(r.number())) }
