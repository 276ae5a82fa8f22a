package recording

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"detour/internal/bzip2"
)

// ErrAbsent says that a recording is not there.
var ErrAbsent = errors.New("corpus absent")

// Dev returns the two recordings of ordinary traffic that decoders were compared
// on, by their names in the corpus.
func Dev() []string {
	return []string{"mrt/routeviews.updates.20241028.0000.bz2", "mrt/ris.rrc00.updates.20190101.0000.gz"}
}

// Burst returns recordings of table transfers, with more prefixes in an UPDATE.
func Burst() []string {
	return []string{
		"mrt/ris.updates.et-header.2015.gz", "mrt/routeviews.jinx.updates.20150401.0000.bz2",
		"mrt/ris.rrc06.updates.20150401.0000.gz",
	}
}

// Plain returns recordings of the corpus in dir in one piece, decompressed. A
// recording that is not there gives ErrAbsent.
func Plain(dir string, names []string) ([]byte, error) {
	var out []byte
	for _, name := range names {
		data, err := plain(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: no %s", ErrAbsent, name)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		out = append(out, data...)
	}
	return out, nil
}

func plain(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasSuffix(path, ".gz"):
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	case strings.HasSuffix(path, ".bz2"):
		return io.ReadAll(bzip2.NewReader(bytes.NewReader(raw)))
	}
	return raw, nil
}

// HeaderLen is the length of an MRT header (RFC 6396 §2).
const HeaderLen = 12

// MRT types.
const (
	typeBGP4MP = 16
	typeET     = 17
)

// WithoutMicroseconds makes BGP4MP of BGP4MP_ET records, which not every decoder
// reads. Data that do not end with a whole record are cut to the last one.
func WithoutMicroseconds(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for len(data) >= HeaderLen {
		n := HeaderLen + int(binary.BigEndian.Uint32(data[8:]))
		if n > len(data) {
			break
		}
		rec := data[:n]
		data = data[n:]
		if binary.BigEndian.Uint16(rec[4:]) != typeET || n < HeaderLen+4 {
			out = append(out, rec...)
			continue
		}
		at := len(out)
		out = append(out, rec[:HeaderLen]...)
		out = append(out, rec[HeaderLen+4:]...)
		binary.BigEndian.PutUint16(out[at+4:], typeBGP4MP)
		binary.BigEndian.PutUint32(out[at+8:], uint32(n-HeaderLen-4))
	}
	return out
}

// Temp writes data to a file for other programs to read, and returns what
// removes it.
func Temp(name string, data []byte) (path string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "detour-bench-")
	if err != nil {
		return "", nil, fmt.Errorf("keep %s: %w", name, err)
	}
	remove = func() { os.RemoveAll(dir) }
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		remove()
		return "", nil, fmt.Errorf("keep %s: %w", name, err)
	}
	return path, remove, nil
}
