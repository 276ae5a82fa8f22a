package correlate

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestOneLineIsTheFieldsJoined holds the short way for what needs no change
// against the long one.
func TestOneLineIsTheFieldsJoined(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"a", "é", " ", "  ", "\t", "\n", "\u00a0", "\x7f", "AS1 (X)"}))
		s := strings.Join(parts.Draw(t, "parts"), "")
		if got, want := oneLine(s), strings.Join(strings.Fields(s), " "); got != want {
			t.Fatalf("%q became %q, want %q", s, got, want)
		}
	})
}
