package eval

import (
	"context"
	"fmt"
	"strings"

	"detour/internal/scenario"
	"detour/processor"
	"detour/route"
)

// cell is one row of a sweep: the same event for many seeds.
type cell struct {
	id, row string // id is the row's name in case ids
	world   *World
	setup   Setup
	runs    int // seeds that the world can host
	make    func(seed uint64) (*scenario.Case, error)
}

// sample is one case of a cell and its verdict.
type sample struct {
	cell   *cell
	seed   uint64
	held   bool
	hosted bool
	why    string // it was not
	name   string
	bad    int // bad updates of the case
	Verdict
	stats processor.LineStats
	span  route.Time
}

// maxSeeds bounds how far a sweep goes on for seeds that the world can host, in
// multiples of the runs that are wanted.
const maxSeeds = 4

// sweep runs cells until each has its runs, or no seeds left. What it returns
// follows from the cells alone, in their order, then by seed.
func (s *suite) sweep(ctx context.Context, cells []*cell) ([]sample, error) {
	of := make([][]sample, len(cells))
	for {
		var jobs []sample
		var place []int
		for i, c := range cells {
			from := len(of[i])
			missing := min(c.runs-hosted(of[i]), maxSeeds*c.runs-from)
			for n := range missing {
				seed := uint64(from + n + 1)
				jobs = append(jobs, sample{cell: c, seed: seed, held: scenario.HeldOut(seed)})
				place = append(place, i)
			}
		}
		if len(jobs) == 0 {
			break
		}
		done, err := each(ctx, len(jobs), func(ctx context.Context, i int) (sample, error) { return s.case1(ctx, jobs[i]) })
		if err != nil {
			return nil, err
		}
		for n, d := range done {
			of[place[n]] = append(of[place[n]], d)
		}
	}
	var all []sample
	for _, list := range of {
		all = append(all, list...)
	}
	return all, nil
}

// background adds a note if the background itself gives incidents in the time
// that cases are followed: they are among the further ones of each case.
func (s *suite) background(ctx context.Context, p *Part, w *World, setup Setup) error {
	o, err := w.Run(ctx, setup, nil)
	if err != nil {
		return err
	}
	var words []string
	for _, t := range Judge(o).Incidents {
		words = append(words, fmt.Sprintf("%s of AS%v by %s", t.First.Kind, t.First.Suspect, t.First.Rule))
	}
	if len(words) > 0 {
		p.Notes = append(p.Notes, "The background alone gives, in the same time: "+strings.Join(words, ", ")+".")
	}
	return nil
}

// hosted counts the samples that ran, or were not to be run.
func hosted(list []sample) (n int) {
	for i := range list {
		if list[i].hosted || list[i].why == "" {
			n++
		}
	}
	return n
}

// wants reports whether a seed is among those asked for.
func (s *suite) wants(held bool) bool {
	return s.Seeds == SeedsAll || held == (s.Seeds == SeedsHeldOut)
}

// case1 makes and runs one case.
func (s *suite) case1(ctx context.Context, j sample) (sample, error) {
	if !s.wants(j.held) {
		return j, nil
	}
	c, err := j.cell.make(j.seed)
	if err != nil {
		j.why = err.Error()
		return j, nil //nolint:nilerr // this background cannot host the case; the row says so
	}
	o, err := j.cell.world.Run(ctx, j.cell.setup, c)
	if err != nil {
		return j, err
	}
	j.hosted, j.name = true, c.Name
	j.Verdict, j.stats = Judge(o), o.Line
	if n := len(c.Elements); n > 0 {
		j.span = c.Elements[n-1].At - c.Elements[0].At
	}
	for i := range c.Elements {
		if c.Elements[i].Bad {
			j.bad++
		}
	}
	if s.Verbose {
		s.sayCase(&j, c)
	}
	return j, nil
}

func (s *suite) sayCase(j *sample, c *scenario.Case) {
	s.say("%s/s%d: %v by %s; %s", j.cell.id, j.seed, j.Grade, j.Rule, c.Name)
	for _, t := range j.Incidents {
		s.say("    %s AS%v by %s after %v: %s", t.First.Kind, t.First.Suspect, t.First.Rule,
			(t.First.Opened - j.cell.world.Cut).Std().Sub(route.Time(0).Std()), t.First.Summary)
	}
}
