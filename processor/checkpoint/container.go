package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// The container, version 1; docs/reference/checkpoints.md has its layout.
const (
	magic     = "detourcp"
	container = 1

	prefixLen = len(magic) + 4 + 4 // magic, version, length of the header
	maxHeader = 4 << 10
	sumLen    = sha256.Size

	// MaxBody bounds a body, so that no header can ask for more memory.
	MaxBody = 1 << 30
	// maxFile allows for a body that does not compress.
	maxFile = int64(prefixLen + maxHeader + MaxBody + MaxBody>>7 + sumLen)

	window = 1 << 20 // of zstd: what coder and decoder hold beside the data
)

// ErrDamaged is wrapped by errors about bytes that are not those that were written.
var ErrDamaged = errors.New("damaged")

// ErrUnknown is wrapped by errors about what another version of detour wrote.
var ErrUnknown = errors.New("written by another version of detour")

// header is the JSON in front of the body. Fields may be added, never changed.
type header struct {
	Meta
	Body   uint64 `json:"body_bytes"`
	Packed uint64 `json:"packed_bytes"`
}

// sealed is a container in its parts, which saves a copy of the large one.
type sealed struct {
	head, packed []byte
	sum          [sumLen]byte
}

func (s *sealed) size() int64 { return int64(len(s.head) + len(s.packed) + sumLen) }

func (s *sealed) reader() io.Reader {
	return io.MultiReader(bytes.NewReader(s.head), bytes.NewReader(s.packed), bytes.NewReader(s.sum[:]))
}

// seal compresses the body and puts the container around it.
func seal(m Meta, body []byte) (*sealed, error) {
	if len(body) > MaxBody {
		return nil, fmt.Errorf("body has %d bytes, at most %d are allowed", len(body), MaxBody)
	}
	packed, err := pack(body)
	if err != nil {
		return nil, fmt.Errorf("compress body: %w", err)
	}
	text, err := json.Marshal(header{Meta: m, Body: uint64(len(body)), Packed: uint64(len(packed))})
	if err != nil {
		return nil, fmt.Errorf("write header: %w", err)
	}
	if len(text) > maxHeader {
		return nil, fmt.Errorf("header has %d bytes, at most %d are allowed", len(text), maxHeader)
	}
	head := append(make([]byte, 0, prefixLen+len(text)), magic...)
	head = binary.LittleEndian.AppendUint32(head, container)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(text)))
	s := &sealed{head: append(head, text...), packed: packed}
	sum := sha256.New()
	sum.Write(s.head)
	sum.Write(s.packed)
	sum.Sum(s.sum[:0])
	return s, nil
}

func pack(body []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(body)/4 + 1024)
	// One goroutine: the shard beside needs the others.
	w, err := zstd.NewWriter(&out, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(window), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// parse checks a whole container and returns its header and the compressed
// body, which is a part of data.
func parse(data []byte) (h header, packed []byte, err error) {
	damaged := func(format string, args ...any) (header, []byte, error) {
		return header{}, nil, fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
	}
	if len(data) < prefixLen+sumLen || string(data[:len(magic)]) != magic {
		return damaged("%d bytes that do not begin as a checkpoint", len(data))
	}
	if v := binary.LittleEndian.Uint32(data[len(magic):]); v != container {
		return header{}, nil, fmt.Errorf("%w: container version %d, known is %d", ErrUnknown, v, container)
	}
	content, sum := data[:len(data)-sumLen], data[len(data)-sumLen:]
	if have := sha256.Sum256(content); !bytes.Equal(have[:], sum) {
		return damaged("the SHA-256 of its %d bytes is not the one at its end", len(data))
	}
	n := binary.LittleEndian.Uint32(data[len(magic)+4:])
	if n > maxHeader || int(n) > len(content)-prefixLen {
		return damaged("header of %d bytes", n)
	}
	text, packed := content[prefixLen:prefixLen+int(n)], content[prefixLen+int(n):]
	if err := json.Unmarshal(text, &h); err != nil {
		return damaged("header: %w", err)
	}
	if err := h.check(); err != nil {
		return damaged("header: %w", err)
	}
	if h.Packed != uint64(len(packed)) || h.Body > MaxBody {
		return damaged("header tells of %d and %d bytes, there are %d", h.Packed, h.Body, len(packed))
	}
	return h, packed, nil
}

// unpack returns the body. Memory grows with what really comes out, and ends
// at the length in the header.
func unpack(h header, packed []byte) ([]byte, error) {
	r, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(window), zstd.WithDecoderMaxMemory(MaxBody))
	if err != nil {
		return nil, fmt.Errorf("decompress body: %w", err)
	}
	defer r.Close()
	body := make([]byte, 0, min(h.Body, 16*uint64(len(packed))+1024))
	for uint64(len(body)) < h.Body {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := r.Read(body[len(body):min(uint64(cap(body)), h.Body)])
		body = body[:len(body)+n]
		if err != nil && uint64(len(body)) < h.Body {
			return nil, fmt.Errorf("%w: body ends after %d of %d bytes: %w", ErrDamaged, len(body), h.Body, err)
		}
	}
	// The end is what makes it whole: nothing may follow, not even an error.
	n, err := r.Read(make([]byte, 1))
	if n > 0 {
		return nil, fmt.Errorf("%w: body is longer than its %d bytes", ErrDamaged, h.Body)
	}
	if err != io.EOF {
		return nil, fmt.Errorf("%w: after the body's %d bytes: %w", ErrDamaged, h.Body, err)
	}
	return body, nil
}
