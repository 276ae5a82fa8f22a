package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"detour/bench/report"
)

// execute runs parts as a command line would.
func execute(t *testing.T, list []part, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	detour := filepath.Join(t.TempDir(), "detour")
	if err := os.WriteFile(detour, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	c := newRoot(list, append(args, "--detour", detour))
	c.SetOut(&out)
	c.SetErr(&errOut)
	err = c.ExecuteContext(t.Context())
	return out.String(), errOut.String(), err
}

// fakes are three parts, of which the second fails.
func fakes(ran *[]string) []part {
	fake := func(name string, err error) part {
		return part{name, "nothing", func(c *cobra.Command) runFunc {
			size := c.Flags().Int("size", 7, "how much")
			return func(context.Context, common) (*report.Section, error) {
				*ran = append(*ran, name)
				return &report.Section{Name: name, Title: name, Figures: []report.Figure{
					{What: name, Reached: float64(*size), Floor: 1, Aim: 8},
				}}, err
			}
		}}
	}
	return []part{fake("one", nil), fake("two", errors.New("checksums differ")), fake("three", nil)}
}

func TestAFailingPartDoesNotStopTheOthers(t *testing.T) {
	var ran []string
	out, _, err := execute(t, fakes(&ran), "all")
	if err == nil || !strings.Contains(err.Error(), "1 of 3 parts failed: two") {
		t.Errorf("error is %v", err)
	}
	if strings.Join(ran, " ") != "one two three" {
		t.Errorf("ran %v", ran)
	}
	if !strings.Contains(out, "| three | ≥ 1 | ≥ 8 | 7 | floor reached |") || strings.Contains(out, "| two |") ||
		!strings.Contains(out, "**Failed**, so no figures: checksums differ.") {
		t.Error(out)
	}
}

func TestCommandLines(t *testing.T) {
	for line, want := range map[string]string{
		"":               "one two three",
		"all":            "one two three",
		"all three one":  "one three",
		"three":          "three",
		"three --size 9": "three",
		"all four":       "",
		"four":           "",
		"one two":        "",
		"--size 9":       "",
		"one --short":    "one",
	} {
		var ran []string
		_, _, _ = execute(t, fakes(&ran), strings.Fields(line)...)
		if got := strings.Join(ran, " "); got != want {
			t.Errorf("%q ran %q, want %q", line, got, want)
		}
	}
}

func TestAPartHasFlagsOfItsOwn(t *testing.T) {
	var ran []string
	out, _, err := execute(t, fakes(&ran), "three", "--size", "9")
	if err != nil || !strings.Contains(out, "aim reached") ||
		!strings.Contains(out, "command: `detour bench three --size 9`") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestReportsNameNoPlaceOfTheMachine(t *testing.T) {
	for line, want := range map[string]string{
		"": "detour bench", "all --short": "detour bench all --short",
		"--detour /a/b decode --out /c --corpus=/d --short": "detour bench decode --short",
		"decode --decoder x=/a/b --decoder=y=/c":            "detour bench decode --decoder 'x=…' --decoder 'y=…'",
		"firehose --rate 1000 --detour /a/b":                "detour bench firehose --rate 1000",
	} {
		if got := commandLine(strings.Fields(line)); got != want {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
	}
}

func TestReportIsWritten(t *testing.T) {
	var ran []string
	dir := filepath.Join(t.TempDir(), "results")
	out, _, err := execute(t, fakes(&ran), "one", "--out", dir, "--short")
	if err != nil || out != "" {
		t.Errorf("%v, printed %q", err, out)
	}
	page, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil || !bytes.Contains(page, []byte("command: `detour bench one --short`")) {
		t.Errorf("%v\n%s", err, page)
	}
}

func TestExitStatus(t *testing.T) {
	var out, errOut bytes.Buffer
	got := run([]string{"--help"}, &out, &errOut)
	if got != 0 || !strings.Contains(out.String(), "detour bench [command]") {
		t.Errorf("status %d\n%s", got, out.String())
	}
	for _, p := range parts() {
		if !strings.Contains(out.String(), p.name) {
			t.Errorf("help does not name %s", p.name)
		}
	}
	if got := run([]string{"nonsense"}, &out, &errOut); got != 2 || !strings.Contains(errOut.String(), "unknown command") {
		t.Errorf("status %d\n%s", got, errOut.String())
	}
}
