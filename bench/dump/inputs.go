package dump

import (
	"fmt"
	"os"
	"path/filepath"

	"detour/bench/recording"
)

// input is a file that both programs print.
type input struct {
	name, kind string
	label      string // in pictures
	path       string
	// theirs and ours are how many lines only one side has, for reasons that
	// docs/reference/bgpdump-differences.md gives.
	theirs, ours int

	own, other program
}

// program is what the rounds of one side gave.
type program struct {
	cpu  []float64 // milliseconds
	peak uint64    // of all rounds, bytes
}

// ordinary is the input whose ratio is judged.
const ordinary = "ordinary"

// inputs returns files of every kind, those of the short form alone when short.
// The plain ones are made of compressed ones, and gone after remove.
func inputs(corpus string, short bool) (list []*input, remove func(), err error) {
	var removes []func()
	remove = func() {
		for _, f := range removes {
			f()
		}
	}
	add := func(name string, files []string, theirs, ours int) {
		if err != nil {
			return
		}
		in := &input{name: name, kind: "updates, plain", label: name + ", plain", theirs: theirs, ours: ours}
		var f func()
		if in.path, f, err = unpack(corpus, name, files); err == nil {
			list, removes = append(list, in), append(removes, f)
		}
	}
	if short {
		add(ordinary, recording.Dev()[1:], 0, 0)
		return list, remove, err
	}
	add(ordinary, recording.Dev(), 0, 0)
	add("transfers", recording.Burst(), 22, 22)
	for _, in := range []input{
		{name: "mrt/ris.rrc00.updates.20190101.0000.gz", kind: "updates, gzip", label: "2019, gzip"},
		{
			name: "mrt/ris.updates.et-header.2015.gz", kind: "updates, gzip", label: "transfer, gzip",
			theirs: 22, ours: 22,
		},
		{name: "mrt/routeviews.updates.20241028.0000.bz2", kind: "updates, bzip2", label: "2024, bzip2"},
		{
			name: "mrt/routeviews.jinx.rib.20140530.2200.bz2", kind: "table, bzip2", label: "table, bzip2",
			theirs: 6, ours: 6,
		},
	} {
		in.path = filepath.Join(corpus, in.name)
		if _, e := os.Stat(in.path); e != nil && err == nil {
			err = fmt.Errorf("%w: no %s", recording.ErrAbsent, in.name)
		}
		list = append(list, &in)
	}
	return list, remove, err
}

func unpack(corpus, name string, files []string) (path string, remove func(), err error) {
	data, err := recording.Plain(corpus, files)
	if err != nil {
		return "", nil, err
	}
	return recording.Temp(name+".mrt", data)
}

// everything returns all recordings of the corpus, of which the memory is taken.
func everything(corpus string) (files []string) {
	for _, pattern := range []string{"mrt/*", "mrt/small/*", "csv/derived*.mrt.gz", "incident/derived*.mrt.gz"} {
		found, _ := filepath.Glob(filepath.Join(corpus, pattern))
		for _, f := range found {
			if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() {
				files = append(files, f)
			}
		}
	}
	return files
}
