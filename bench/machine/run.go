package machine

import (
	"context"
	"fmt"

	"detour/bench/measure"
	"detour/bench/report"
	"detour/internal/cputime"
)

// Options of a run.
type Options struct {
	Short bool
	Say   func(line string)
}

const command = "detour bench machine"

// step is one thing to measure: do does it n times and returns a sum, so that the
// compiler keeps it.
type step struct {
	what string
	n    int
	do   func(n int) uint64
}

const rounds = 7

// Run measures each step in rounds that take turns.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	words, scale := 100<<20, 1 // 400 MiB: larger than caches, as a full table is
	if o.Short {
		words, scale = 1<<20, 100
	}
	m := newMemory(words)
	steps := []step{
		{"load that waits for the one before, 400 MiB at random", 2_000_000 / scale, m.dependent},
		{"load that waits for none, 400 MiB at random", 8_000_000 / scale, m.independent},
		{"copy of 64 octets, 400 MiB in order", m.lines() / scale, m.stream},
		{"system call", 2_000_000 / scale, calls},
		{"hand-over between two goroutines and back", 500_000 / scale, handOvers},
	}
	ns := make([][]float64, len(steps))
	sum := uint64(0)
	for range rounds {
		for i, s := range steps {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			begin := cputime.Now()
			sum += s.do(s.n)
			ns[i] = append(ns[i], float64(cputime.Now()-begin)/float64(s.n))
		}
	}
	o.Say(fmt.Sprintf("%d rounds (%x)", rounds, sum&0xff))
	t := report.Table{Name: "steps", Title: "What things cost", Columns: []string{"step", "CPU time, ns"}}
	for i, s := range steps {
		t.Rows = append(t.Rows, []string{s.what, measure.SpreadOf(ns[i]).String()})
	}
	return &report.Section{
		Name: "machine", Title: "This machine", Command: command, Tables: []report.Table{t},
		Notes: []string{
			"What the other figures are made of. A full table does not fit the caches, so that what counts is how often\n" +
				"applying waits for memory, and for how many loads at a time. Median (least–most) of rounds.",
		},
	}, nil
}
