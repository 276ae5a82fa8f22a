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

// newChaos, newSoak and newScale are no parts of "all": they take the machine for
// long, and what they find is judged by itself.
func newChaos(f *flags) *cobra.Command {
	const short = "Kill, freeze and cut off parts of a whole cluster, and compare what is told"
	c, o := chaosCommand(f, "chaos", short, chaos.Run)
	c.Flags().StringArrayVar(&o.Cases, "case", nil, "only the case of this `NAME`, or all; may be repeated")
	return c
}

func newSoak(f *flags) *cobra.Command {
	var length time.Duration
	c, _ := chaosCommand(f, "soak", "Run one processor for long, and see whether it grows",
		func(ctx context.Context, o chaos.Options) (*report.Section, error) { return chaos.Soak(ctx, o, length) })
	c.Flags().DurationVar(&length, "length", 30*time.Minute, "how long")
	return c
}

func newScale(f *flags) *cobra.Command {
	c, _ := chaosCommand(f, "scale", "Let 1, 2 and 4 processors read the same log", chaos.Scale)
	return c
}

func chaosCommand(
	f *flags, name, short string, run func(context.Context, chaos.Options) (*report.Section, error),
) (*cobra.Command, *chaos.Options) {
	o := &chaos.Options{}
	c := &cobra.Command{Use: name, Args: cobra.NoArgs, Short: short}
	p := c.Flags()
	p.StringVar(&o.Keep, "keep", "", "keep all logs and streams in `DIR`")
	p.StringVar(&o.Server, "nats-server", beside("nats-server"), "the nats-server `PROGRAM`")
	p.StringVar(&o.MakeKeys, "make-keys", beside("make-keys"), "the `PROGRAM` of deploy/nats")
	for _, name := range []string{"nats-server", "make-keys"} {
		p.Lookup(name).DefValue = ""
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		o.Short, o.Detour = f.short, f.detour
		return f.alone(c, name, func(ctx context.Context, say func(string)) (*report.Section, error) {
			o.Say = say
			return run(ctx, *o)
		})
	}
	return c, o
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
