package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"

	"detour/route"
)

// demoScreen writes the demo for people: on the left when or what, on the right
// sentences, and on a terminal a last line that says how far it is. Any
// goroutine may use it.
type demoScreen struct {
	w     io.Writer
	tty   bool
	color bool
	width int

	mu     sync.Mutex
	status string // as it stands on the terminal
}

// Columns of the screen.
const (
	demoLeft     = 12
	demoWidthMax = 110
	demoWidthMin = 60
)

func newDemoScreen(w io.Writer) *demoScreen {
	s := &demoScreen{w: w, tty: isTerminal(w), width: demoWidthMax}
	if s.tty {
		if columns, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil {
			s.width = min(max(columns-1, demoWidthMin), demoWidthMax)
		}
		s.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return s
}

// demoStyle is the parameter of an SGR escape sequence (ECMA-48 §8.3.117).
type demoStyle string

const (
	demoPlain  demoStyle = ""
	demoBold   demoStyle = "1"
	demoFaint  demoStyle = "2"
	demoRed    demoStyle = "1;31"
	demoYellow demoStyle = "33"
	demoGreen  demoStyle = "32"
	demoCyan   demoStyle = "36"
)

func (s *demoScreen) paint(style demoStyle, text string) string {
	if !s.color || style == demoPlain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

func (s *demoScreen) title(title, preface string) {
	lines := []string{"", s.paint(demoBold, title)}
	for _, line := range wrap(preface, s.width) {
		lines = append(lines, s.paint(demoFaint, line))
	}
	s.write(strings.Join(lines, "\n") + "\n\n")
}

// say tells something that happens at a moment of engine time.
func (s *demoScreen) say(at route.Time, format string, a ...any) {
	s.styled(demoPlain, at, format, a...)
}

func (s *demoScreen) styled(style demoStyle, at route.Time, format string, a ...any) {
	s.print(style, at.Std().Format("15:04:05.0"), fmt.Sprintf(format, a...))
}

// row tells something that has a name, or goes on with it if that is empty.
func (s *demoScreen) row(name, format string, a ...any) {
	s.print(demoPlain, name, fmt.Sprintf(format, a...))
}

func (s *demoScreen) print(style demoStyle, left, text string) {
	var b strings.Builder
	for i, line := range wrap(text, s.width-demoLeft) {
		if i > 0 {
			left = ""
		}
		b.WriteString(s.paint(demoFaint, left))
		b.WriteString(strings.Repeat(" ", max(demoLeft-len(left), 1)))
		b.WriteString(s.paint(style, strings.TrimRight(line, " ")))
		b.WriteByte('\n')
	}
	s.write(b.String())
}

func (s *demoScreen) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status != "" {
		text = wipeLine + text + s.status
	}
	io.WriteString(s.w, text) //nolint:errcheck // a screen that is gone is no reason to stop
}

// wrap cuts text at single spaces into lines of at most so many columns, as far
// as its words allow.
func wrap(text string, columns int) (lines []string) {
	line, used := "", 0
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			line, used = word, n
		case used+1+n > columns:
			lines = append(lines, line)
			line, used = word, n
		default:
			line, used = line+" "+word, used+1+n
		}
	}
	return append(lines, line)
}
