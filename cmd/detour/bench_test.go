package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBenchProgramIsLookedForBesideAndOnThePath(t *testing.T) {
	dir := t.TempDir()
	self := filepath.Join(dir, "detour")
	t.Setenv("PATH", t.TempDir())
	if _, err := findBench(self); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("absent: error is %v", err)
	}
	onPath := t.TempDir()
	t.Setenv("PATH", onPath)
	for _, d := range []string{onPath, dir} { // what stands beside comes first
		want := filepath.Join(d, benchProgram)
		if err := os.WriteFile(want, []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		if got, err := findBench(self); err != nil || got != want {
			t.Errorf("found %s, %v, want %s", got, err, want)
		}
	}
}
