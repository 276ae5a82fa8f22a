package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
)

// Marks of the place in a page that Put fills.
const (
	pageBegin = "<!-- bench: begin -->\n"
	pageEnd   = "<!-- bench: end -->"
)

var errMarks = errors.New("the page lacks the marks " + pageBegin[:len(pageBegin)-1] + " and " + pageEnd)

// pictured are the pictures that a page shows, by section and name.
var pictured = [...][2]string{{"firehose", "latency-by-rate"}, {"shard", "octets"}}

// Put writes the figures, with where they come from and the first pictures,
// between the marks of the page at file. The report itself lies in dir.
func (r *Report) Put(file, dir string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("put figures into page: %w", err)
	}
	before, rest, ok := bytes.Cut(page, []byte(pageBegin))
	_, after, closed := bytes.Cut(rest, []byte(pageEnd))
	if !ok || !closed {
		return fmt.Errorf("put figures into page %s: %w", file, errMarks)
	}
	from, err := filepath.Rel(filepath.Dir(file), dir)
	if err != nil {
		return fmt.Errorf("put figures into page %s: %w", file, err)
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(pageBegin)
	r.page(&b, filepath.ToSlash(from))
	b.WriteString(pageEnd)
	b.Write(after)
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("put figures into page: %w", err)
	}
	return nil
}

// page writes what stands between the marks.
func (r *Report) page(b *bytes.Buffer, dir string) {
	h := &r.Header
	fmt.Fprintf(b, "%s: %s, %s; other programs %s. [All of it](%s), by `%s` at commit %s.\n\n",
		h.Date, h.Machine, h.System, h.Others, path.Join(dir, "README.md"), h.Command, h.Commit)
	figures := r.figures()
	figures.write(b)
	for _, p := range pictured {
		for _, s := range r.Sections {
			for i := range s.Charts {
				if c := &s.Charts[i]; s.Name == p[0] && c.Name == p[1] {
					fmt.Fprintf(b, "![%s](%s)\n\n", c.Title, path.Join(dir, s.stem(c.Name)+".svg"))
				}
			}
		}
	}
}
