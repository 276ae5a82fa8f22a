package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"detour": main})
}

// The scripts find the committed recordings under $MRT, and bench/field-trial.sh
// as $TRIAL.
func TestScripts(t *testing.T) {
	samples, err := filepath.Abs("../../testdata/mrt")
	if err != nil {
		t.Fatal(err)
	}
	trial, err := filepath.Abs("../../bench/field-trial.sh")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("MRT", samples)
			e.Setenv("TRIAL", trial)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"status":   status,
			"truncate": truncate,
			"squeeze":  squeeze,
			"archive":  serveArchive,
		},
	})
}

// status runs detour in this process and checks its exit code:
// status CODE ARGS...
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: status CODE ARGS...")
	}
	for i := range args {
		switch filepath.Ext(args[i]) {
		case ".mrt", ".json", ".jsonl":
			args[i] = ts.MkAbs(args[i])
		}
	}
	stdin, err := os.Open(os.DevNull)
	ts.Check(err)
	defer stdin.Close()
	if got := run(args[1:], stdin, ts.Stdout(), ts.Stderr()); strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// exits runs detour in a process of its own, with the script's folder and
// variables, and checks its exit code: exits CODE ARGS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	code, err := 0, ts.Exec("detour", args[1:]...)
	if exit, ended := errors.AsType[*exec.ExitError](err); ended {
		code, err = exit.ExitCode(), nil
	}
	ts.Check(err)
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// squeeze compresses a file with gzip: squeeze FROM TO.
func squeeze(ts *testscript.TestScript, _ bool, args []string) {
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(data)
	ts.Check(errors.Join(err, z.Close()))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600))
}

// serveArchive serves a folder as a mirror of an archive until the script ends, and
// names its URL in $ARCHIVE: archive FOLDER.
func serveArchive(ts *testscript.TestScript, _ bool, args []string) {
	s := httptest.NewServer(http.FileServer(http.Dir(ts.MkAbs(args[0]))))
	ts.Defer(s.Close)
	ts.Setenv("ARCHIVE", s.URL)
}

// truncate copies all but the last bytes of a file: truncate FROM TO.
func truncate(ts *testscript.TestScript, _ bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b[:len(b)-5], 0o600))
}
