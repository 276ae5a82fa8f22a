package eval

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Markdown returns the results as a page.
func (r *Results) Markdown() []byte {
	var b bytes.Buffer
	b.WriteString("# Results\n\n")
	fmt.Fprintf(&b, "What `%s` measured on %s (%s form, seeds: %s; %s). ", r.Command, r.Date, r.Form, r.Seeds, r.Machine)
	b.WriteString("[What the figures mean](../reference/eval.md).\n\n")
	b.WriteString("## What must hold\n\n")
	r.writeExpectations(&b)
	for _, p := range r.Parts {
		fmt.Fprintf(&b, "\n## %s\n\n", p.Title)
		if p.Date != "" && p.Date != r.Date {
			fmt.Fprintf(&b, "Measured on %s.\n\n", p.Date)
		}
		p.writeTable(&b)
		for _, n := range p.Notes {
			fmt.Fprintf(&b, "\n%s\n", n)
		}
	}
	if len(r.LeftOut) > 0 {
		b.WriteString("\n## Left out\n\n")
		for _, l := range r.LeftOut {
			fmt.Fprintf(&b, "- %s\n", l)
		}
	}
	return b.Bytes()
}

func (r *Results) writeExpectations(b *bytes.Buffer) {
	rows := [][]string{{"", "asked", "reached", ""}}
	for _, e := range r.Expectations {
		ok := "holds"
		if !e.OK {
			ok = "**fails**"
		}
		rows = append(rows, []string{e.Name, e.Asked, e.Reached, ok})
	}
	writeRows(b, rows)
}

// writeTable writes the rows of a part. Columns are in the order of first sight.
func (p *Part) writeTable(b *bytes.Buffer) {
	var names []string
	place := map[string]int{}
	seeds := false
	for _, row := range p.Rows {
		seeds = seeds || row.Seeds != ""
		for _, v := range row.Values {
			if _, ok := place[v.Name]; !ok {
				place[v.Name] = len(names)
				names = append(names, v.Name)
			}
		}
	}
	lead := 1
	head := []string{""}
	if seeds {
		head, lead = append(head, "seeds"), 2
	}
	rows := [][]string{append(head, names...)}
	for _, row := range p.Rows {
		cells := make([]string, lead+len(names))
		cells[0] = row.Key
		if seeds {
			cells[1] = row.Seeds
		}
		for _, v := range row.Values {
			cells[lead+place[v.Name]] = v.String()
		}
		rows = append(rows, cells)
	}
	writeRows(b, rows)
}

// writeRows writes a table, padded so that it reads as text.
func writeRows(b *bytes.Buffer, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c), 3)
		}
	}
	for n, row := range rows {
		for i, c := range row {
			fmt.Fprintf(b, "| %s%s ", c, strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)))
		}
		b.WriteString("|\n")
		if n == 0 {
			for i := range row {
				align := ":"
				if i == 0 {
					align = "-"
				}
				fmt.Fprintf(b, "|%s%s", strings.Repeat("-", width[i]+1), align)
			}
			b.WriteString("|\n")
		}
	}
}

// WritePage writes the page for people.
func (r *Results) WritePage(path string) error { return replaceFile(path, r.Markdown()) }
