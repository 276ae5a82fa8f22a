package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPutFillsThePageBetweenItsMarks(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "README.md")
	before, after := "# Page\n\n"+pageBegin, pageEnd+"\n\nEnd.\n"
	if err := os.WriteFile(page, []byte(before+"old\n"+after), 0o600); err != nil {
		t.Fatal(err)
	}
	r := made()
	r.Sections[0].Name, r.Sections[0].Charts[0].Name = pictured[0][0], pictured[0][1]
	for range 2 { // a second time replaces the first
		if err := r.Put(page, filepath.Join(dir, "results", "2030-01-02")); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(got)
	if !strings.HasPrefix(text, before) || !strings.HasSuffix(text, after) || strings.Contains(text, "old") {
		t.Errorf("page is\n%s", text)
	}
	for _, want := range []string{
		"| alpha against beta | ≥ 12 × | ≥ 20 × | 21.5 × | aim reached |", "[All of it](results/2030-01-02/README.md)",
		"](results/2030-01-02/firehose-latency-by-rate.svg)", "at commit 0123456789ab+",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("page lacks %q once:\n%s", want, text)
		}
	}
}

func TestPutWantsMarks(t *testing.T) {
	page := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(page, []byte("# Page\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := made().Put(page, "results"); err == nil || !strings.Contains(err.Error(), "marks") {
		t.Errorf("error is %v", err)
	}
}
