package alert

import "testing"

func TestOneLineHasNoControlCharacters(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "edge-1 Zürich": "edge-1 Zürich", "a\nb\tc": "a_b_c", "\x1b[2J": "_[2J", "\u0085": "_",
	} {
		if got := OneLine(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
