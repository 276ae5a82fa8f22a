package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
)

// inFile writes text into a file of its own and returns its path.
func inFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOutsideFlagsLoad(t *testing.T) {
	vrps := func(asn string) string {
		return inFile(t, "vrps=1.json", `{"roas": [{"prefix": "192.0.2.0/24", "asn": `+asn+`}]}`)
	}
	first, later, last := vrps("1"), vrps("2"), vrps("3")
	o := outsideFlags{
		relationships: inFile(t, "rel", "64496|64497|-1\n"),
		vrps:          []string{"2024-01-03T11:00:00+01:00=" + later, first, "2024-01-04T00:00:00Z=" + last},
		watch:         inFile(t, "watch", "192.0.2.0/24:\n  asn: 64500\n  color: red\n"),
		names: []string{
			inFile(t, "names", `{"AS64500": "ONE"}`), inFile(t, "more", `{"AS64500": "TWO"}`),
		},
		lists: []string{"scrubbers=" + inFile(t, "scrubbers", "AS64510\n"), "beacon=" + inFile(t, "none", "# none\n")},
	}
	var said bytes.Buffer
	out, err := o.load(&said)
	if err != nil {
		t.Fatal(err)
	}
	if out.Relationships.Of(64497, 64496) != reference.Provider || out.Names.Name(64500) != "TWO" {
		t.Errorf("relationships or names were not read: %v, %q", out.Relationships.Of(64497, 64496), out.Names.Name(64500))
	}
	at := route.TimeOf(time.Date(2024, 1, 3, 10, 0, 0, 0, time.UTC))
	froms := []route.Time{0, at, at + 14*route.Hour}
	if len(out.VRPs) != len(froms) {
		t.Fatalf("%d sets of VRPs, want %d", len(out.VRPs), len(froms))
	}
	for i, v := range out.VRPs {
		p := route.MustPrefix("192.0.2.0/24")
		if v.From != froms[i] || v.Set.Validate(p, route.ASN(i+1)) != reference.Valid {
			t.Errorf("set %d holds from %v, want %v; AS%d is not valid", i, v.From, froms[i], i+1)
		}
	}
	if want := "detour: not acted on: " + o.watch + `: key "color" (line 3)`; !strings.HasPrefix(said.String(), want) {
		t.Errorf("said %q, want %q and why", said.String(), want)
	}
	shipped := reference.DefaultLists()
	beacon := route.MustPrefix("84.205.64.0/24")
	if !shipped.Beacon(beacon) || !shipped.Scrubber(3223) || out.Lists.Beacon(beacon) {
		t.Error("the list of beacons was not replaced")
	}
	if !out.Lists.Scrubber(64510) || out.Lists.Scrubber(3223) || !out.Lists.Tier1(3356) {
		t.Error("the list of scrubbers was not replaced, or that of tier-1s was")
	}
}

// What is not told is unknown, but for the shipped lists.
func TestOutsideFlagsAreOptional(t *testing.T) {
	var said bytes.Buffer
	out, err := (&outsideFlags{}).load(&said)
	if err != nil {
		t.Fatal(err)
	}
	if out.Relationships != nil || out.Names != nil || out.Watch != nil || out.VRPs != nil || said.Len() > 0 {
		t.Errorf("of nothing came %+v and %q", out, said.String())
	}
	if !out.Lists.Tier1(3356) {
		t.Error("the shipped lists are missing")
	}
	if watchedBy(nil) != nil {
		t.Error("without a watch file something is watched")
	}
}

func TestWatchedBy(t *testing.T) {
	w, err := reference.ReadWatch(strings.NewReader(`
192.0.2.0/24:
  asn: 64500
  ignoreMorespecifics: true
options:
  monitorASns:
    64501:
      group: noc
`), "watch")
	if err != nil {
		t.Fatal(err)
	}
	watched := watchedBy(w)
	for _, c := range []struct {
		prefix string
		origin route.ASN
		want   bool
	}{
		{"192.0.2.0/24", 1, true},
		{"192.0.2.0/25", 1, false},
		{"192.0.2.0/25", 64501, true},
		{"198.51.100.0/24", 64501, true},
		{"198.51.100.0/24", 64500, false},
		{"198.51.100.0/24", 0, false},
	} {
		if got := watched(route.MustPrefix(c.prefix), c.origin); got != c.want {
			t.Errorf("%s of AS%d: %v", c.prefix, c.origin, got)
		}
	}
}

func TestJudgingFlags(t *testing.T) {
	for _, c := range []struct {
		learn, mature string
		want          correlate.Config
	}{
		{"", "", correlate.Config{}},
		{"auto", "auto", correlate.Config{}},
		{"2m", "yes", correlate.Config{Learn: 120 * route.Second, Maturity: correlate.MatureYes}},
		{"24h", "no", correlate.Config{Learn: 24 * route.Hour, Maturity: correlate.MatureNo}},
	} {
		got, err := (&judgingFlags{learn: c.learn, mature: c.mature}).check()
		if err != nil || got.Learn != c.want.Learn || got.Maturity != c.want.Maturity {
			t.Errorf("--learn %s --mature %s: %+v, %v", c.learn, c.mature, got, err)
		}
	}
	if names := listNames(); !slices.Equal(names, []string{"beacons", "scrubbers", "tier1s"}) {
		t.Errorf("lists are called %v", names)
	}
}
