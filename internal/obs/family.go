package obs

import "strings"

// Kind of a metric.
type Kind uint8

// Kinds.
const (
	Counter Kind = iota // only grows; begins at 0 with the process or the unit
	Gauge
	Distribution // a Histogram of durations
)

var kindNames = [...]string{"counter", "gauge", "histogram"}

func (k Kind) String() string { return kindNames[k] }

// Family describes a metric. Its name begins with detour_ and its stage.
type Family struct {
	Name   string
	Help   string // a sentence without its full stop
	Kind   Kind
	Labels []string
}

// Stage returns the word behind detour_.
func (f Family) Stage() string {
	stage, _, _ := strings.Cut(strings.TrimPrefix(f.Name, "detour_"), "_")
	return stage
}
