package decode

import (
	"context"

	"detour/bench/measure"
)

// repeat is how often detour's side runs in a round: it is some twenty times
// shorter, and a clock of CPU time is coarse.
const repeat = 10

// set is one set of recordings and what its rounds gave, in nanoseconds of CPU
// time per UPDATE.
type set struct {
	name   string
	data   []byte // plain MRT without BGP4MP_ET
	sums   Sums
	lines  uint64 // that a text of one line per element and state change has
	allocs float64

	messages, records, framing, gobgp []float64
}

// check decodes all once with every decoder of this process and compares.
func (s *set) check(o *own, want *Sums) (err error) {
	if s.sums, err = o.messages(s.data); err != nil {
		return err
	}
	read, lines, err := records(s.data)
	if err != nil {
		return err
	}
	s.lines = lines
	theirs, err := gobgp(s.data)
	if err != nil {
		return err
	}
	if err := equal("ingest/mrt", read, "ingest/decode", s.sums); err != nil {
		return err
	}
	if want == nil {
		return alike("detour", s.sums, "gobgp", theirs)
	}
	if err := equal("detour", s.sums, "gobgp", theirs); err != nil {
		return err
	}
	return equal("detour", s.sums, "nine decoders before", *want)
}

// run measures rounds, all decoders in each.
func (s *set) run(ctx context.Context, o *own, rounds int) error {
	for range rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, side := range []struct {
			to    *[]float64
			times int
			walk  func() error
		}{
			{&s.messages, repeat, func() error { _, err := o.messages(s.data); return err }},
			{&s.gobgp, 1, func() error { _, err := gobgp(s.data); return err }},
			{&s.records, repeat, func() error { _, _, err := records(s.data); return err }},
			{&s.framing, repeat, func() error { framing(s.data); return nil }},
		} {
			took, err := measure.Spent(side.times, side.walk)
			if err != nil {
				return err
			}
			*side.to = append(*side.to, float64(took.Nanoseconds())/float64(side.times)/float64(s.sums.Updates))
		}
	}
	before := measure.Mallocs()
	if _, err := o.messages(s.data); err != nil {
		return err
	}
	s.allocs = float64(measure.Mallocs()-before) / float64(s.sums.Updates)
	return nil
}

// ratio is how many UPDATEs detour decodes in the time that gobgp takes for one.
func (s *set) ratio() measure.Spread { return measure.Ratios(s.gobgp, s.messages) }
