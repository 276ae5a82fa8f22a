package eval

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"detour/internal/scenario"
	"detour/route"
)

// emptyWorld has two peers and no traffic.
func emptyWorld() *World {
	return NewWorld(&scenario.Background{Name: "empty", Peers: make([]route.Peer, 2)}, 0, nil)
}

// odd makes a case of odd seeds only.
func odd(seed uint64) (*scenario.Case, error) {
	if seed%2 == 0 {
		return nil, errors.New("no place")
	}
	return &scenario.Case{Name: "nothing happens", Kind: "benign/none", Seed: seed, HeldOut: scenario.HeldOut(seed)}, nil
}

func TestASweepGoesOnUntilItHasItsRuns(t *testing.T) {
	s := &suite{Options: Options{Seeds: SeedsAll}}
	cells := []*cell{
		{id: "a", row: "a", world: emptyWorld(), runs: 7, make: odd},
		{id: "b", row: "b", world: emptyWorld(), runs: 2, make: func(uint64) (*scenario.Case, error) {
			return nil, errors.New("never")
		}},
	}
	list, err := s.sweep(t.Context(), cells)
	if err != nil {
		t.Fatal(err)
	}
	ran := map[string]int{}
	for i, d := range list {
		if d.hosted {
			ran[d.cell.id]++
		}
		if i > 0 && d.cell == list[i-1].cell && d.seed != list[i-1].seed+1 {
			t.Errorf("seed %d follows seed %d", d.seed, list[i-1].seed)
		}
	}
	if ran["a"] != 7 || ran["b"] != 0 {
		t.Errorf("runs: %v, want 7 of a", ran)
	}
	p := &Part{}
	p.addRows(list, benignRow)
	var keys []string
	for _, r := range p.Rows {
		keys = append(keys, r.Key+" "+r.Seeds)
	}
	if want := []string{"a ", "b ", "all tuned", "all held-out"}; !slices.Equal(keys, want) {
		t.Errorf("rows %q, want %q", keys, want)
	}
	if len(p.Cases) != 7 || len(p.Notes) != 1 {
		t.Errorf("%d cases, notes %q", len(p.Cases), p.Notes)
	}
}

// TestASweepIsTheSameEachTime holds that workers do not decide what comes out.
func TestASweepIsTheSameEachTime(t *testing.T) {
	run := func() []CaseLine {
		s := &suite{Options: Options{Seeds: SeedsAll}}
		list, err := s.sweep(t.Context(), []*cell{{id: "a", row: "a", world: emptyWorld(), runs: 20, make: odd}})
		if err != nil {
			t.Fatal(err)
		}
		p := &Part{}
		p.addRows(list, recallRow)
		return p.Cases
	}
	if d := cmp.Diff(run(), run(), cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

func TestSeedsAreChosen(t *testing.T) {
	for seeds, want := range map[string]int{SeedsAll: 10, SeedsTuned: 8, SeedsHeldOut: 2} {
		var made atomic.Int64
		c := &cell{id: "a", row: "a", world: emptyWorld(), runs: 10, make: func(seed uint64) (*scenario.Case, error) {
			made.Add(1)
			if held := scenario.HeldOut(seed); seeds == SeedsTuned && held || seeds == SeedsHeldOut && !held {
				t.Errorf("--seeds %s looks at seed %d", seeds, seed)
			}
			return &scenario.Case{Name: "x"}, nil
		}}
		s := &suite{Options: Options{Seeds: seeds}}
		list, err := s.sweep(t.Context(), []*cell{c})
		if err != nil {
			t.Fatal(err)
		}
		runs, _, _, _, _ := total(list)
		if runs != want || int(made.Load()) != want {
			t.Errorf("--seeds %s runs %d of 10, want %d", seeds, runs, want)
		}
	}
}

func TestAnErrorEndsTheWorkers(t *testing.T) {
	broken := errors.New("broken")
	var calls atomic.Int64
	_, err := each(t.Context(), 1000, func(_ context.Context, i int) (int, error) {
		if calls.Add(1); i == 3 {
			return 0, broken
		}
		return i, nil
	})
	if !errors.Is(err, broken) || calls.Load() == 1000 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}
