package decode_test

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/ingest/decode"
)

const corpusDir = "../../../shared/corpus/mrt"

// devFiles are the recordings that the reference sums were taken from.
var devFiles = []string{"routeviews.updates.20241028.0000.bz2", "ris.rrc00.updates.20190101.0000.gz"}

// readCorpus returns the uncompressed bytes of a recording and skips the test
// where it is absent.
func readCorpus(tb testing.TB, name string) []byte {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(corpusDir, name))
	if err != nil {
		tb.Skipf("corpus absent: %v", err)
	}
	var r io.Reader = bytes.NewReader(raw)
	switch {
	case strings.HasSuffix(name, ".gz"):
		if r, err = gzip.NewReader(r); err != nil {
			tb.Fatal(err)
		}
	case strings.HasSuffix(name, ".bz2"):
		r = bzip2.NewReader(r)
	}
	data, err := io.ReadAll(r)
	if err != nil && err != io.ErrUnexpectedEOF {
		tb.Fatal(err)
	}
	return data
}

// record is a BGP message of an MRT file with the way to read it.
type record struct {
	msg     []byte
	session decode.Session
}

// records walks BGP4MP and BGP4MP_ET records (RFC 6396 §4.4, RFC 8050 §3).
func records(data []byte) []record {
	var out []record
	for len(data) >= 12 {
		typ, sub := binary.BigEndian.Uint16(data[4:]), binary.BigEndian.Uint16(data[6:])
		n := int(binary.BigEndian.Uint32(data[8:]))
		if n > len(data)-12 {
			break
		}
		body := data[12 : 12+n]
		data = data[12+n:]
		if typ == 17 && n >= 4 {
			body = body[4:]
		} else if typ != 16 {
			continue
		}
		var s decode.Session
		switch sub {
		case 1, 6:
		case 4, 7:
			s.AS4 = true
		case 8, 10:
			s.AddPath4, s.AddPath6 = true, true
		case 9, 11:
			s = decode.Session{AS4: true, AddPath4: true, AddPath6: true}
		default:
			continue
		}
		at := 4
		if s.AS4 {
			at = 8
		}
		if len(body) < at+4 {
			continue
		}
		addr := 4
		if binary.BigEndian.Uint16(body[at+2:]) == 2 {
			addr = 16
		}
		if at += 4 + 2*addr; len(body) > at {
			out = append(out, record{body[at:], s})
		}
	}
	return out
}
