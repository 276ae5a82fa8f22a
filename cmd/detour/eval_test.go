package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"detour/bench/eval"
)

// detour runs the command line and returns what it printed.
func detour(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, bytes.NewReader(nil), &out, &err)
	return code, out.String(), err.String()
}

func TestEvalNamesWhatItLeavesOut(t *testing.T) {
	args := []string{"--short", "--only", "quiet|telegram|ramp", "--corpus", t.TempDir(), "--results", "none"}
	code, out, errs := detour(append([]string{"eval"}, args...)...)
	if code != exitFailed || !strings.Contains(errs, "nothing was judged") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"## Left out", "- quiet: corpus absent", "- telegram: corpus absent", "only in the long form",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the page lacks %q:\n%s", want, out)
		}
	}
}

func TestEvalFailsWhereSomethingDoesNotHold(t *testing.T) {
	recording(t, "incident/peering-experiment-202204/2022-04-14-16_00_00-updates.json")
	dir := t.TempDir()
	results, page := filepath.Join(dir, "eval.json"), filepath.Join(dir, "page.md")
	args := []string{"eval", "--only", "^peering$", "--corpus", corpus, "--results", results, "--page", page, "--write"}
	code, out, errs := detour(args...)
	r, err := eval.ReadResults(results)
	if err != nil || r == nil || len(r.Parts) != 1 || len(r.Expectations) != 1 {
		t.Fatalf("results: %+v, %v; exit %d: %s", r, err, code, errs)
	}
	want := exitOK
	if r.Failed() > 0 {
		want = exitNotHeld
	}
	if code != want {
		t.Errorf("exit %d, want %d: %s", code, want, errs)
	}
	if data, err := os.ReadFile(page); err != nil || !strings.HasPrefix(out, string(data)) {
		t.Errorf("the page is not what was printed: %v", err)
	}
	// The same again: nothing has changed, and what failed fails.
	again, out, _ := detour(args[:len(args)-1]...)
	if again != code || !strings.Contains(out, "0 better, 0 worse, 0 otherwise different") {
		t.Errorf("exit %d, then %d:\n%s", code, again, out)
	}
}

func TestEvalRefusesWhatItCannotRun(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"seeds":      {[]string{"--seeds", "some"}, exitUsage, `seeds are "some"`},
		"expression": {[]string{"--only", "("}, exitUsage, "--only"},
		"argument":   {[]string{"x"}, exitUsage, "unknown command"},
		"no labels":  {[]string{"trial"}, exitUsage, "are needed"},
		"no file":    {[]string{"trial", "--alerts", "none", "--labels", "none"}, exitFailed, "none"},
	} {
		code, _, errs := detour(append([]string{"eval"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d: %s", name, code, errs)
		}
	}
}

func TestAFieldTrialIsReported(t *testing.T) {
	dir := t.TempDir()
	alerts, labels := filepath.Join(dir, "alerts"), filepath.Join(dir, "labels")
	line := `{"id":"a","scope":"incident","kind":"leak","severity":"critical","updated":"2026-01-02T03:04:05Z"}` + "\n"
	if err := os.WriteFile(alerts, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(labels, []byte("a\ttrue\tjd\tasked\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := detour("eval", "trial", "--alerts", alerts, "--labels", labels)
	if code != exitOK || !strings.Contains(out, "True among those judged: 1 of 1") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}
