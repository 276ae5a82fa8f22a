package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"detour/bench/chaos"
	"detour/bench/report"
)

// newChaos is no part of "all": it takes the machine for half an hour, and what it
// measures is judged by itself.
func newChaos(f *flags) *cobra.Command {
	var o chaos.Options
	c := &cobra.Command{
		Use: "chaos", Args: cobra.NoArgs,
		Short: "Kill, freeze and cut off parts of a whole cluster, and compare what is told",
	}
	p := c.Flags()
	p.StringVar(&o.Case, "case", "", "only the case of this `NAME`")
	p.StringVar(&o.Keep, "keep", "", "keep all logs and streams in `DIR`")
	p.StringVar(&o.Server, "nats-server", beside("nats-server"), "the nats-server `PROGRAM`")
	p.StringVar(&o.MakeKeys, "make-keys", beside("make-keys"), "`PROGRAM` that deploy/nats holds")
	for _, name := range []string{"nats-server", "make-keys"} {
		p.Lookup(name).DefValue = ""
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		o.Short, o.Detour = f.short, f.detour
		return f.alone(c, "chaos", func(ctx context.Context, say func(string)) (*report.Section, error) {
			o.Say = say
			return chaos.Run(ctx, o)
		})
	}
	return c
}

// alone runs what makes a page of its own, NAME.md in the folder of --out.
func (f *flags) alone(
	c *cobra.Command, name string, run func(context.Context, func(string)) (*report.Section, error),
) error {
	if err := f.needDetour(); err != nil {
		return err
	}
	r := &report.Report{Header: f.header()}
	load := report.StartLoad(time.Now())
	began := time.Now()
	s, err := run(c.Context(), func(line string) {
		fmt.Fprintf(c.ErrOrStderr(), "%s: %4.0f s: %s\n", name, time.Since(began).Seconds(), line)
	})
	if s == nil {
		return err
	}
	r.Sections = []*report.Section{s}
	r.Header.LoadAfter, r.Header.Others = report.LoadAverage(), load.Others(time.Now())
	return errors.Join(err, f.onePage(c, name, r))
}

// onePage prints a report, or writes it as one file.
func (f *flags) onePage(c *cobra.Command, name string, r *report.Report) error {
	if f.out == "" {
		return r.Print(c.OutOrStdout())
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	file, err := os.Create(filepath.Join(f.out, name+".md"))
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return errors.Join(r.Print(file), file.Close())
}
