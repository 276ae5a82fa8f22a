package eval

import (
	"context"
	"fmt"

	"detour/internal/scenario"
)

// benignSweep says over what everyday events are laid.
type benignSweep struct {
	world  string
	rel    bool
	kinds  []string // nil is all
	runs   int
	short  int
	mature bool
	check  func(p *Part, list []sample)
}

func benignPart(name, title string, w benignSweep) part {
	return part{
		name: name, title: title, needs: specOf(w.world).needs(), long: w.short == 0,
		run: func(s *suite, ctx context.Context) (*Part, error) { return s.benign(ctx, name, w) },
	}
}

func (s *suite) benign(ctx context.Context, name string, w benignSweep) (*Part, error) {
	world, setup, err := s.setting(ctx, w.world, w.mature, w.rel)
	if err != nil {
		return nil, err
	}
	runs, kinds := w.runs, w.kinds
	if s.Short {
		runs = w.short
	}
	if kinds == nil {
		kinds = scenario.BenignKinds()
	}
	var cells []*cell
	for _, kind := range kinds {
		cells = append(cells, &cell{
			id: name + "/" + kind, row: kind, world: world, setup: setup, runs: runs,
			make: func(seed uint64) (*scenario.Case, error) { return scenario.Benign(world.Know, kind, seed) },
		})
	}
	list, err := s.sweep(ctx, cells)
	if err != nil {
		return nil, err
	}
	p := &Part{}
	p.addRows(list, benignRow)
	if err := s.background(ctx, p, world, setup); err != nil {
		return nil, err
	}
	if w.check != nil {
		w.check(p, list)
	}
	return p, nil
}

// bigProvider is the kind on which a burst through one next hop looks most like
// a leak.
const bigProvider = "new provider, big cone"

func benignParts() []part {
	return []part{
		benignPart("benign-made", "Everyday events over generated traffic, 12 peers", benignSweep{
			world: worldMade, mature: true, runs: 10, short: 1,
		}),
		benignPart("benign-5", "Everyday events, 5 peers, warm", benignSweep{
			world: world5, mature: true, runs: 100, short: 4,
			check: func(p *Part, list []sample) {
				_, _, _, _, incidents := total(list)
				p.must("Benign, 100 runs of each kind: false incidents in all", "≤ 3", fmt.Sprint(incidents), incidents <= 3)
			},
		}),
		benignPart("benign-5-rel", "New providers of a big cone, with the relationship file", benignSweep{
			world: world5, mature: true, rel: true, kinds: []string{bigProvider}, runs: 100, short: 10,
			check: func(p *Part, list []sample) {
				_, _, _, _, incidents := total(list)
				p.must("100 new providers of a big cone, with the relationship file: false incidents", "≤ 1",
					fmt.Sprint(incidents), incidents <= 1)
			},
		}),
		benignPart("benign-29", "Everyday events, 29 peers, self-primed", benignSweep{
			world: world29, mature: true, runs: 10, short: 1,
		}),
		benignPart("benign-76", "Everyday events, 76 peers, sparse table", benignSweep{
			world: world76, mature: true, runs: 10,
		}),
	}
}
