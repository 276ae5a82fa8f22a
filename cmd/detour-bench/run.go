package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"detour/bench/report"
)

// bound is a part with its flags read.
type bound struct {
	name string
	run  runFunc
}

// run runs parts one after the other and prints or writes the report. A part
// that fails does not stop the others.
func (f *flags) run(c *cobra.Command, list []bound) error {
	if err := f.needDetour(); err != nil {
		return err
	}
	r := &report.Report{Header: f.header()}
	load := report.StartLoad(time.Now())
	var failed []string
	for _, p := range list {
		s, err := p.run(c.Context(), common{
			corpus: f.corpus, short: f.short, detour: f.detour,
			say: func(line string) { fmt.Fprintf(c.ErrOrStderr(), "%s: %s\n", p.name, line) },
		})
		if c.Context().Err() != nil {
			return fmt.Errorf("%s: %w", p.name, c.Context().Err())
		}
		if err != nil {
			fmt.Fprintf(c.ErrOrStderr(), "%s: FAILED: %v\n", p.name, err)
			failed = append(failed, p.name)
			s = &report.Section{Name: p.name, Title: p.name, Failed: oneLine(err)}
		}
		if s.Skipped != "" {
			fmt.Fprintf(c.ErrOrStderr(), "%s: skipped: %s\n", p.name, s.Skipped)
		}
		r.Sections = append(r.Sections, s)
	}
	r.Header.LoadAfter, r.Header.Others = report.LoadAverage(), load.Others(time.Now())
	if err := f.deliver(c, r); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d parts failed: %s", len(failed), len(list), strings.Join(failed, ", "))
	}
	return nil
}

func (f *flags) header() report.Header {
	return report.Header{
		Date: time.Now().Format(time.DateOnly), Command: f.command, Commit: report.Commit(), Machine: report.Machine(),
		System: report.System(), LoadBefore: report.LoadAverage(), Short: f.short,
	}
}

func (f *flags) deliver(c *cobra.Command, r *report.Report) error {
	if f.out == "" {
		return r.Print(c.OutOrStdout())
	}
	if err := r.Write(f.out); err != nil {
		return err
	}
	if f.page != "" {
		if err := r.Put(f.page, f.out); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.ErrOrStderr(), "report: %s\n", filepath.Join(f.out, "README.md"))
	return nil
}

// oneLine is an error for the report, which must not break the page.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
