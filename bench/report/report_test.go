package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

// made is a report of every shape, made up.
func made() *Report {
	return &Report{
		Header: Header{
			Date: "2030-01-02", Command: "detour bench all", Commit: "0123456789ab+", Machine: "a machine, 2 cores",
			System: "linux 6.1, go1.26", LoadBefore: "0.10", LoadAfter: "1.90",
			Others: "took 3 % of the processor time of 2 cores during the run",
		},
		Sections: []*Section{
			{
				Name: "alpha", Title: "Alpha against beta", Command: "detour bench alpha", Notes: []string{"One note."},
				Tables: []Table{{
					Name: "rounds", Title: "Rounds", Columns: []string{"what", "ns"},
					Rows: [][]string{{"a|b", "1"}, {`say "c", d`, "2"}},
				}},
				Charts: []Chart{{
					Name: "delay", Title: "Delay", X: "elements/s", Y: "ms", LogX: true, LogY: true,
					Series: []Series{
						{"p50", []Point{{1000, 1}, {10_000, 1.5}, {100_000, 40}, {0, 1}}},
						{"p99", []Point{{1000, 3}, {10_000, 9}, {100_000, 2000}}},
					},
				}, {
					Name: "plain", Title: "Plain axes", X: "prefixes", Y: "MB",
					Series: []Series{{"one", []Point{{0, 10}, {500_000, 20}, {1_000_000, 35}}}},
				}},
				Bars: []Bars{{
					Name: "shares", Title: "Shares", Y: "ns", Places: []string{"first", "second"},
					Parts: []Part{{"framing", []float64{10, 20}}, {"decoding", []float64{90, 60}}},
				}},
				Figures: []Figure{
					{What: "alpha against beta", Unit: "×", Reached: 21.53, Floor: 12, Aim: 20, Command: "detour bench alpha"},
					{What: "alpha, time", Unit: "ns", Reached: 50, Floor: 60, Aim: 35, Better: Less},
					{What: "alpha, memory", Unit: "MiB", Reached: 1234.5, Floor: 24, Aim: 16, Better: Less},
				},
			},
			{Name: "absent", Skipped: "corpus absent"},
			{
				Name: "wrong", Title: "Wrong", Failed: "checksums differ", Tables: []Table{{Name: "t", Columns: []string{"x"}}},
				Figures: []Figure{{What: "must not be shown"}},
			},
		},
	}
}

func TestFilesAreThoseOfTheGoldenOnes(t *testing.T) {
	dir := t.TempDir()
	if *update {
		dir = "testdata/golden"
	}
	if err := made().Write(dir); err != nil {
		t.Fatal(err)
	}
	golden, _ := filepath.Glob("testdata/golden/*")
	written, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(written) != 5 || len(golden) != len(written) {
		t.Fatalf("wrote %d files, golden are %d", len(written), len(golden))
	}
	for _, name := range golden {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", filepath.Base(name), diff)
		}
	}
}

func TestShortFormJudgesNothing(t *testing.T) {
	r := made()
	r.Header.Short = true
	var b bytes.Buffer
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	if strings.Contains(s, "missed") || strings.Contains(s, ".svg") || !strings.Contains(s, "short form") {
		t.Error(s)
	}
}

func TestPicturesThatCannotBeDrawnAreErrors(t *testing.T) {
	nothing := Chart{Name: "x", LogY: true, Series: []Series{{"s", []Point{{1, 0}}}}}
	if _, err := nothing.svg(); err == nil {
		t.Error("a chart without points was drawn")
	}
	uneven := Bars{Name: "x", Places: []string{"a", "b"}, Parts: []Part{{"p", []float64{1}}}}
	if _, err := uneven.svg(); err == nil {
		t.Error("bars with too few values were drawn")
	}
	r := Report{Sections: []*Section{{Name: "s", Charts: []Chart{nothing}}}}
	if err := r.Write(t.TempDir()); err == nil {
		t.Error("no error from Write")
	}
}

func TestOnePointIsAPicture(t *testing.T) {
	for _, log := range []bool{false, true} {
		c := Chart{LogX: log, LogY: log, Series: []Series{{"s", []Point{{5, 7}}}}}
		if b, err := c.svg(); err != nil || !bytes.Contains(b, []byte("<svg")) {
			t.Errorf("log %v: %v", log, err)
		}
	}
}

func TestMachineIsNamed(t *testing.T) {
	others := StartLoad(time.Now()).Others(time.Now().Add(1))
	for _, s := range []string{Machine(), System(), LoadAverage(), Commit(), others} {
		if s == "" || strings.Contains(s, "\n") {
			t.Errorf("%q", s)
		}
	}
	if got := field("a\t: 1\nb: 2 kB\n", "b"); got != "2 kB" {
		t.Errorf("field is %q", got)
	}
}
