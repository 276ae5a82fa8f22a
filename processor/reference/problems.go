package reference

import (
	"errors"
	"fmt"
	"strings"
)

// problemsShown bounds an error message; the rest is counted.
const problemsShown = 20

// problems gathers what is wrong with a file, so that its owner hears of all of
// it at once.
type problems struct {
	list []string
	more int
}

// add notes a problem; format and args say where, what, and what to do.
func (p *problems) add(format string, args ...any) {
	if len(p.list) == problemsShown {
		p.more++
		return
	}
	p.list = append(p.list, fmt.Sprintf(format, args...))
}

// at is add for a line of a text file, counted from 1.
func (p *problems) at(line int, format string, args ...any) {
	if len(p.list) == problemsShown {
		p.more++
		return
	}
	p.list = append(p.list, fmt.Sprintf("line %d: ", line)+fmt.Sprintf(format, args...))
}

// err returns all problems as one error, nil if there were none.
func (p *problems) err() error {
	switch {
	case len(p.list) == 0:
		return nil
	case len(p.list) == 1:
		return errors.New(p.list[0])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d problems:", len(p.list)+p.more)
	for _, text := range p.list {
		b.WriteString("\n  " + text)
	}
	if p.more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", p.more)
	}
	return errors.New(b.String())
}
