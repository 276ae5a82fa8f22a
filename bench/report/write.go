package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
)

// Write writes the report into dir, which is made where it is absent: README.md,
// a CSV file for each table and an SVG file for each picture. Files of the same
// names are overwritten, others are left alone.
func (r *Report) Write(dir string) error {
	files, err := r.files()
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.content, 0o644); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}

// file is one file of a report.
type file struct {
	name    string
	content []byte
}

// files returns everything that Write writes.
func (r *Report) files() ([]file, error) {
	out := []file{{"README.md", r.markdown(true)}}
	for _, s := range r.Sections {
		if s.Skipped != "" || s.Failed != "" {
			continue
		}
		more, err := s.files()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		out = append(out, more...)
	}
	return out, nil
}

func (s *Section) files() (out []file, err error) {
	add := func(name string, content []byte, e error) {
		if e != nil && err == nil {
			err = fmt.Errorf("%s: %w", name, e)
		}
		out = append(out, file{name, content})
	}
	for i := range s.Tables {
		content, e := s.Tables[i].csv()
		add(s.stem(s.Tables[i].Name)+".csv", content, e)
	}
	for i := range s.Charts {
		content, e := s.Charts[i].svg()
		add(s.stem(s.Charts[i].Name)+".svg", content, e)
	}
	for i := range s.Bars {
		content, e := s.Bars[i].svg()
		add(s.stem(s.Bars[i].Name)+".svg", content, e)
	}
	return out, err
}

// stem names a file of the section, so that two sections may both have a table
// "rounds".
func (s *Section) stem(name string) string {
	if name == "" || name == s.Name {
		return s.Name
	}
	return s.Name + "-" + name
}

func (t *Table) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(t.Columns); err != nil {
		return nil, err
	}
	if err := w.WriteAll(t.Rows); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
