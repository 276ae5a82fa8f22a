package dump

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"detour/bench/report"
)

const corpus = "../../../shared/corpus"

// detourProgram builds detour.
func detourProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "detour")
	if text, err := exec.Command("go", "build", "-o", path, "detour/cmd/detour").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, text)
	}
	return path
}

func TestShortFormComparesOutput(t *testing.T) {
	s, err := Run(t.Context(), Options{
		Corpus: corpus, Short: true, Detour: detourProgram(t), Say: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Skipped != "" {
		t.Skip(s.Skipped)
	}
	if len(s.Figures) == 0 || len(s.Tables) != 2 {
		t.Errorf("%d figures, %d tables", len(s.Figures), len(s.Tables))
	}
	r := report.Report{Sections: []*report.Section{s}}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestWithoutCorpusItIsSkipped(t *testing.T) {
	s, err := Run(t.Context(), Options{Corpus: t.TempDir(), Say: func(string) {}})
	if err != nil || !strings.Contains(s.Skipped, "absent") {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestPeaksNameEachRecordingOnce(t *testing.T) {
	list := []*input{
		{name: "mrt/a.gz", own: program{peak: 5}}, {name: "plain", kind: "updates, plain", own: program{peak: 9}},
	}
	got := largest([]peak{{"b", 7}, {"a.gz", 4}}, list)
	want := []peak{{"plain (updates, plain)", 9}, {"b", 7}, {"a.gz", 5}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// liar prints what its name says instead of the recording.
func liar(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "liar")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOtherOutputIsAnError(t *testing.T) {
	if _, err := exec.LookPath("bgpdump"); err != nil {
		t.Skip("bgpdump absent: install Debian's bgpdump 1.6.2 to compare with it")
	}
	in := &input{name: "sample", path: "../../testdata/mrt/openbgpd_bgp"}
	for script, want := range map[string]error{
		`exec bgpdump -m "$4" 2>/dev/null`:                    nil,
		`bgpdump -m "$4" 2>/dev/null | sed 1d`:                errOutput,
		`bgpdump -m "$4" 2>/dev/null | sort -r`:               errOutput,
		`bgpdump -m "$4" 2>/dev/null | sed '$s/|/;/'`:         errOutput,
		`bgpdump -m "$4" 2>/dev/null; echo one line too many`: errOutput,
	} {
		if err := in.check(t.Context(), liar(t, script)); !errors.Is(err, want) {
			t.Errorf("%s: %v", script, err)
		}
	}
	if err := in.check(t.Context(), liar(t, "exit 3")); err == nil {
		t.Error("a failing program passes")
	}
}
