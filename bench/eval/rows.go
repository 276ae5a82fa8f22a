package eval

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"detour/route"
)

// recallRow sums up samples of events that should be found.
func recallRow(key, seeds string, list []sample) Row {
	var delay, prefixes, messages, deciding []float64
	grades := [False + 1]int{}
	extra, runs, notes := 0, 0, 0
	rules := map[string]int{}
	for i := range list {
		d := &list[i]
		if !d.hosted {
			continue
		}
		runs++
		grades[d.Grade]++
		extra += d.Extra
		notes += d.Notes
		if !d.Grade.found() {
			continue
		}
		rules[d.Rule]++
		delay = append(delay, seconds(d.Delay))
		deciding = append(deciding, seconds(d.Deciding))
		prefixes = append(prefixes, float64(d.Hit.BadPrefixes))
		messages = append(messages, float64(d.Messages))
	}
	found := grades[Right] + grades[Adjacent]
	row := Row{Key: key, Seeds: seeds, Values: []Value{
		{Name: "runs", V: float64(runs)},
		{Name: "found", V: float64(found), Better: More},
		{Name: "right", V: float64(grades[Right]), Better: More},
		{Name: "one off", V: float64(grades[Adjacent]), Better: Less},
		{Name: "wrong", V: float64(grades[Wrong]), Better: Less},
		{Name: "extra", V: float64(extra), Better: Less},
		spread("delay s", delay), spread("bad prefixes", prefixes), spread("from deciding s", deciding),
		spread("messages", messages),
		{Name: "rules", Text: counts(rules)},
	}}
	if notes > 0 {
		row.Values = append(row.Values, Value{Name: "notes", V: float64(notes)})
	}
	return row
}

// benignRow sums up samples of events of which nothing may be said.
func benignRow(key, seeds string, list []sample) Row {
	runs, told, incidents, notes := 0, 0, 0, 0
	rules := map[string]int{}
	for i := range list {
		d := &list[i]
		if !d.hosted {
			continue
		}
		runs++
		notes += d.Notes
		if d.Grade == False {
			told++
			incidents += 1 + d.Extra
			for _, t := range d.Incidents {
				rules[string(t.First.Kind)+" "+t.First.Rule]++
			}
		}
	}
	return Row{Key: key, Seeds: seeds, Values: []Value{
		{Name: "runs", V: float64(runs)},
		{Name: "with an incident", V: float64(told), Better: Less},
		{Name: "incidents", V: float64(incidents), Better: Less},
		{Name: "notes", V: float64(notes)},
		{Name: "rules", Text: counts(rules)},
	}}
}

// addRows adds a row per cell and two for all, by seeds; and the case lines.
func (p *Part) addRows(list []sample, row func(key, seeds string, list []sample) Row) {
	for begin := 0; begin < len(list); {
		end := begin
		for end < len(list) && list[end].cell.row == list[begin].cell.row {
			end++
		}
		p.Rows = append(p.Rows, row(list[begin].cell.row, "", list[begin:end]))
		begin = end
	}
	for _, held := range []bool{false, true} {
		var part []sample
		for _, d := range list {
			if d.held == held && d.hosted {
				part = append(part, d)
			}
		}
		if len(part) > 0 {
			p.Rows = append(p.Rows, row("all", map[bool]string{false: SeedsTuned, true: SeedsHeldOut}[held], part))
		}
	}
	homeless := map[string]int{}
	for i := range list {
		d := &list[i]
		if d.hosted {
			p.Cases = append(p.Cases, d.line())
		} else if d.why != "" {
			homeless[d.cell.row]++
		}
	}
	if len(homeless) > 0 {
		p.Notes = append(p.Notes, "Seeds for which the background has no place: "+counts(homeless)+".")
	}
}

func (d *sample) line() CaseLine {
	c := CaseLine{ID: fmt.Sprintf("%s/s%d", d.cell.id, d.seed), Grade: d.Grade.String(), Rule: d.Rule, Extra: d.Extra}
	if d.Grade.found() {
		c.Delay, c.Prefixes = seconds(d.Delay), d.Hit.BadPrefixes
	}
	return c
}

// total counts samples: that ran, that were found, that named the suspect, and
// the incidents beside.
func total(list []sample) (runs, found, right, extra, false1 int) {
	for i := range list {
		d := &list[i]
		if !d.hosted {
			continue
		}
		runs++
		if d.Grade.found() {
			found++
		}
		switch d.Grade {
		case Right:
			right++
		case False:
			false1 += 1 + d.Extra
		}
		if d.Grade != False {
			extra += d.Extra
		}
	}
	return runs, found, right, extra, false1
}

func seconds(t route.Time) float64 { return float64(t) / float64(route.Second) }

// spread shows the median and the 95th percentile; less is better.
func spread(name string, list []float64) Value {
	if len(list) == 0 {
		return Value{Name: name, Text: "–"}
	}
	median, high := percentile(list, 0.5), percentile(list, 0.95)
	return Value{Name: name, V: median, Text: Value{V: median}.String() + " / " + Value{V: high}.String(), Better: Less}
}

// percentile returns the value below which the share q of list lies.
func percentile(list []float64, q float64) float64 {
	s := slices.Clone(list)
	sort.Float64s(s)
	return s[int(q*float64(len(s)-1)+0.5)]
}

// counts writes a tally in order of its keys.
func counts(m map[string]int) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(out, ", ")
}
