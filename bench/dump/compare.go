package dump

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"

	"detour/bench/measure"
)

// errOutput ends a bench whose programs do not print the same.
var errOutput = errors.New("output differs")

// check prints an input with both programs and compares: all lines where none
// may differ, else how many of them only one side has.
func (in *input) check(ctx context.Context, detour string) error {
	var text [2][]uint64
	for i, argv := range [][]string{dumpOf(detour, in.path), bgpdumpOf(in.path)} {
		lines, err := output(ctx, argv)
		if err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
		text[i] = lines
	}
	ours, theirs := text[0], text[1]
	onlyOurs, onlyTheirs := without(ours, theirs), without(theirs, ours)
	if onlyOurs != in.ours || onlyTheirs != in.theirs {
		return fmt.Errorf("%w: %s: %d lines only of detour and %d only of bgpdump, expected %d and %d", errOutput, in.name,
			onlyOurs, onlyTheirs, in.ours, in.theirs)
	}
	if in.ours == 0 && in.theirs == 0 {
		for i := range ours {
			if ours[i] != theirs[i] {
				return fmt.Errorf("%w: %s: line %d stands elsewhere", errOutput, in.name, i+1)
			}
		}
	}
	return nil
}

// output returns the lines that a program prints, each as its hash.
func output(ctx context.Context, argv []string) (lines []uint64, err error) {
	f, err := os.CreateTemp("", "detour-bench-*.txt")
	if err != nil {
		return nil, fmt.Errorf("keep output: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	u, err := measure.Process(ctx, f, argv...)
	if err != nil {
		return nil, err
	}
	if u.Exit != 0 {
		return nil, fmt.Errorf("%s ends with status %d", argv[0], u.Exit)
	}
	if _, err := f.Seek(0, 0); err != nil {
		return nil, fmt.Errorf("read output: %w", err)
	}
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	h := fnv.New64a()
	for s.Scan() {
		h.Reset()
		h.Write(s.Bytes())
		lines = append(lines, h.Sum64())
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("read output: %w", err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s prints nothing", argv[0])
	}
	return lines, nil
}

// without returns how many lines of a are not in b, as many times as they are
// missing there.
func without(a, b []uint64) (n int) {
	have := make(map[uint64]int, len(b))
	for _, l := range b {
		have[l]++
	}
	for _, l := range a {
		if have[l]--; have[l] < 0 {
			n++
		}
	}
	return n
}

func dumpOf(detour, path string) []string {
	return []string{detour, "dump", "--format", "bgpdump", path}
}

func bgpdumpOf(path string) []string { return []string{"bgpdump", "-m", path} }
