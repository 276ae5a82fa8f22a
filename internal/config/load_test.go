package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sameValues compares all keys, and not where they come from.
var sameValues = cmp.Options{cmpopts.IgnoreUnexported(Config{}), cmpopts.EquateEmpty()}

func TestAFileSetsWhatItNamesAndNothingElse(t *testing.T) {
	want := Default()
	want.Name = "edge-1"
	want.NATS.URL = "tls://n1:4222,tls://n2:4222"
	want.Streams.Alerts.MaxAge = 3 * 24 * time.Hour
	want.Ingest.SpillBytes = 1 << 20
	want.Ingest.Replay = []Replay{
		{Collector: "rrc00", Files: []string{"a.gz", "b.gz"}, Speed: 1.5},
		{Collector: "12", Prime: []string{"rib"}, Begin: time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC)},
	}
	want.Process.Checkpoint = Checkpoint{Elements: 5_000_000, Interval: 90 * time.Second}
	want.Detect.Lists = map[string]string{"beacons": "b.txt"}
	want.Sink = Sink{Terminal: true}
	got, err := load("f.yaml", []byte(`
# all sorts of things
name: edge-1
nats: {url: "tls://n1:4222,tls://n2:4222"}
streams:
  alerts:
    max_age: 3d
ingest:
  spill_bytes: 1048576
  replay:
  - collector: rrc00
    files: [a.gz, b.gz]
    speed: 1.5
  - collector: 12
    prime: [rib]
    begin: 2026-01-02T03:04:05+01:00
process:
  checkpoint: {dir: "", elements: 5_000_000, interval: 1m30s}
detect: {lists: {beacons: b.txt}}
sink: {terminal: true}
admin:  # nothing below
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameValues); diff != "" {
		t.Error(diff)
	}
	for path, want := range map[string]string{
		"name": "f.yaml:3", "nats.url": "f.yaml:4", "nats.dir": "default", "streams.alerts.max_age": "f.yaml:7",
		"streams.alerts.max_bytes": "default", "ingest.replay[1].begin": "f.yaml:16", "ingest.replay[1].speed": "f.yaml:14",
		"ingest.replay[0].files[1]": "f.yaml:12", "detect.lists.beacons": "f.yaml:19", "log.level": "default",
	} {
		if got := got.Origin(path); got != want {
			t.Errorf("%s comes from %s, want %s", path, got, want)
		}
	}
}

func TestWithoutAFileTheDefaultsHold(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "{}", "nats:\n"} {
		c, err := load("f.yaml", []byte(text), nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(Default(), c, sameValues); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	c, err := Load("", []string{"HOME=/", "DETOUR_NAME=x"})
	if err != nil || c.Name != "x" || c.Origin("name") != "DETOUR_NAME" {
		t.Errorf("%+v, %v", c, err)
	}
}

// broken holds files with what is said of them, a line each.
var broken = map[string]struct{ text, want string }{
	"unknown key":   {"nats:\n  ulr: x", "f:2: nats.ulr: no such key; did you mean url?"},
	"other place":   {"shards: 3", "f:1: shards: no such key here; did you mean streams.shards?"},
	"several":       {"max_age: 3h", "f:1: max_age: no such key here; did you mean streams.updates.max_age or str"},
	"nothing near":  {"log: {colour: red}", "f:1: log.colour: no such key; here may stand level, format"},
	"in a list":     {"ingest:\n  replay:\n  - files: []\n    sped: 1", "f:4: ingest.replay[0].sped: no such key; did yo"},
	"merge":         {"<<: {name: a}", "f:1: <<: no such key"},
	"twice":         {"nats: {}\nname: a\nnats: {}", "f:3: nats: stands twice, first in line 1; take one out"},
	"twice in map":  {"detect: {lists: {a: x, a: y}}", "f:1: detect.lists.a: stands twice"},
	"no keys":       {"- a", "f:1: must hold keys"},
	"scalar":        {"streams: 3", "f:1: streams: must hold keys"},
	"no value":      {"name:", `f:1: name: has no value; write "" for an empty one, or take the key out`},
	"no list":       {"sink: {files: a}", `f:1: sink.files: must be a list: begin a line for each with "- "`},
	"no sections":   {"ingest: {replay: [a]}", "f:1: ingest.replay[0]: must hold keys"},
	"no map":        {"detect: {lists: [a]}", "f:1: detect.lists: must hold keys"},
	"list in list":  {"sink: {files: [[a]]}", "f:1: sink.files[0]: holds more than one value, must be one text"},
	"no number":     {"streams: {shards: many}", `f:1: streams.shards: is "many", must be a whole number`},
	"half a number": {"streams: {shards: 1.5}", `f:1: streams.shards: is "1.5", must be a whole number`},
	"quoted number": {`streams: {shards: "8"}`, "f:1: streams.shards: is text, must be a whole number; take the qu"},
	"infinite":      {"ingest: {replay: [{speed: .inf}]}", "f:1: ingest.replay[0].speed: is \".inf\", must be a number"},
	"no switch":     {"sink: {terminal: yes}", `f:1: sink.terminal: is "yes", must be true or false`},
	"no unit":       {"process: {checkpoint: {interval: 10}}", `.interval: is "10", must be a duration, such as 10m`},
	"negative":      {"process: {checkpoint: {interval: -1s}}", `.interval: is "-1s", must be a duration`},
	"decimal unit":  {"ingest: {spill_bytes: 64MB}", `f:1: ingest.spill_bytes: is "64MB", must be a size, such as 64MiB`},
	"overflow":      {"ingest: {spill_bytes: 9999999999GiB}", "must be a size"},
	"no time":       {"ingest: {replay: [{begin: today}]}", `begin: is "today", must be a time, such as 2026-11-26T08:`},
	"control":       {"name: \"a\\nb\"", "f:1: name: holds control characters"},
	"alias":         {"name: &a x\nnats: {dir: *a}", "f:2: nats.dir: is an alias (*); write the value out"},
	"tag":           {"name: !!binary YQ==", "f:1: name: has a tag (!); take it out"},
	"odd key":       {"{a: b}: c", "f:1: a key must be a word"},
	"two documents": {"name: a\n---\nname: b", "f:2: is a second document"},
	"no YAML":       {"name: [a", "f:1: is no YAML: did not find expected ',' or ']'"},
	"tabs":          {"nats:\n\turl: x", "f:2: is no YAML: found character that cannot start any token"},
}

func TestWhatIsWrongIsNamedWithItsLine(t *testing.T) {
	for name, c := range broken {
		t.Run(name, func(t *testing.T) {
			_, err := load("f", []byte(c.text), nil)
			if !errors.As(err, new(Problems)) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("said %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	_, err := load("f", []byte("namee: a\nstreams: {shards: x}\nlog: 3"), []string{"DETOUR_LOG_LEVL=info"})
	const want = `f:1: namee: no such key; did you mean name?
f:2: streams.shards: is "x", must be a whole number
f:3: log: must hold keys: write a line "key: value" for each
DETOUR_LOG_LEVL: no such variable; did you mean DETOUR_LOG_LEVEL?`
	if err == nil || err.Error() != want {
		t.Errorf("said %v", err)
	}
	var many strings.Builder
	for range 1000 {
		many.WriteString("name: a\n")
	}
	var problems Problems
	if _, err = load("f", []byte(many.String()), nil); !errors.As(err, &problems) || len(problems) != problemsMax+1 {
		t.Errorf("%d problems", len(problems))
	}
}

func TestAFileThatCannotBeReadIsNamed(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.yaml")
	if err := os.WriteFile(large, make([]byte, fileMax+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "absent.yaml"): "no such file", dir: "is a directory", large: "is it the right file?",
	} {
		if _, err := Load(path, nil); err == nil || !strings.Contains(err.Error(), path) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, c := range broken {
		f.Add([]byte(c.text), "DETOUR_NAME=a")
	}
	f.Add([]byte("ingest: {replay: [{collector: a, files: [b], speed: 1e3}]}"), "DETOUR_DETECT_LISTS=beacons=a,b=c")
	f.Fuzz(func(t *testing.T, text []byte, variable string) {
		c, err := load("f", text, []string{variable})
		if err != nil {
			if problems := Problems(nil); !errors.As(err, &problems) || len(problems) > 2*problemsMax+2 {
				t.Fatalf("%T, %d problems", err, len(problems))
			}
			return
		}
		for _, role := range append(Roles(), RoleNone) {
			_, _ = c.Check(role)
		}
		var out strings.Builder
		if err := c.Write(&out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "xxxxx@") {
			return
		}
		again, err := load("f", []byte(out.String()), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if diff := cmp.Diff(c, again, sameValues); diff != "" {
			t.Fatalf("%s\n%s", diff, out.String())
		}
	})
}
