package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Change is one difference between two runs.
type Change struct {
	Part, What string
	Was, Is    string
	Better     int // 1 better, -1 worse, 0 neither
}

// Compare tells what changed from old to r: figures of rows that both have, and
// verdicts on cases that both ran. Figures by the clock count as changed from a
// quarter on, and as neither better nor worse. Rows of different sizes are not
// compared; their cases are.
func (r *Results) Compare(old *Results) (changes []Change) {
	for _, p := range r.Parts {
		i := slices.IndexFunc(old.Parts, func(o *Part) bool { return o.Name == p.Name })
		if i < 0 {
			continue
		}
		if r.Form == old.Form && r.Seeds == old.Seeds {
			changes = append(changes, p.compareRows(old.Parts[i])...)
		}
		changes = append(changes, p.compareCases(old.Parts[i])...)
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.Better, b.Better) })
	return changes
}

func (p *Part) compareRows(old *Part) (changes []Change) {
	type key struct {
		row   rowName
		value string
	}
	was := map[key]Value{}
	for i, name := range rowNames(old.Rows) {
		for _, v := range old.Rows[i].Values {
			was[key{name, v.Name}] = v
		}
	}
	for i, name := range rowNames(p.Rows) {
		row := p.Rows[i]
		for _, v := range row.Values {
			o, ok := was[key{name, v.Name}]
			if !ok || !differs(o, v) {
				continue
			}
			what := row.Key + ", " + v.Name
			if row.Seeds != "" {
				what = row.Key + " (" + row.Seeds + "), " + v.Name
			}
			changes = append(changes, Change{p.Name, what, o.String(), v.String(), direction(o, v)})
		}
	}
	return changes
}

// rowName tells rows apart: of those with the same key by their order.
type rowName struct {
	key, seeds string
	n          int
}

func rowNames(rows []Row) []rowName {
	names, seen := make([]rowName, len(rows)), map[rowName]int{}
	for i, row := range rows {
		name := rowName{key: row.Key, seeds: row.Seeds}
		names[i] = rowName{row.Key, row.Seeds, seen[name]}
		seen[name]++
	}
	return names
}

func differs(a, b Value) bool {
	if b.Clock {
		return math.Abs(a.V-b.V) > 0.25*math.Max(math.Abs(a.V), math.Abs(b.V))
	}
	return a.V != b.V || a.Text != b.Text
}

func direction(was, is Value) int {
	d := cmp.Compare(is.V, was.V)
	switch {
	case is.Clock || is.Better == Neither:
		return 0
	case is.Better == Less:
		return -d
	}
	return d
}

// compareCases tells of cases whose grade or number of further incidents
// changed.
func (p *Part) compareCases(old *Part) (changes []Change) {
	was := make(map[string]CaseLine, len(old.Cases))
	for _, c := range old.Cases {
		was[c.ID] = c
	}
	for _, c := range p.Cases {
		o, ok := was[c.ID]
		if !ok || o.Grade == c.Grade && o.Extra == c.Extra {
			continue
		}
		better := cmp.Compare(rank(o.Grade), rank(c.Grade))
		if better == 0 {
			better = cmp.Compare(o.Extra, c.Extra)
		}
		changes = append(changes, Change{p.Name, c.ID, o.say(), c.say(), better})
	}
	return changes
}

// rank orders grades: less is better.
func rank(grade string) int {
	for g := Right; g <= False; g++ {
		if g.String() == grade {
			if g == Silent {
				return int(Right)
			}
			return int(g)
		}
	}
	return int(False)
}

func (c CaseLine) say() string {
	s := c.Grade
	if c.Rule != "" {
		s += " by " + c.Rule
	}
	if c.Extra > 0 {
		s += fmt.Sprintf(", %d more", c.Extra)
	}
	return s
}

// Summary counts changes: better, worse and neither.
func Summary(changes []Change) (better, worse, neither int) {
	for _, c := range changes {
		switch {
		case c.Better > 0:
			better++
		case c.Better < 0:
			worse++
		default:
			neither++
		}
	}
	return better, worse, neither
}
