package shard_test

import (
	"os"
	"testing"

	"detour/bench/shard"
)

// TestShort runs the short form, which checks that all elements are applied and
// all prefixes known.
func TestShort(t *testing.T) {
	s, err := shard.Run(t.Context(), shard.Options{
		Corpus: "../../../shared/corpus", Short: true, Say: func(line string) { t.Log(line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Tables[0].Rows) == 0 {
		t.Error("no table")
	}
	_, err = os.Stat("../../../shared/corpus")
	if corpus := err == nil; corpus != (len(s.Tables) == 4) {
		t.Errorf("corpus there: %t, yet %d tables", corpus, len(s.Tables))
	}
}

func TestCaseRefusesWhatItCannotRead(t *testing.T) {
	if _, err := shard.Case(t.Context(), "{"); err == nil {
		t.Error("no error")
	}
}
