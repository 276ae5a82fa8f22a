package terminal

import "testing"

func TestColourIsOn(t *testing.T) {
	for _, c := range []struct {
		name          string
		mode          Mode
		tty           bool
		noColor, term string
		want          bool
	}{
		{"auto on a terminal", ColorAuto, true, "", "xterm", true},
		{"auto on a pipe", ColorAuto, false, "", "xterm", false},
		{"auto with NO_COLOR", ColorAuto, true, "1", "xterm", false},
		{"auto on a dumb terminal", ColorAuto, true, "", "dumb", false},
		{"always on a pipe", ColorAlways, false, "", "", true},
		{"always outranks NO_COLOR", ColorAlways, true, "1", "", true},
		{"never on a terminal", ColorNever, true, "", "xterm", false},
	} {
		env := map[string]string{"NO_COLOR": c.noColor, "TERM": c.term}
		if got := c.mode.on(c.tty, func(key string) string { return env[key] }); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
