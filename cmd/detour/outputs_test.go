package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOutputsOverwriteNothingThatIsRead(t *testing.T) {
	dir := t.TempDir()
	in, link := filepath.Join(dir, "in"), filepath.Join(dir, "link")
	if err := os.WriteFile(in, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(in, link); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	for name, tc := range map[string]struct {
		outputs []named
		wrong   string
	}{
		"files of their own":           {[]named{{"--alerts", out}, {"--flags", out + "2"}}, ""},
		"none, and standard output":    {[]named{{"--alerts", ""}, {"--flags", "-"}, {"--report", ""}}, ""},
		"a device twice":               {[]named{{"--alerts", os.DevNull}, {"--flags", os.DevNull}}, ""},
		"the input":                    {[]named{{"--alerts", in}}, "--alerts would overwrite"},
		"the input by another name":    {[]named{{"--report", link}}, "--report would overwrite"},
		"one file for two, not there":  {[]named{{"--alerts", out}, {"--flags", dir + "/./out"}}, "which is --alerts"},
		"the input as the second file": {[]named{{"--alerts", out}, {"--flags", in}}, "which is a recording"},
	} {
		err := checkOutputs([]named{{"a recording", in}}, tc.outputs)
		if (err != nil) != (tc.wrong != "") || err != nil && !strings.Contains(err.Error(), tc.wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
