package jsonl

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// full takes so many octets and then no more.
type full struct {
	io.Writer
	room int
}

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p[:min(len(p), f.room)])
	f.room -= n
	if err == nil && n < len(p) {
		err = errFull
	}
	return n, err
}

// insist writes lines as feed does: after an error all since the last Flush again.
func insist(t *testing.T, s *Sink, lines ...string) (failed int) {
	t.Helper()
	for {
		var err error
		for _, l := range lines {
			if err = s.Write([]byte(l)); err != nil {
				break
			}
		}
		if err == nil {
			err = s.Flush()
		}
		if err == nil {
			return failed
		}
		if failed++; !errors.Is(err, errFull) || failed > 1 {
			t.Fatal(err)
		}
	}
}

// TestAFileThatWasFullHoldsEachLineOnce wherever it became full, and whatever the
// buffer had handed over before.
func TestAFileThatWasFullHoldsEachLineOnce(t *testing.T) {
	const want = "{1}\n{2}\n{3}\n{4}\n"
	for _, size := range []int{1, 6, 1000} {
		for room := range len(want) - len("{1}\n") {
			path := filepath.Join(t.TempDir(), "f")
			s, err := New(Config{Path: path, BufferBytes: size}, Deps{})
			if err != nil {
				t.Fatal(err)
			}
			insist(t, s, "{1}")
			s.out = &full{s.file, room}
			failed := insist(t, s, "{2}", "{3}", "{4}")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != want || failed != 1 {
				t.Errorf("buffer of %d, room for %d: %q, %d failures, %v", size, room, got, failed, err)
			}
		}
	}
}

func TestWhatOthersWroteStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, err := New(Config{Path: path}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	s.out = &full{s.file, 2}
	if err := errors.Join(s.Write([]byte("{1}")), s.Flush()); !errors.Is(err, errFull) {
		t.Fatal(err)
	}
	if _, err := s.file.WriteString("<\n"); err != nil {
		t.Fatal(err)
	}
	insist(t, s, "{1}")
	got, err := os.ReadFile(path)
	if err = errors.Join(err, s.Close()); err != nil || string(got) != "{1<\n\n{1}\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAFileThatWasTakenAwayIsMadeAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, err := New(Config{Path: path}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	s.out = &full{s.file, 2}
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	insist(t, s, "{1}")
	got, err := os.ReadFile(path)
	if err = errors.Join(err, s.Close()); err != nil || string(got) != "{1}\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestAMovedFileIsMadeAnew as log rotation moves it, also with its folder.
func TestAMovedFileIsMadeAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	path := filepath.Join(dir, "f")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Path: path}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	insist(t, s, "{1}")
	if err := errors.Join(os.Rename(path, path+".1"), s.Write([]byte("{2}")), s.Flush(), os.RemoveAll(dir)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Write([]byte("{3}")), s.Flush()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into a folder that is not there: %v", err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	insist(t, s, "{3}")
	got, err := os.ReadFile(path)
	if err = errors.Join(err, s.Close()); err != nil || string(got) != "{3}\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestStandardOutputThatFailedBeginsWithALine(t *testing.T) {
	var out bytes.Buffer
	s, err := New(Config{Path: Stdout}, Deps{Stdout: &full{&out, 6}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Write([]byte("{1}")), s.Write([]byte("{2}")), s.Flush()); !errors.Is(err, errFull) {
		t.Fatal(err)
	}
	s.out = &out
	insist(t, s, "{1}", "{2}")
	if got := out.String(); got != "{1}\n{2\n{1}\n{2}\n" {
		t.Errorf("%q", got)
	}
}

func TestAnErrorIsToldAndCloseTriesNoMore(t *testing.T) {
	s, err := New(Config{Path: Stdout}, Deps{Stdout: &full{io.Discard, 0}})
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(s.Write([]byte("{}")), s.Flush())
	if !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), "write standard output: ") {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
