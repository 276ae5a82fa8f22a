package obs

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the reference of metrics")

// labelNames are the labels that there may be. Each has few values: names of what
// runs, or words of the code. A prefix, an AS or an address never is one.
var labelNames = []string{
	"change", "collector", "condition", "family", "goversion", "ingester", "kind", "owner", "reason", "role", "shard",
	"sink", "state", "step", "table", "unit", "version",
}

var familyName = regexp.MustCompile(`^detour(_[a-z][a-z0-9]*){2,}$`)

// check reports what breaks the conventions of Prometheus.
func check(f Family) error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("metric %q: "+format, append([]any{f.Name}, args...)...))
	}
	if !familyName.MatchString(f.Name) {
		bad("name must be detour_<stage>_<what>")
	}
	if f.Help == "" || strings.HasSuffix(f.Help, ".") || strings.ContainsAny(f.Help, "\n|") {
		bad("help must be one sentence without its full stop")
	}
	if total := strings.HasSuffix(f.Name, "_total"); total != (f.Kind == Counter) {
		bad("a counter ends in _total, and nothing else does")
	}
	if f.Kind == Distribution && !strings.HasSuffix(f.Name, "_seconds") {
		bad("a histogram is in seconds and says so")
	}
	for _, l := range f.Labels {
		if !slices.Contains(labelNames, l) {
			bad("label %q is not among %v", l, labelNames)
		}
	}
	return errors.Join(errs...)
}

func TestEveryMetricFollowsTheConventions(t *testing.T) {
	seen := map[string]bool{}
	for m, f := range Families() {
		if f.Name == "" {
			t.Errorf("metric number %d is not in the table", m)
			continue
		}
		if err := check(f); err != nil {
			t.Error(err)
		}
		if seen[f.Name] {
			t.Errorf("two metrics are named %s", f.Name)
		}
		seen[f.Name] = true
	}
}

func TestConventionsAreChecked(t *testing.T) {
	good := Family{"detour_log_frames_total", "frames stored", Counter, []string{"ingester"}}
	if err := check(good); err != nil {
		t.Error(err)
	}
	for name, breakIt := range map[string]func(*Family){
		"no stage":                       func(f *Family) { f.Name = "detour_total" },
		"upper case":                     func(f *Family) { f.Name = "detour_log_Frames_total" },
		"counter without _total":         func(f *Family) { f.Name = "detour_log_frames" },
		"gauge with _total":              func(f *Family) { f.Kind = Gauge },
		"histogram that is not a time":   func(f *Family) { f.Name, f.Kind = "detour_log_frames", Distribution },
		"no help":                        func(f *Family) { f.Help = "" },
		"full stop":                      func(f *Family) { f.Help += "." },
		"label whose values are endless": func(f *Family) { f.Labels = []string{"prefix"} },
	} {
		f := good
		breakIt(&f)
		if check(f) == nil {
			t.Errorf("%s: passes", name)
		}
	}
}

// stageWords head the parts of the reference.
var stageWords = []struct{ stage, title, words string }{
	{"ingest", "Ingest", "Sources: what was read and decoded, and what was wrong with it."},
	{"log", "Log", "Frames on their way into JetStream."},
	{"reader", "Reader", "Streams as they are read. `unit` is `shard-<n>` or `correlator`."},
	{"shard", "Shard", "Frames applied to the routes of a shard."},
	{"table", "Tables", "Every bounded table. One that is full refuses what is new, and goes on."},
	{"judge", "Correlator", "Evidence judged; only the process that runs the correlator has these."},
	{"tell", "Flags and alerts", "What was told on NATS."},
	{"sink", "Sinks", "Where alerts are brought."},
	{"coverage", "Coverage", "What of the Internet is seen, as the correlator knows it."},
	{"checkpoint", "Checkpoints", "Saved state of shards and of the correlator."},
	{"cluster", "Cluster", "Processors and what they run, as this one knows."},
	{"nats", "NATS", "The connection."},
	{"health", "Health", "As `/readyz` and `/livez` tell it."},
	{"obs", "Metrics", "The metrics themselves."},
}

// reference writes docs/reference/metrics.md.
func reference(t *testing.T) []byte {
	t.Helper()
	head, err := os.ReadFile("testdata/metrics_head.txt")
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.NewBuffer(head)
	left := Families()
	for _, s := range stageWords {
		fmt.Fprintf(b, "\n## %s\n\n%s\n\n| metric | kind | labels | what |\n|---|---|---|---|\n", s.title, s.words)
		left = slices.DeleteFunc(left, func(f Family) bool {
			if f.Stage() != s.stage {
				return false
			}
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.Name, f.Kind, strings.Join(f.Labels, ", "), f.Help)
			return true
		})
	}
	for _, f := range left {
		t.Errorf("%s: its stage has no words", f.Name)
	}
	return b.Bytes()
}

func TestReferenceOfMetricsIsUpToDate(t *testing.T) {
	const path = "../../docs/reference/metrics.md"
	want := reference(t)
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(have)); d != "" {
		t.Errorf("run go test ./internal/obs -update (-table +page):\n%s", d)
	}
}
