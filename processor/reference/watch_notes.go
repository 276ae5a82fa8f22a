package reference

import (
	"fmt"
	"strings"
)

const (
	// linesNamed and notesKept bound what is said of a watch file.
	linesNamed = 5
	notesKept  = 100
)

// note is one kind of thing that a watch file holds in vain.
type note struct {
	key, why string
	lines    []int
	more     int
}

// notes gathers them in order of first sight.
type notes struct {
	list   []*note
	byKey  map[string]*note
	others int // kinds beyond notesKept
}

func (n *notes) add(line int, key, why string) {
	e := n.byKey[key]
	if e == nil {
		if len(n.list) == notesKept {
			n.others++
			return
		}
		if n.byKey == nil {
			n.byKey = map[string]*note{}
		}
		e = &note{key: key, why: why}
		n.byKey[key] = e
		n.list = append(n.list, e)
	}
	switch last := len(e.lines) - 1; {
	case last >= 0 && e.lines[last] == line: // an alias shows the same line again
		return
	case len(e.lines) == linesNamed:
		e.more++
		return
	}
	e.lines = append(e.lines, line)
}

// sentences returns one sentence for each kind; name is that of the file.
func (n *notes) sentences(name string) (out []string) {
	for _, e := range n.list {
		out = append(out, fmt.Sprintf("%s: %s (%s): %s", name, e.key, e.where(), e.why))
	}
	if n.others > 0 {
		out = append(out, fmt.Sprintf("%s: %d more keys that detour does not know", name, n.others))
	}
	return out
}

func (e *note) where() string {
	if len(e.lines) == 1 {
		return fmt.Sprintf("line %d", e.lines[0])
	}
	var b strings.Builder
	b.WriteString("lines ")
	for i, line := range e.lines {
		switch {
		case i == 0:
		case i == len(e.lines)-1 && e.more == 0:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, line)
	}
	if e.more > 0 {
		fmt.Fprintf(&b, " and %d more", e.more)
	}
	return b.String()
}
