package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const long = `Measure detour, on its own and against other programs. Every part first checks
that what it measures gives the right result; one that does not has no figures,
the others still run, and the exit status is 1. CPU time is counted, so that
other work on the machine disturbs little.

Without a part all of them run.`

// newRoot returns the command with a subcommand for each part, set up to run
// args.
func newRoot(list []part, args []string) *cobra.Command {
	f := flags{command: commandLine(args)}
	root := &cobra.Command{
		Use:           "bench",
		Short:         "Measure detour",
		Long:          long,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "detour bench"},
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(c *cobra.Command, _ []string) error { return runAll(c, &f, list, nil) },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetArgs(args)
	f.declare(root)
	root.AddCommand(newAll(&f, list), newShardCase(), newServer(), newChaos(&f), newSoak(&f), newScale(&f))
	for _, p := range list {
		c := &cobra.Command{Use: p.name, Short: "Measure " + p.does, Args: cobra.NoArgs}
		do := p.bind(c)
		c.RunE = func(c *cobra.Command, _ []string) error { return f.run(c, []bound{{p.name, do}}) }
		root.AddCommand(c)
	}
	return root
}

func newAll(f *flags, list []part) *cobra.Command {
	return &cobra.Command{
		Use: "all [PART...]", Short: "Run all parts, or those named", ValidArgs: names(list), Args: cobra.OnlyValidArgs,
		RunE: func(c *cobra.Command, only []string) error { return runAll(c, f, list, only) },
	}
}

func names(list []part) (out []string) {
	for _, p := range list {
		out = append(out, p.name)
	}
	return out
}

// runAll runs the parts named by only, all when it names none, with the
// defaults of their own flags.
func runAll(c *cobra.Command, f *flags, list []part, only []string) error {
	var all []bound
	for _, p := range list {
		if len(only) == 0 || slices.Contains(only, p.name) {
			all = append(all, bound{p.name, p.bind(&cobra.Command{})})
		}
	}
	return f.run(c, all)
}

// flags are those that all parts have.
type flags struct {
	short               bool
	out, corpus, detour string
	page                string
	command             string // as the report names it
}

func (f *flags) declare(c *cobra.Command) {
	p := c.PersistentFlags()
	p.BoolVar(&f.short, "short", false, "check only: tiny sizes, whose times say nothing")
	p.StringVar(&f.out, "out", "", "write the report, its tables and pictures into `DIR` instead of printing it")
	p.StringVar(&f.page, "page", "", "with --out: also put the figures between the marks of this `FILE`")
	p.StringVar(&f.corpus, "corpus", "../shared/corpus", "`DIR` of recordings")
	p.StringVar(&f.detour, "detour", beside("detour"), "the detour `PROGRAM`; by default the one beside this")
	p.Lookup("detour").DefValue = ""
}

// beside returns the path of another program in this one's folder.
func beside(name string) string {
	self, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(self), name)
}

// commandLine is the command as a report names it: where files lie on this
// machine is left out.
func commandLine(args []string) string {
	words := []string{"detour bench"}
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		switch name {
		case "--out", "--page", "--corpus", "--detour", "--decoder":
			if !joined && i+1 < len(args) {
				i++
				value = args[i]
			}
			if name == "--decoder" {
				decoder, _, _ := strings.Cut(value, "=")
				words = append(words, name+" '"+decoder+"=…'")
			}
		default:
			words = append(words, args[i])
		}
	}
	return strings.Join(words, " ")
}

// needDetour returns an error when the detour program is not there.
func (f *flags) needDetour() error {
	if _, err := os.Stat(f.detour); err != nil {
		return fmt.Errorf("no detour program: build it beside this one, or name it with --detour: %w", err)
	}
	return nil
}
