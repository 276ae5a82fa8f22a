package live

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// TestReadAheadGivesWhatItReads whatever the sizes, also while its ring grows.
func TestReadAheadGivesWhatItReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Byte(), 0, 40_000).Draw(t, "data")
		var from io.Reader = bytes.NewReader(want)
		if rapid.Bool().Draw(t, "halves") {
			from = iotest.HalfReader(from)
		}
		a := NewReadAhead(from, rapid.SampledFrom([]int{1, 100, 5000, 9000, 1 << 16}).Draw(t, "limit"))
		size := rapid.IntRange(1, 7000).Draw(t, "read")
		var got []byte
		for {
			buf := make([]byte, size)
			n, err := a.Read(buf)
			got = append(got, buf[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := a.Close(); err != nil || !bytes.Equal(want, got) {
			t.Fatalf("%d octets of %d came, %v", len(got), len(want), err)
		}
	})
}

func TestWhoSaysNothingCostsLittle(t *testing.T) {
	r, w := io.Pipe()
	a := NewReadAhead(r, 1<<20)
	if n := len(a.buf); n > readAheadLeast {
		t.Errorf("a ring of %d octets", n)
	}
	w.Close()
	a.Close()
}
