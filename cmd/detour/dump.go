package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"detour/ingest/dump"
	"detour/ingest/mrt"
)

const dumpLong = `Print recordings in the MRT format (RFC 6396): update files and table dumps,
plain or compressed with gzip, bzip2 or zstd. "-" is standard input.

Formats:
  bgpdump   one line per route element, as printed by "bgpdump -m"
  json      one object per update, state change and table entry
  summary   what each file holds and what is wrong with it

Damaged files are read as far as they go: bad records are left out, the next
good one is searched for, and what was wrong is said on standard error.

Exit status: 0 all files whole, 3 finished but some input was damaged,
2 called wrongly, 1 a file could not be read or the output could not be written.`

func newDump() *cobra.Command {
	format := string(dump.FormatBGPDump)
	c := &cobra.Command{
		Use:   "dump [--format bgpdump|json|summary] FILE...",
		Short: "Print MRT recordings",
		Long:  dumpLong,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			f, err := dump.ParseFormat(format)
			if err != nil {
				return usage(err)
			}
			return dumpFiles(files, f, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&format, "format", format, "bgpdump, json or summary")
	return c
}

// dumpFiles prints files one after the other. It returns errDamaged when all
// were printed but one of them was damaged.
func dumpFiles(files []string, f dump.Format, stdin io.Reader, stdout, stderr io.Writer) error {
	p := dump.NewPrinter(stdout, f)
	damaged := false
	for _, name := range files {
		report, err := dumpFile(p, name, stdin)
		if err != nil {
			return errors.Join(err, p.Flush())
		}
		if err := p.Flush(); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
		if report.Damaged() {
			damaged = true
			if f != dump.FormatSummary {
				complain(stderr, report)
			}
		}
	}
	if damaged {
		return errDamaged
	}
	return nil
}

// dumpFile prints one file.
func dumpFile(p *dump.Printer, name string, stdin io.Reader) (*mrt.Report, error) {
	r, err := openRecording(name, stdin)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var rec mrt.Record
	for {
		err := r.Next(&rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := p.Record(&rec, name); err != nil {
			return nil, fmt.Errorf("write output: %w", err)
		}
	}
	report := r.Report()
	return report, p.Report(report)
}

func openRecording(name string, stdin io.Reader) (*mrt.Reader, error) {
	if name == "-" {
		return mrt.OpenStream(stdin, mrt.Options{Name: "standard input"})
	}
	return mrt.Open(name, mrt.Options{})
}

// complain says what was wrong with one file and where to read more.
func complain(w io.Writer, r *mrt.Report) {
	for _, d := range dump.Damage(r) {
		fmt.Fprintf(w, "detour: %s: %s\n", r.Name, d)
	}
	fmt.Fprintf(w, "detour: %s: all other records were printed; \"detour dump --format summary\" counts them\n", r.Name)
}
