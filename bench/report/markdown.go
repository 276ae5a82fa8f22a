package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// howToRead is said in every report.
const howToRead = `To repeat all of it, run the command in a checkout of that commit; each section has its own.
CPU time is counted, not time that passes, unless a column says so. Where other work shares the machine, ratios
within a run are worth more than absolute figures.`

// Print writes the report as Markdown alone, without pictures.
func (r *Report) Print(w io.Writer) error {
	_, err := w.Write(r.markdown(false))
	return err
}

// Verdict says in words what the figure reaches.
func (f *Figure) Verdict() string {
	switch {
	case f.Aimed():
		return "aim reached"
	case f.Floored():
		return "floor reached"
	}
	return "**missed**"
}

func (r *Report) markdown(files bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Benches, %s\n\n", r.Header.Date)
	r.Header.write(&b)
	r.writeFigures(&b)
	for _, s := range r.Sections {
		s.write(&b, files)
	}
	return b.Bytes()
}

func (h *Header) write(b *bytes.Buffer) {
	for _, row := range [][2]string{
		{"machine", h.Machine},
		{"system", h.System},
		{"commit", h.Commit},
		{"load average", h.loads()},
		{"others", h.Others},
		{"command", code(h.Command)},
	} {
		if row[1] != "" {
			fmt.Fprintf(b, "- %s: %s\n", row[0], row[1])
		}
	}
	b.WriteString("\n" + howToRead + "\n\n")
}

func (h *Header) loads() string {
	if h.LoadBefore == "" && h.LoadAfter == "" {
		return ""
	}
	return h.LoadBefore + " before, " + h.LoadAfter + " after (with the run's own work)"
}

// writeFigures writes what was asked for and what was reached, of all sections.
func (r *Report) writeFigures(b *bytes.Buffer) {
	if r.Header.Short {
		b.WriteString("The short form: it checks, and what it measures says nothing of speed. No figure is judged.\n\n")
		return
	}
	t := r.figures()
	if len(t.Rows) == 0 {
		return
	}
	b.WriteString("## Figures\n\n")
	t.write(b)
}

// figures lists the figures of all sections that did not fail.
func (r *Report) figures() Table {
	t := Table{Columns: []string{"what", "floor", "aim", "reached", "verdict", "command"}}
	for _, s := range r.Sections {
		if s.Failed != "" {
			continue
		}
		for i := range s.Figures {
			f := &s.Figures[i]
			t.Rows = append(t.Rows, []string{
				f.What, f.asked(f.Floor), f.asked(f.Aim), quantity(f.Reached, f.Unit), f.Verdict(), code(f.Command),
			})
		}
	}
	return t
}

func (f *Figure) asked(v float64) string {
	if f.Better == Less {
		return "≤ " + quantity(v, f.Unit)
	}
	return "≥ " + quantity(v, f.Unit)
}

func (s *Section) write(b *bytes.Buffer, files bool) {
	title := s.Title
	if title == "" {
		title = s.Name
	}
	fmt.Fprintf(b, "## %s\n\n", title)
	if s.Skipped != "" {
		fmt.Fprintf(b, "Did not run: %s.\n\n", s.Skipped)
		return
	}
	if s.Failed != "" {
		fmt.Fprintf(b, "**Failed**, so no figures: %s.\n\n", s.Failed)
		return
	}
	if s.Command != "" {
		fmt.Fprintf(b, "```sh\n%s\n```\n\n", s.Command)
	}
	for _, note := range s.Notes {
		fmt.Fprintf(b, "%s\n\n", note)
	}
	for i := range s.Tables {
		t := &s.Tables[i]
		heading(b, t.Title)
		t.write(b)
		if files {
			fmt.Fprintf(b, "[As CSV](%s.csv)\n\n", s.stem(t.Name))
		}
	}
	if files {
		s.writePictures(b)
	}
}

func (s *Section) writePictures(b *bytes.Buffer) {
	for i := range s.Charts {
		fmt.Fprintf(b, "![%s](%s.svg)\n\n", s.Charts[i].Title, s.stem(s.Charts[i].Name))
	}
	for i := range s.Bars {
		fmt.Fprintf(b, "![%s](%s.svg)\n\n", s.Bars[i].Title, s.stem(s.Bars[i].Name))
	}
}

func heading(b *bytes.Buffer, title string) {
	if title != "" {
		fmt.Fprintf(b, "### %s\n\n", title)
	}
}

func (t *Table) write(b *bytes.Buffer) {
	row(b, t.Columns)
	b.WriteString(strings.Repeat("|---", len(t.Columns)) + "|\n")
	for _, r := range t.Rows {
		row(b, r)
	}
	b.WriteByte('\n')
}

func row(b *bytes.Buffer, cells []string) {
	for _, c := range cells {
		c = strings.ReplaceAll(strings.ReplaceAll(c, "|", `\|`), "\n", " ")
		fmt.Fprintf(b, "| %s ", c)
	}
	b.WriteString("|\n")
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// quantity is a figure for people: three digits are as many as a busy machine
// gives.
func quantity(v float64, unit string) string {
	digits := strconv.FormatFloat(v, 'g', 3, 64)
	if v >= 100 {
		digits = strconv.FormatFloat(v, 'f', 0, 64)
	}
	if unit == "" {
		return digits
	}
	return digits + " " + unit
}
