package machine_test

import (
	"testing"

	"detour/bench/machine"
)

func TestShort(t *testing.T) {
	s, err := machine.Run(t.Context(), machine.Options{Short: true, Say: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Tables[0].Rows); n != 5 {
		t.Errorf("%d steps", n)
	}
}
