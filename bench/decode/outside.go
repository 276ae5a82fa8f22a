package decode

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"detour/bench/measure"
	"detour/bench/recording"
)

// Decoder is a program that reads a plain MRT file, which is put behind its
// arguments.
type Decoder struct {
	Name string
	Argv []string
}

// ParseDecoder reads NAME=COMMAND.
func ParseDecoder(text string) (Decoder, error) {
	name, command, _ := strings.Cut(text, "=")
	argv := strings.Fields(command)
	if name == "" || len(argv) == 0 {
		return Decoder{}, fmt.Errorf("decoder %q: write NAME=COMMAND", text)
	}
	return Decoder{Name: name, Argv: argv}, nil
}

// outside is what the rounds of a program gave.
type outside struct {
	Decoder
	checked string // what its output was held against
	perUpd  []float64
	ratio   []float64 // against `detour dump` in the same round
}

// programs returns the decoders to run: Debian's bgpdump where it is installed,
// and those that were asked for.
func programs(asked []Decoder) []Decoder {
	if _, err := exec.LookPath("bgpdump"); err != nil {
		return asked
	}
	return append([]Decoder{{"bgpdump -m", []string{"bgpdump", "-m"}}}, asked...)
}

// runOutside runs programs on the recordings of s, detour's dump first in each
// round.
func runOutside(ctx context.Context, s *set, o Options, rounds int) ([]outside, error) {
	list := programs(o.Decoders)
	if o.Detour != "" {
		list = append([]Decoder{{"detour dump", []string{o.Detour, "dump"}}}, list...)
	}
	if len(list) == 0 {
		return nil, nil
	}
	path, remove, err := recording.Temp(s.name+".mrt", s.data)
	if err != nil {
		return nil, err
	}
	defer remove()
	out := make([]outside, len(list))
	for i, d := range list {
		out[i].Decoder = d
		if out[i].checked, err = checkOutput(ctx, d, path, s.lines); err != nil {
			return nil, err
		}
	}
	for range rounds {
		first := 0.0
		for i := range out {
			u, err := measure.Process(ctx, nil, append(out[i].Argv, path)...)
			if err != nil {
				return nil, err
			}
			ns := float64(u.CPU.Nanoseconds()) / float64(s.sums.Updates)
			if i == 0 {
				first = ns
			}
			out[i].perUpd = append(out[i].perUpd, ns)
			out[i].ratio = append(out[i].ratio, ns/first)
		}
	}
	return out, nil
}

// checkOutput counts the lines of a program that prints as `bgpdump -m` does.
func checkOutput(ctx context.Context, d Decoder, path string, want uint64) (string, error) {
	f, err := os.Create(filepath.Join(filepath.Dir(path), "output"))
	if err != nil {
		return "", fmt.Errorf("keep output: %w", err)
	}
	defer f.Close()
	u, err := measure.Process(ctx, f, append(d.Argv, path)...)
	if err != nil {
		return "", err
	}
	if u.Exit != 0 {
		return "", fmt.Errorf("%s ends with status %d", d.Name, u.Exit)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("read output: %w", err)
	}
	lines, like, err := countLines(f)
	switch {
	case err != nil:
		return "", err
	case !like:
		return "not checked: another format", nil
	case lines != want:
		return "", fmt.Errorf("%w: %s prints %d lines, want %d", errSums, d.Name, lines, want)
	}
	return fmt.Sprintf("%d lines", lines), nil
}

// countLines counts, and says whether the first line is bgpdump's.
func countLines(r io.Reader) (n uint64, like bool, err error) {
	b := bufio.NewReaderSize(r, 1<<20)
	start, _ := b.Peek(len("BGP4MP"))
	like = string(start) == "BGP4MP"
	buf := make([]byte, 1<<20)
	for {
		got, err := b.Read(buf)
		n += uint64(bytes.Count(buf[:got], []byte{'\n'}))
		if err == io.EOF {
			return n, like, nil
		}
		if err != nil {
			return n, like, fmt.Errorf("read output: %w", err)
		}
	}
}
