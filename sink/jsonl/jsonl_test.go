package jsonl_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/sink/jsonl"
)

func aFlag() *alert.Flag {
	return &alert.Flag{
		Version: alert.Version, Kind: alert.KindPathInflation, Prefix: route.MustPrefix("192.0.2.0/24"),
		Peer: alert.Peer{Collector: "rrc00", ASN: 3356}, Time: 1, After: alert.Path{3356, 64500}, Unique: 2,
		Ingester: "a", Update: 1,
	}
}

func anAlert() *alert.Alert {
	return &alert.Alert{Version: alert.Version, ID: "aaaaaaaaaaaaaaaa", Summary: "two\nlines"}
}

func TestFlagsAlertsAndRawLinesStandOnePerLine(t *testing.T) {
	var out bytes.Buffer
	s, err := jsonl.New(jsonl.Config{Path: jsonl.Stdout}, jsonl.Deps{Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	raw := `{"kind" : "from the bus",  "kept":"as it is"}`
	if err := errors.Join(s.Flag(aFlag()), s.Alert(anAlert()), s.Write([]byte(raw)), s.Close()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	encoded, err := json.Marshal(anAlert())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{string(aFlag().AppendJSON(nil)), string(encoded), raw}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLinesAreAppendedToAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flags.jsonl")
	for range 2 {
		s, err := jsonl.New(jsonl.Config{Path: path}, jsonl.Deps{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Write([]byte(`{}`)), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != "{}\n{}\n" {
		t.Errorf("file holds %q", got)
	}
}

func TestFlushMakesLinesVisible(t *testing.T) {
	var out bytes.Buffer
	s, err := jsonl.New(jsonl.Config{Path: jsonl.Stdout}, jsonl.Deps{Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write([]byte(`{}`)); err != nil || out.Len() != 0 {
		t.Fatalf("%q before the flush, %v", out.String(), err)
	}
	if err := s.Flush(); err != nil || out.String() != "{}\n" {
		t.Errorf("%q after the flush, %v", out.String(), err)
	}
}

func TestWriteRefusesWhatIsNotOneLine(t *testing.T) {
	var out bytes.Buffer
	s, err := jsonl.New(jsonl.Config{Path: jsonl.Stdout}, jsonl.Deps{Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"", "{}\n", "{\n}", "{}\r"} {
		if err := s.Write([]byte(line)); !errors.Is(err, jsonl.ErrNotOneLine) {
			t.Errorf("%q: %v", line, err)
		}
	}
	if err := s.Close(); err != nil || out.Len() != 0 {
		t.Errorf("%q written, %v", out.String(), err)
	}
}

func TestNewNeedsSomewhereToWrite(t *testing.T) {
	if _, err := jsonl.New(jsonl.Config{Path: t.TempDir()}, jsonl.Deps{}); err == nil {
		t.Error("a directory was opened")
	}
	if _, err := jsonl.New(jsonl.Config{Path: jsonl.Stdout}, jsonl.Deps{}); err == nil {
		t.Error("a missing standard output was accepted")
	}
}
