package decode

import (
	"context"
	"errors"

	"detour/bench/recording"
	"detour/bench/report"
)

// Options of a run.
type Options struct {
	Corpus   string // folder of recordings
	Short    bool   // the same checks, and one round
	Detour   string // path of the detour program; its dump is left out when empty
	Decoders []Decoder
	Say      func(line string)
}

// Rounds of the long form.
const (
	rounds        = 8
	outsideRounds = 5
)

// Run decodes the recordings with all decoders, checks that they read the same,
// and measures. Without the corpus the section says that it was skipped.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	dev, burst, err := load(o.Corpus)
	if errors.Is(err, recording.ErrAbsent) {
		return &report.Section{Name: name, Title: title, Skipped: err.Error()}, nil
	}
	if err != nil {
		return nil, err
	}
	many, few := rounds, outsideRounds
	if o.Short {
		many, few = 1, 1
	}
	want := devSums()
	for _, s := range []struct {
		*set
		want *Sums
	}{{dev, &want}, {burst, nil}} {
		decoder := &own{}
		if err := s.check(decoder, s.want); err != nil {
			return nil, err
		}
		o.Say(s.name + ": checksums equal")
		if err := s.run(ctx, decoder, many); err != nil {
			return nil, err
		}
	}
	programs, err := runOutside(ctx, dev, o, few)
	if err != nil {
		return nil, err
	}
	return section(dev, burst, programs), nil
}

func load(corpus string) (dev, burst *set, err error) {
	read := func(name string, files []string) *set {
		data, e := recording.Plain(corpus, files)
		if err == nil {
			err = e
		}
		return &set{name: name, data: recording.WithoutMicroseconds(data)}
	}
	dev = read("ordinary", recording.Dev())
	burst = read("transfers", recording.Burst())
	return dev, burst, err
}
