package bzip2_test

import (
	"bytes"
	std "compress/bzip2"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	dsnet "github.com/dsnet/compress/bzip2"

	"detour/internal/bzip2"
)

func compress(t testing.TB, level int, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := dsnet.NewWriter(&out, &dsnet.WriterConfig{Level: level})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(packed []byte) ([]byte, error) { return io.ReadAll(bzip2.NewReader(bytes.NewReader(packed))) }

func texts() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	few := make([]byte, 1_200_000)
	for i := range few {
		few[i] = "abc"[r.IntN(3)]
	}
	return map[string][]byte{
		"nothing": nil, "one": {7}, "noise": noise, "few values": few,
		"runs":    bytes.Repeat([]byte{0}, 3_000_000),
		"periods": bytes.Repeat([]byte("aaaa\x00bbbbb"), 50_000),
	}
}

func TestWhatWasCompressedComesBack(t *testing.T) {
	for name, text := range texts() {
		for _, level := range []int{1, 9} {
			packed := compress(t, level, text)
			if got, err := read(packed); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s %d: %d bytes, want %d: %v", name, level, len(got), len(text), err)
			}
			slow := bzip2.NewReader(iotest.OneByteReader(bytes.NewReader(packed)))
			if got, err := io.ReadAll(slow); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s %d, octet by octet: %v", name, level, err)
			}
		}
	}
}

func TestStreamsFollowOneAnother(t *testing.T) {
	packed := append(compress(t, 1, []byte("one, ")), compress(t, 9, []byte("two"))...)
	if got, err := read(packed); err != nil || string(got) != "one, two" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := read(append(packed, "rubbish"...)); err == nil || string(got) != "one, two" {
		t.Errorf("with rubbish behind: %q, %v", got, err)
	}
}

func TestCutInputIsSaid(t *testing.T) {
	packed := compress(t, 1, texts()["few values"][:250_000])
	for _, n := range []int{0, 1, 4, 10, 30, len(packed) / 2, len(packed) - 5, len(packed) - 1} {
		if _, err := read(packed[:n]); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("of %d bytes %d: %v", len(packed), n, err)
		}
	}
	broken := errors.New("disk")
	r := bzip2.NewReader(io.MultiReader(bytes.NewReader(packed[:9]), iotest.ErrReader(broken)))
	if _, err := io.ReadAll(r); !errors.Is(err, broken) {
		t.Errorf("error of the source: %v", err)
	}
}

// Every changed bit is found, by a checksum if by nothing else.
func TestChangedInputIsSaid(t *testing.T) {
	text := []byte("some text, some more text, and some text again")
	packed := compress(t, 9, text)
	for i := range len(packed) * 8 {
		changed := bytes.Clone(packed)
		changed[i/8] ^= 1 << (i % 8)
		got, err := read(changed)
		if err == nil && !bytes.Equal(got, text) {
			t.Errorf("bit %d: %q without an error", i, got)
		}
	}
}

func TestCorpusIsReadAsByTheStandardLibrary(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/corpus/*/*.bz2")
	if len(files) == 0 {
		t.Skip("corpus absent: no *.bz2")
	}
	for _, name := range files {
		packed, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, wantErr := io.ReadAll(std.NewReader(bytes.NewReader(packed)))
		got, err := read(packed)
		if !bytes.Equal(got, want) || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %d bytes and %v, want %d and %v", filepath.Base(name), len(got), err, len(want), wantErr)
		}
	}
}

// A tree with lengths that no encoder writes is read as bzip2 reads it.
func TestTreesThatDoNotFitAreReadWhileTheirBitsAre(t *testing.T) {
	text := []byte("some text, some text")
	packed := compress(t, 1, text)
	packed[274/8] ^= 1 << (274 % 8) // two lengths, one bit each
	packed[276/8] ^= 1 << (276 % 8)
	if got, err := read(packed); err != nil || !bytes.Equal(got, text) {
		t.Errorf("%q, %v", got, err)
	}
}

// The standard library also reads bits that no code has, as if their codes were
// shorter; bzip2 refuses them, and so does the other decoder.
func FuzzReadsAsOthers(f *testing.F) {
	for _, text := range []string{"", "a", "some text, some text", "aaaaaaaaaaaaaaaaaaaaaaaa"} {
		f.Add(compress(f, 1, []byte(text)))
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		const most = 4 << 20
		want, wantErr := io.ReadAll(io.LimitReader(std.NewReader(bytes.NewReader(packed)), most))
		got, err := io.ReadAll(io.LimitReader(bzip2.NewReader(bytes.NewReader(packed)), most))
		if wantErr != nil || err == nil && bytes.Equal(got, want) {
			return
		}
		other, otherErr := dsnet.NewReader(bytes.NewReader(packed), nil)
		if otherErr != nil {
			t.Fatal(otherErr)
		}
		if also, err := io.ReadAll(io.LimitReader(other, most)); err != nil || !bytes.Equal(also, want) {
			return
		}
		t.Errorf("%d bytes and %v, want %d", len(got), err, len(want))
	})
}

func BenchmarkRead(b *testing.B) {
	packed, err := os.ReadFile("../../../shared/corpus/mrt/routeviews.updates.20241028.0000.bz2")
	if err != nil {
		b.Skipf("corpus absent: %v", err)
	}
	b.ReportAllocs()
	for b.Loop() {
		n, err := io.Copy(io.Discard, bzip2.NewReader(bytes.NewReader(packed)))
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
	}
}
