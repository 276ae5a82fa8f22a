package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Results of one run of the suite: what bench/results/eval.json holds.
type Results struct {
	Version      int           `json:"version"`
	Command      string        `json:"command"`
	Date         string        `json:"date"` // of the run, for people
	Form         string        `json:"form"` // short or long
	Seeds        string        `json:"seeds"`
	Machine      string        `json:"machine"` // what the clock figures were taken on
	WallSeconds  float64       `json:"wall_seconds"`
	Parts        []*Part       `json:"parts"`
	Expectations []Expectation `json:"expectations"`
	LeftOut      []string      `json:"left_out,omitempty"` // a sentence each
}

// Part is one table of the suite.
type Part struct {
	Name  string     `json:"name"`
	Title string     `json:"title"`
	Date  string     `json:"date"`
	Notes []string   `json:"notes,omitempty"`
	Rows  []Row      `json:"rows"`
	Cases []CaseLine `json:"cases,omitempty"`

	expect []Expectation
}

// Row is one line of a table. Key and Seeds name it.
type Row struct {
	Key    string  `json:"key"`
	Seeds  string  `json:"seeds,omitempty"` // tuned, held-out, or empty
	Values []Value `json:"values"`
}

// Better says which way a figure improves.
type Better string

// Directions.
const (
	Neither Better = ""
	More    Better = "more"
	Less    Better = "less"
)

// Value is one figure.
type Value struct {
	Name   string  `json:"name"`
	V      float64 `json:"v"`
	Text   string  `json:"text,omitempty"` // shown in its place
	Better Better  `json:"better,omitempty"`
	Clock  bool    `json:"clock,omitempty"` // differs from run to run and machine to machine
}

// CaseLine is the verdict on one case, so that runs are compared case by case.
type CaseLine struct {
	ID       string  `json:"id"`
	Grade    string  `json:"grade"`
	Rule     string  `json:"rule,omitempty"`
	Delay    float64 `json:"delay,omitempty"` // seconds
	Prefixes int     `json:"prefixes,omitempty"`
	Extra    int     `json:"extra,omitempty"`
}

// Expectation is something that must hold.
type Expectation struct {
	Part    string `json:"part"`
	Name    string `json:"name"`
	Asked   string `json:"asked"`
	Reached string `json:"reached"`
	OK      bool   `json:"ok"`
}

// Failed counts expectations that do not hold.
func (r *Results) Failed() (n int) {
	for _, e := range r.Expectations {
		if !e.OK {
			n++
		}
	}
	return n
}

// Keep takes from an older run the parts that were not run now, in the order of
// the suite, so that one part can be measured anew.
func (r *Results) Keep(old *Results) {
	var parts []*Part
	var expectations []Expectation
	for _, name := range Names() {
		from := r
		switch {
		case r.ran(name):
		case old.ran(name):
			from = old
			for _, l := range old.LeftOut {
				if strings.HasPrefix(l, name+":") {
					r.LeftOut = append(r.LeftOut, l)
				}
			}
		default:
			r.LeftOut = append(r.LeftOut, name+": not measured yet")
		}
		for _, p := range from.Parts {
			if p.Name == name {
				parts = append(parts, p)
			}
		}
		for _, e := range from.Expectations {
			if e.Part == name {
				expectations = append(expectations, e)
			}
		}
	}
	r.Parts, r.Expectations = parts, expectations
}

// ran reports whether a part was run, or left out for a reason of its own.
func (r *Results) ran(name string) bool {
	return slices.ContainsFunc(r.Parts, func(p *Part) bool { return p.Name == name }) ||
		slices.ContainsFunc(r.LeftOut, func(l string) bool { return strings.HasPrefix(l, name+":") })
}

// String returns the figure as tables show it.
func (v Value) String() string {
	switch {
	case v.Text != "":
		return v.Text
	case v.V == math.Trunc(v.V) && math.Abs(v.V) < 1e15:
		return strconv.FormatFloat(v.V, 'f', 0, 64)
	case math.Abs(v.V) >= 100:
		return strconv.FormatFloat(v.V, 'f', 0, 64)
	case math.Abs(v.V) >= 1:
		return strconv.FormatFloat(v.V, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v.V, 'g', 2, 64)
	}
}

// resultsVersion changes when old results can no longer be compared.
const resultsVersion = 1

// ReadResults reads a results file. One of another version, or none, is nil.
func ReadResults(path string) (*Results, error) {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	var r Results
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("read results %s: %w", path, err)
	}
	if r.Version != resultsVersion {
		return nil, nil
	}
	return &r, nil
}

// Write writes r as JSON, a case to a line.
func (r *Results) Write(path string) error {
	data, err := r.encode()
	if err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return replaceFile(path, data)
}

// replaceFile writes a file as a whole or not at all.
func replaceFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
