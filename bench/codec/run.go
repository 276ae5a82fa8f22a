package codec

import (
	"context"
	"errors"
	"fmt"

	"detour/bench/measure"
	"detour/bench/recording"
	"detour/bench/report"
)

// Options of a run.
type Options struct {
	Corpus string // folder of recordings
	Short  bool   // the same checks, and one round
	Say    func(line string)
}

const (
	rounds    = 15
	repeat    = 100 // a clock of CPU time is coarse,
	slower    = 10  // and generated code needs a tenth of that
	madeCount = 2000
)

// Run checks that both codecs give back what was put in, and measures them on
// recorded traffic and on traffic that is made up; without the corpus on the
// latter alone.
func Run(ctx context.Context, o Options) (*report.Section, error) {
	all := []*traffic{made(madeCount)}
	t, err := recorded(o.Corpus)
	switch {
	case err == nil:
		all = append([]*traffic{t}, all...)
	case !errors.Is(err, recording.ErrAbsent):
		return nil, err
	}
	n, times := rounds, repeat
	if o.Short {
		n, times = 1, 1
	}
	var results []*result
	for _, t := range all {
		e, err := check(t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		o.Say(t.name + ": both codecs give back the same")
		r := &result{t: t, e: e}
		if err := r.run(ctx, n, times); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		results = append(results, r)
	}
	return section(results), nil
}

// result is what rounds gave, in nanoseconds of CPU time per update.
type result struct {
	t *traffic
	e *encoded

	encode, decode, both       []float64 // frames
	pbEncode, pbDecode, pbBoth []float64 // generated code, with what its messages are made from
	marshal, unmarshal         []float64 // of that, the library
}

func (r *result) run(ctx context.Context, rounds, times int) error {
	c, g := newFrames(), &generated{}
	ready := batches(r.t, r.e.sizes)
	few := max(1, times/slower)
	for range rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, side := range []struct {
			to    *[]float64
			times int
			run   func() error
		}{
			{&r.encode, times, func() error { c.encode(r.t, nil); return nil }},
			{&r.decode, times, func() error { return c.decode(r.e.frames, nil) }},
			{&r.pbEncode, few, func() error { return g.encode(r.t, r.e.sizes) }},
			{&r.pbDecode, few, func() error { return g.decode(r.e.messages, nil) }},
			{&r.marshal, few, func() error { return g.marshal(ready, nil) }},
			{&r.unmarshal, few, func() error { return g.unmarshal(r.e.messages, nil) }},
		} {
			took, err := measure.Spent(side.times, side.run)
			if err != nil {
				return err
			}
			*side.to = append(*side.to, float64(took)/float64(side.times)/float64(len(r.t.updates)))
		}
		last := len(r.encode) - 1
		r.both = append(r.both, r.encode[last]+r.decode[last])
		r.pbBoth = append(r.pbBoth, r.pbEncode[last]+r.pbDecode[last])
	}
	return nil
}

// ratio is how many times as long generated code takes there and back.
func (r *result) ratio() measure.Spread { return measure.Ratios(r.pbBoth, r.both) }

func total(all [][]byte) (n int) {
	for _, b := range all {
		n += len(b)
	}
	return n
}
