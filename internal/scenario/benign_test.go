package scenario

import (
	"fmt"
	"testing"
)

func TestBenignEventsAreSound(t *testing.T) {
	k := known(t, 12, false)
	for _, kind := range BenignKinds() {
		for seed := uint64(1); seed <= 6; seed++ {
			t.Run(fmt.Sprintf("%s/%d", kind, seed), func(t *testing.T) {
				c := sound(t, k, func() (*Case, error) { return Benign(k, kind, seed) })
				if c.Want != nil || c.Kind != "benign/"+kind || c.Seed != seed || c.HeldOut != (seed == 5) {
					t.Errorf("kind %q, seed %d, held out %v, want %v", c.Kind, c.Seed, c.HeldOut, c.Want)
				}
				t.Log(c.Name)
			})
		}
	}
}

func TestUnknownKindOfEventIsAnError(t *testing.T) {
	if c, err := Benign(known(t, 4, false), "a party", 1); err == nil {
		t.Errorf("got %v", c)
	}
}
