package config

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong, or doubtful, in a configuration.
type Problem struct {
	Origin string // file:line, the name of a variable, or "default"
	Key    string // nats.url; empty where it is about no key
	Text   string // what is wrong, and what to do
}

func (p Problem) String() string {
	if p.Key == "" {
		return p.Origin + ": " + p.Text
	}
	return p.Origin + ": " + p.Key + ": " + p.Text
}

// Problems is all that is wrong, in the order of the file.
type Problems []Problem

// problemsMax bounds what is said of one configuration.
const problemsMax = 50

// Error has a line for each problem.
func (p Problems) Error() string {
	lines := make([]string, 0, len(p))
	for i := range p {
		lines = append(lines, p[i].String())
	}
	return strings.Join(lines, "\n")
}

// err is nil when nothing is wrong.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// add appends a problem; beyond the bound one more stands for the others.
func (p *Problems) add(origin, key, format string, args ...any) {
	switch {
	case len(*p) < problemsMax:
		*p = append(*p, Problem{origin, key, fmt.Sprintf(format, args...)})
	case len(*p) == problemsMax:
		*p = append(*p, Problem{Origin: origin, Text: "and more from here on; mend these first"})
	}
}
