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
)

const corpusDir = "../../../shared/corpus/mrt"

var devFiles = []string{"routeviews.updates.20241028.0000.bz2", "ris.rrc00.updates.20190101.0000.gz"}

const (
	mrtHeader  = 12
	typeBGP4MP = 16
	typeET     = 17
)

// devBytes returns the DEV recordings in one piece, with the microseconds of
// BGP4MP_ET taken out, because gobgp rejects that type.
func devBytes(b *testing.B) []byte {
	b.Helper()
	var out []byte
	for _, name := range devFiles {
		raw, err := os.ReadFile(filepath.Join(corpusDir, name))
		if err != nil {
			b.Skipf("corpus absent: %v", err)
		}
		var r io.Reader = bytes.NewReader(raw)
		if strings.HasSuffix(name, ".gz") {
			if r, err = gzip.NewReader(r); err != nil {
				b.Fatal(err)
			}
		} else {
			r = bzip2.NewReader(r)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			b.Fatal(err)
		}
		out = appendStripped(out, data)
	}
	return out
}

func appendStripped(out, data []byte) []byte {
	for len(data) >= mrtHeader {
		n := int(binary.BigEndian.Uint32(data[8:]))
		rec := data[:mrtHeader+n]
		data = data[mrtHeader+n:]
		if binary.BigEndian.Uint16(rec[4:]) != typeET {
			out = append(out, rec...)
			continue
		}
		at := len(out)
		out = append(out, rec[:mrtHeader]...)
		out = append(out, rec[mrtHeader+4:]...)
		binary.BigEndian.PutUint16(out[at+4:], typeBGP4MP)
		binary.BigEndian.PutUint32(out[at+8:], uint32(n-4))
	}
	return out
}
