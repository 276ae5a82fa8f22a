package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"detour/bench/eval"
)

const evalLong = `Run the suite that judges the detector: quiet recordings, labelled leaks, hijacks
and everyday events over real and generated traffic, named incidents. Prints what
was found, missed and said without cause, and compares it with the results of an
earlier run.

Recordings come from the corpus; without it, parts that need it are left out and
named, the rest runs on generated traffic.

Exit status: 0 everything that must hold does, 4 something does not,
2 called wrongly, 1 the suite could not go on.`

// errExpectation ends a run in which something that must hold does not.
var errExpectation = errors.New("expectations failed")

// evalOptions are the flags of "detour eval".
type evalOptions struct {
	short         bool
	only, seeds   string
	corpus        string
	limit         time.Duration
	results, page string
	write         bool
	changes       int
	verbose       bool
}

func newEval() *cobra.Command {
	var o evalOptions
	c := &cobra.Command{
		Use:   "eval [flags]",
		Short: "Judge the detector on recordings and labelled events",
		Long:  evalLong,
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runEval(c.Context(), o, streams{c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()})
		},
	}
	f := c.Flags()
	f.BoolVar(&o.short, "short", false, "the short form: minutes, for every change")
	f.StringVar(&o.only, "only", "", "run the parts whose names match `REGEXP`: "+strings.Join(eval.Names(), ", "))
	f.StringVar(&o.seeds, "seeds", eval.SeedsAll, "tuned, held-out or all")
	f.StringVar(&o.corpus, "corpus", "../shared/corpus", "folder of recordings")
	f.DurationVar(&o.limit, "limit", 0, "begin no part after this time; 0 is no limit")
	f.StringVar(&o.results, "results", "bench/results/eval.json", "results of the run to compare with")
	f.StringVar(&o.page, "page", "docs/detection/results.md", "the page for people, with --write")
	f.BoolVar(&o.write, "write", false, "write this run over the results and the page; with --only, over these parts")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "tell of each case")
	f.IntVar(&o.changes, "changes", 40, "show at most `N` changes of each direction")
	c.AddCommand(newTrial())
	return c
}

func runEval(ctx context.Context, o evalOptions, out streams) error {
	if err := eval.CheckSeeds(o.seeds); err != nil {
		return usage(err)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	run := eval.Options{
		Corpus: o.corpus, Short: o.short, Seeds: o.seeds, Limit: o.limit, Command: o.command(), Now: time.Now,
		Verbose:  o.verbose,
		Progress: func(line string) { fmt.Fprintln(out.err, line) },
	}
	if o.only != "" {
		only, err := regexp.Compile(o.only)
		if err != nil {
			return usagef("--only: %w", err)
		}
		run.Only = only
	}
	old, err := eval.ReadResults(o.results)
	if err != nil {
		return err
	}
	r, err := eval.Run(ctx, run)
	if err != nil {
		return err
	}
	failed, asked := r.Failed(), len(r.Expectations)
	if _, err := out.out.Write(r.Markdown()); err != nil {
		return fmt.Errorf("print results: %w", err)
	}
	if old != nil {
		printChanges(out.out, old, r.Compare(old), o.changes)
	}
	if o.write && old != nil && o.only != "" && old.Form == r.Form && old.Seeds == r.Seeds {
		r.Keep(old)
		r.Command = "detour eval"
	}
	if o.write {
		if err := errors.Join(r.Write(o.results), r.WritePage(o.page)); err != nil {
			return err
		}
	}
	if len(r.Parts) == 0 {
		return fmt.Errorf("nothing was judged: --only %q matches %d parts, and recordings are looked for in %s", o.only,
			len(r.LeftOut), o.corpus)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d %w", failed, asked, errExpectation)
	}
	return nil
}

// command is how the run was called, as results name it.
func (o *evalOptions) command() string {
	words := []string{"detour eval"}
	if o.short {
		words = append(words, "--short")
	}
	if o.only != "" {
		words = append(words, "--only "+o.only)
	}
	if o.seeds != eval.SeedsAll {
		words = append(words, "--seeds "+o.seeds)
	}
	return strings.Join(words, " ")
}

// printChanges prints what a run bought and cost against an earlier one.
func printChanges(w io.Writer, old *eval.Results, changes []eval.Change, most int) {
	better, worse, neither := eval.Summary(changes)
	fmt.Fprintf(w, "\n## Against %s of %s\n\n%d better, %d worse, %d otherwise different.\n", old.Command, old.Date,
		better, worse, neither)
	shown := map[int]int{}
	for _, c := range changes {
		if shown[c.Better]++; shown[c.Better] > most {
			continue
		}
		word := map[int]string{1: "better", -1: "worse", 0: "differs"}[c.Better]
		fmt.Fprintf(w, "- %s: %s: %s: was %s, is %s\n", word, c.Part, c.What, c.Was, c.Is)
	}
}
