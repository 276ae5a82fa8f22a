package scenario

import (
	"fmt"
	"testing"
)

func TestSweepsHaveTheirSizes(t *testing.T) {
	kinds := len(BenignKinds())
	want := map[string]int{
		"600 leaks": 600, "600 leaks with a full feed behind the leaker": 600,
		"leaks of 1000 prefixes at 29 peers": 300, "leaks of 100 prefixes at 76 peers": 200,
		"leaks of other shapes": 33 * 25, "hijacks": 12 * 25, "outages": 3 * 25,
		"everyday events, 5 peers": 100 * kinds, "everyday events, 29 peers": 100 * kinds,
		"everyday events, 76 peers": 100 * kinds,
	}
	for _, s := range Sweeps() {
		held, seen := 0, map[string]bool{}
		for _, r := range s.Runs {
			if r.HeldOut() {
				held++
			}
			seen[fmt.Sprint(r.Cell, r.Seed)] = true
		}
		if n, ok := want[s.Name]; !ok || len(s.Runs) != n || held*5 != n || len(seen) != n {
			t.Errorf("%s: %d runs, %d held out, %d differ, want %d", s.Name, len(s.Runs), held, len(seen), n)
		}
		delete(want, s.Name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func TestRunsMakeTheCasesOfTheirSeeds(t *testing.T) {
	k := known(t, 12, false)
	names := map[string]bool{}
	for _, r := range Sweeps()[0].Runs[:25] {
		c, err := r.Make(k)
		if err != nil {
			t.Fatal(err)
		}
		if c.Seed != r.Seed || c.HeldOut != r.HeldOut() || c.Want.Prefixes != 20 {
			t.Errorf("seed %d, held out %v, %+v of run %+v", c.Seed, c.HeldOut, c.Want, r)
		}
		names[c.Name] = true
	}
	if len(names) != 25 {
		t.Errorf("%d cases of 25 differ", len(names))
	}
}
