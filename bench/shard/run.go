package shard

import (
	"context"
	"errors"
	"fmt"

	"detour/bench/recording"
	"detour/bench/report"
)

// Options of a run.
type Options struct {
	Corpus string // folder of recordings and prefixes
	Short  bool   // small tables, the same checks
	Self   string // the program whose part "shard" runs Case; empty measures in this process
	Say    func(line string)
}

// Sizes of the table: what is in the Internet's by the end of 2026, and that of
// a short run.
const (
	fullPrefixes  = 1_300_000
	shortPrefixes = 20_000
)

// specs are the tables to measure. Updates hit those of 40 and 400 peers; the
// others tell what a route takes.
func (o *Options) specs() (specs []spec) {
	if o.Short {
		s := spec{Corpus: o.Corpus, Prefixes: shortPrefixes, Peers: 10, Batches: 2, Batch: 10_000}
		return []spec{s, {Corpus: o.Corpus, Prefixes: shortPrefixes, Peers: 10, Whole: true}}
	}
	for _, peers := range []int{5, 10, 20, 40, 100, 400} {
		s := spec{Corpus: o.Corpus, Prefixes: fullPrefixes, Peers: peers, Batch: 300_000}
		if peers == 40 || peers == 400 {
			s.Batches = 8
		}
		specs = append(specs, s)
	}
	return append(specs, spec{Corpus: o.Corpus, Prefixes: fullPrefixes, Peers: 40, Whole: true})
}

func (s spec) String() string {
	text := fmt.Sprintf("%d prefixes of %d peers", s.Prefixes, s.Peers)
	if s.Whole {
		text += fmt.Sprintf(", to %d shards and the correlator", wholeShards)
	}
	return text
}

// Run fills shards, hits them with updates, and brings recordings to one.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	var tables []*outcome
	for _, s := range o.specs() {
		o.Say(s.String())
		out, err := o.one(ctx, s)
		if err != nil {
			return nil, err
		}
		tables = append(tables, out)
	}
	var files []*recorded
	for _, name := range append(recording.Dev(), recording.Burst()[0]) {
		o.Say(name)
		r, err := measureRecording(ctx, o.Corpus, name)
		if errors.Is(err, recording.ErrAbsent) {
			o.Say("left out: " + err.Error())
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, r)
		if o.Short {
			break
		}
	}
	return section(tables, files), nil
}

func (o *Options) one(ctx context.Context, s spec) (*outcome, error) {
	if o.Self == "" {
		return s.run(ctx)
	}
	return measured(ctx, o.Self, s)
}
