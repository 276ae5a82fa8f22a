package detour

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestREADMEShowsTheNewestResults holds that the figures of the README are those of
// the newest run that is committed, and that its pictures are there.
func TestREADMEShowsTheNewestResults(t *testing.T) {
	runs, err := filepath.Glob("bench/results/20*/README.md")
	if err != nil || len(runs) == 0 {
		t.Fatalf("no results: %v", err)
	}
	newest := slices.Max(runs)
	result, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "<!-- bench: begin -->")
	shown, _, closed := strings.Cut(rest, "<!-- bench: end -->")
	if !closed {
		t.Fatal("the README lacks the marks of the figures")
	}
	_, figures, _ := strings.Cut(string(result), "## Figures\n\n")
	figures, _, _ = strings.Cut(figures, "\n\n")
	if !strings.HasPrefix(figures, "| what |") || !strings.Contains(shown, figures) {
		t.Errorf("the README shows other figures than %s; run make bench", newest)
	}
	if !strings.Contains(shown, "]("+filepath.ToSlash(newest)+")") {
		t.Errorf("the README does not lead to %s", newest)
	}
	for _, picture := range strings.Split(shown, "![")[1:] {
		_, link, _ := strings.Cut(picture, "](")
		name, _, _ := strings.Cut(link, ")")
		if _, err := os.Stat(name); err != nil {
			t.Errorf("picture: %v", err)
		}
	}
}
