package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"detour/bench/eval"
)

// newTrial returns "detour eval trial".
func newTrial() *cobra.Command {
	var alerts, labels string
	c := &cobra.Command{
		Use:   "trial --alerts FILE --labels FILE",
		Short: "Count the alerts of a field trial against what people found out about them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runTrial(alerts, labels, c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&alerts, "alerts", "", "alerts as JSON lines, from `FILE`")
	c.Flags().StringVar(&labels, "labels", "", "labels, from `FILE`: id, label, who, why, separated by tabs")
	return c
}

func runTrial(alerts, labels string, out io.Writer) error {
	if alerts == "" || labels == "" {
		return usagef("--alerts and --labels are needed")
	}
	f, err := os.Open(labels)
	if err != nil {
		return err
	}
	defer f.Close()
	known, err := eval.ReadLabels(f)
	if err != nil {
		return err
	}
	a, err := os.Open(alerts)
	if err != nil {
		return err
	}
	defer a.Close()
	t, err := eval.ReadTrial(a, known)
	if err != nil {
		return err
	}
	if _, err := out.Write(t.Markdown()); err != nil {
		return fmt.Errorf("print report: %w", err)
	}
	return nil
}
