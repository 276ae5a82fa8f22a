package dump

import (
	"cmp"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"

	"detour/bench/measure"
	"detour/bench/recording"
	"detour/bench/report"
)

// Options of a run.
type Options struct {
	Corpus string // folder of recordings
	Short  bool   // the same checks on one file, and one round
	Detour string // path of the detour program
	Say    func(line string)
}

const rounds = 5

// Run compares what both programs print and measures them in turns, then takes
// the memory of `detour dump` on every recording of the corpus. Without the
// corpus or without bgpdump the section says that it was skipped.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	skipped := func(why string) (*report.Section, error) {
		return &report.Section{Name: name, Title: title, Skipped: why}, nil
	}
	if _, err := exec.LookPath("bgpdump"); err != nil {
		return skipped("bgpdump absent: install Debian's bgpdump 1.6.2 to compare with it")
	}
	list, remove, err := inputs(o.Corpus, o.Short)
	defer remove()
	if errors.Is(err, recording.ErrAbsent) {
		return skipped(err.Error())
	}
	if err != nil {
		return nil, err
	}
	n := rounds
	if o.Short {
		n = 1
	}
	for _, in := range list {
		if err := in.check(ctx, o.Detour); err != nil {
			return nil, err
		}
		o.Say(in.name + ": output is that of bgpdump")
		if err := in.run(ctx, o.Detour, n); err != nil {
			return nil, err
		}
	}
	files := everything(o.Corpus)
	if o.Short {
		files = files[:min(3, len(files))]
	}
	peaks, err := peaksOf(ctx, o, files)
	if err != nil {
		return nil, err
	}
	return section(list, largest(peaks, list)), nil
}

// largest adds the rounds of list to peaks and sorts: each recording once, with
// the most that it took in any run.
func largest(peaks []peak, list []*input) []peak {
	for _, in := range list {
		name := filepath.Base(in.name)
		i := slices.IndexFunc(peaks, func(p peak) bool { return p.name == name })
		if i < 0 {
			peaks = append(peaks, peak{name + " (" + in.kind + ")", in.own.peak})
			continue
		}
		peaks[i].bytes = max(peaks[i].bytes, in.own.peak)
	}
	slices.SortStableFunc(peaks, func(a, b peak) int { return cmp.Compare(b.bytes, a.bytes) })
	return peaks
}

// run measures rounds, both programs in each.
func (in *input) run(ctx context.Context, detour string, rounds int) error {
	for range rounds {
		for _, side := range []struct {
			to   *program
			argv []string
		}{{&in.own, dumpOf(detour, in.path)}, {&in.other, bgpdumpOf(in.path)}} {
			u, err := measure.Process(ctx, nil, side.argv...)
			if err != nil {
				return err
			}
			side.to.cpu = append(side.to.cpu, float64(u.CPU.Microseconds())/1e3)
			side.to.peak = max(side.to.peak, u.Peak)
		}
	}
	return nil
}

// ratio is how many times as long bgpdump takes.
func (in *input) ratio() measure.Spread { return measure.Ratios(in.other.cpu, in.own.cpu) }

// peak is the memory of `detour dump` on one recording.
type peak struct {
	name  string
	bytes uint64
}

func peaksOf(ctx context.Context, o Options, files []string) (out []peak, err error) {
	for _, f := range files {
		u, err := measure.Process(ctx, nil, dumpOf(o.Detour, f)...)
		if err != nil {
			return nil, err
		}
		out = append(out, peak{filepath.Base(f), u.Peak})
	}
	return out, nil
}
