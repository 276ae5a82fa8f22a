package mrt

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/dsnet/compress/bzip2"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func compressed(t *testing.T, kind string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "bzip2":
		w, err = bzip2.NewWriter(&out, nil)
	case "zstd":
		w, err = zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	default:
		return b
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOpenTellsCompressionByMagicNotByName(t *testing.T) {
	a, b := plainUpdate(at, "10.1.0.0/16"), plainUpdate(at, "10.2.0.0/16")
	want := []string{wantPlain(at, "10.1.0.0/16"), wantPlain(at, "10.2.0.0/16")}
	for _, kind := range []string{"none", "gzip", "bzip2", "zstd"} {
		t.Run(kind, func(t *testing.T) {
			// Two streams, one behind the other, are one input.
			in := join(compressed(t, kind, a), compressed(t, kind, b))
			path := filepath.Join(t.TempDir(), "misleading.gz")
			if err := os.WriteFile(path, in, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := Open(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, report := drain(t, r)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if report.Damaged() || report.Compression != kind || report.Name != path {
				t.Errorf("report: %+v", report)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenDeliversWhatTruncatedCompressionHolds(t *testing.T) {
	in := bytes.Repeat(plainUpdate(at, "10.1.0.0/16"), 50000)
	for _, kind := range []string{"gzip", "zstd"} {
		b := compressed(t, kind, in)
		r, err := OpenStream(bytes.NewReader(b[:len(b)*3/4]), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, report := drain(t, r)
		if len(got) == 0 || report.Tail == nil || !report.Damaged() {
			t.Errorf("%s: %d records, tail %v", kind, len(got), report.Tail)
		}
		r.Close()
	}
}

func TestOpenFailsOnAFileThatIsNotThere(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Options{}); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
}

func TestEmptyInputIsWhole(t *testing.T) {
	for _, kind := range []string{"none", "gzip", "zstd"} {
		r, err := OpenStream(bytes.NewReader(compressed(t, kind, nil)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, report := drain(t, r); len(got) != 0 || report.Damaged() {
			t.Errorf("%s: %v %+v", kind, got, report)
		}
		r.Close()
	}
}

func TestWholeTellsWhetherAStreamEndsTooEarly(t *testing.T) {
	in := bytes.Repeat(plainUpdate(at, "10.1.0.0/16"), 5000)
	for _, kind := range []string{"gzip", "bzip2", "zstd"} {
		b := compressed(t, kind, in)
		if err := Whole(bytes.NewReader(b)); err != nil {
			t.Errorf("%s: a whole stream: %v", kind, err)
		}
		if err := Whole(bytes.NewReader(b[:len(b)*3/4])); err == nil {
			t.Errorf("%s: a stream that is cut is taken for whole", kind)
		}
	}
}
