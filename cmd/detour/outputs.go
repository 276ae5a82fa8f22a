package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// named is a file and what it is for.
type named struct{ what, path string }

// checkOutputs refuses to write a file that is read, or that another output is
// written to. Empty paths and standard output are none.
func checkOutputs(inputs, outputs []named) error {
	for i, o := range outputs {
		if o.path == "" || o.path == "-" {
			continue
		}
		for _, other := range append(inputs[:len(inputs):len(inputs)], outputs[:i]...) {
			if sameFile(o.path, other.path) {
				return fmt.Errorf("%s would overwrite %s, which is %s: name another file", o.what, other.path, other.what)
			}
		}
	}
	return nil
}

// sameFile compares what is there, links included, or else the names.
func sameFile(a, b string) bool {
	if a == "" || b == "" || b == "-" {
		return false
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil {
		return os.SameFile(x, y) && x.Mode().IsRegular()
	}
	return filepath.Clean(a) == filepath.Clean(b)
}
