package terminal_test

import (
	"bytes"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/alert"
	"detour/route"
	"detour/sink/terminal"
)

var update = flag.Bool("update", false, "rewrite golden files")

const leakStart = route.Time(1561372326123456) // 2019-06-24 10:32:06.123456 UTC

var peer = alert.Peer{Collector: "rrc00", Address: netip.MustParseAddr("192.0.2.1"), ASN: 2914}

func flags() []*alert.Flag {
	return []*alert.Flag{
		{
			Kind: alert.KindUnexpectedTransit, Prefix: route.MustPrefix("104.16.0.0/20"), ExpectedOrigin: 13335,
			AnnouncedOrigin: 13335, Peer: peer, Time: leakStart, Before: alert.Path{2914, 13335},
			After:     alert.Path{2914, 701, 396531, 33154, 3356, 13335},
			Newcomers: []route.ASN{396531, 33154}, Unique: 6, Longest: 3,
		},
		{
			Kind: alert.KindPathInflation, Prefix: route.MustPrefix("2001:db8:1::/48"), ExpectedOrigin: 64500, Peer: peer,
			Time: leakStart, Before: alert.Path{2914, 64500}, After: alert.Path{2914, 0, 1299, 64500}, Unique: 4, Longest: 2,
		},
		{
			Kind: alert.KindPathShortening, Prefix: route.MustPrefix("192.0.2.0/24"), ExpectedOrigin: 64500, Peer: peer,
			Time: leakStart, Before: alert.Path{2914, 701, 1299, 64500}, After: alert.Path{2914, 64500}, Unique: 2, Longest: 4,
		},
		{
			Kind: alert.KindOriginChange, Prefix: route.MustPrefix("192.0.2.128/25"), ExpectedOrigin: 64500,
			AnnouncedOrigin: 64501, Peer: peer, Time: leakStart, After: alert.Path{2914, 64501}, Unique: 2,
			MoreSpecific: true,
		},
	}
}

// alerts is a leak from its opening to its return, and one of each other kind.
func alerts() []*alert.Alert {
	leak := func(revision uint32, later route.Time, change func(*alert.Alert)) *alert.Alert {
		a := &alert.Alert{
			ID: "2iyzuyktveh7tyrt", Revision: revision, Scope: alert.ScopeIncident, Kind: alert.KindLeak, Rule: "flip",
			Confidence: 9, Severity: alert.SeverityCritical, Status: alert.StatusFiring, Suspect: 396531,
			Segment: &alert.Segment{ExportedTo: 701, Leaker: 396531, LearnedFrom: 33154}, Updated: leakStart + later,
			Counts:   alert.Counts{Prefixes: 26, Origins: 11, Peers: 3, PeersTotal: 60},
			Carried:  &alert.Carried{Prefixes: 26, Peers: 3, ASNs: []route.ASN{2914, 1299, 701}},
			Coverage: alert.Coverage{State: alert.CoverageComplete},
			Summary: "AS396531 leaks 26 prefixes of 11 networks that it learned from AS33154 to AS701, " +
				"seen by 3 of 60 peers.",
		}
		change(a)
		return a
	}
	many := func(a *alert.Alert) {
		a.Counts.Prefixes, a.Counts.Origins, a.Counts.Peers = 20000, 2400, 48
		a.Carried = &alert.Carried{Prefixes: 19870, Peers: 48}
		a.Summary = "AS396531 leaks 20000 prefixes of 2400 networks that it learned from AS33154 to AS701, " +
			"seen by 48 of 60 peers."
	}
	return []*alert.Alert{
		leak(1, 0, func(*alert.Alert) {}),
		leak(2, 10*route.Second, many),
		leak(3, 2*route.Hour, func(a *alert.Alert) {
			many(a)
			a.Status, a.CloseReason, a.Coverage.State = alert.StatusResolved, alert.CloseStuck, alert.CoverageDegraded
			a.Summary = "AS396531 leaks 20000 prefixes of 2400 networks that it learned from AS33154 to AS701; " +
				"over after 2h0m0s, but stuck at 2 sessions."
		}),
		leak(4, 2*route.Hour+route.Minute, func(a *alert.Alert) { a.Coverage.State = alert.CoverageLearning }),
		watchedHijack(1, alert.StatusFiring, ", seen by 3 of 60 peers so far."),
		watchedHijack(2, alert.StatusResolved, ": over."),
		{
			ID: "l2kbcxsbrwy4zwsf", Revision: 1, Scope: alert.ScopeIncident, Kind: alert.KindVisibilityLoss,
			Severity: alert.SeverityCritical, Status: alert.StatusFiring, Updated: leakStart, ExpectedOrigin: 64500,
			Rule: "visibility", Confidence: 6, Counts: alert.Counts{Prefixes: 1, Origins: 1, Peers: 40, PeersTotal: 60},
			Coverage: alert.Coverage{State: alert.CoverageComplete},
			Summary:  "1 prefix of AS64500 (EXAMPLE) was withdrawn by 40 of 60 peers.",
		},
		{
			ID: "wcmjxi4evkv4huad", Revision: 1, Scope: alert.ScopeIncident, Kind: alert.KindUnexpectedTransit,
			Severity: alert.SeverityInfo, Status: alert.StatusResolved, CloseReason: alert.CloseMigrated, Updated: leakStart,
			Suspect: 6450, Rule: "asn-migration", Counts: alert.Counts{Prefixes: 40, Origins: 12, Peers: 9},
			Coverage: alert.Coverage{State: alert.CoverageComplete},
			Summary:  "AS6450 took the place of AS64502 on the way to 12 networks: a network with a new number, no leak.",
		},
	}
}

func watchedHijack(revision uint32, status alert.Status, end string) *alert.Alert {
	return &alert.Alert{
		ID: "ndy7c6yt2tnse7hw", Revision: revision, Scope: alert.ScopePrefix, Kind: alert.KindHijack,
		Incident: "wcmjxi4evkv4huae", Severity: alert.SeverityWarning, Status: status, Suspect: 64501,
		Prefix: route.MustPrefix("192.0.2.0/24"), ExpectedOrigin: 64500, Updated: leakStart,
		Counts: alert.Counts{Peers: 3, PeersTotal: 60}, Coverage: alert.Coverage{State: alert.CoverageLearning},
		Summary: "192.0.2.0/24 of AS64500 is announced by AS64501" + end,
		Samples: []alert.Sample{{Before: alert.Path{2914, 64500}, After: alert.Path{2914, 64501}}},
	}
}

// show writes everything through one Sink.
func show(t *testing.T, cfg terminal.Config) string {
	t.Helper()
	var out bytes.Buffer
	s := terminal.New(cfg, terminal.Deps{Out: &out})
	for _, f := range flags() {
		if err := s.Flag(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range alerts() {
		if err := s.Alert(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Note(leakStart, "further prefixes are not shown"); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestLines(t *testing.T) {
	for name, cfg := range map[string]terminal.Config{
		"plain.txt":  {},
		"color.txt":  {Color: terminal.ColorAlways},
		"narrow.txt": {Width: 80},
	} {
		t.Run(name, func(t *testing.T) {
			got, file := show(t, cfg), filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestColoursChangeNoText(t *testing.T) {
	coloured := show(t, terminal.Config{Color: terminal.ColorAlways})
	if diff := cmp.Diff(show(t, terminal.Config{}), escapes.ReplaceAllString(coloured, "")); diff != "" {
		t.Errorf("(-plain +coloured):\n%s", diff)
	}
}

func TestNoFlagIsWiderThanTheTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := terminal.Config{
			Color: terminal.Mode(rapid.IntRange(1, 2).Draw(t, "color")),
			Width: rapid.IntRange(1, 200).Draw(t, "width"),
		}
		f := flags()[0]
		f.Peer.Collector = foreign().Draw(t, "collector")
		text := oneLine(t, cfg, func(s *terminal.Sink) error { return s.Flag(f) })
		if columns := columnsOf(text); columns > cfg.Width {
			t.Fatalf("%d columns of %d: %q", columns, cfg.Width, text)
		}
	})
}

func TestAlertsAreToldInFull(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := alerts()[0]
		a.Summary = foreign().Draw(t, "summary")
		text := oneLine(t, terminal.Config{Width: 20}, func(s *terminal.Sink) error { return s.Alert(a) })
		if !strings.Contains(text, strings.Map(printed, a.Summary)) || !strings.HasSuffix(text, a.ID+"]") {
			t.Fatalf("%q is not in %q", a.Summary, text)
		}
	})
}

// foreign draws text as names from outside may have it.
func foreign() *rapid.Generator[string] {
	return rapid.StringOf(rapid.RuneFrom([]rune("aé 路由\x1b\n\u0301")))
}

func printed(r rune) rune {
	if r == '\x1b' || r == '\n' {
		return '?'
	}
	return r
}

// oneLine returns what write wrote, which must be one line without escape
// sequences but those of the colours.
func oneLine(t *rapid.T, cfg terminal.Config, write func(*terminal.Sink) error) string {
	var out bytes.Buffer
	if err := write(terminal.New(cfg, terminal.Deps{Out: &out})); err != nil {
		t.Fatal(err)
	}
	text := escapes.ReplaceAllString(out.String(), "")
	if strings.Count(text, "\n") != 1 || strings.ContainsRune(text, '\x1b') {
		t.Fatalf("foreign text broke the line: %q", text)
	}
	return strings.TrimSuffix(text, "\n")
}

// columnsOf knows the alphabet of the test above.
func columnsOf(s string) int {
	wide := strings.Count(s, "路") + strings.Count(s, "由")
	return utf8.RuneCountInString(s) + wide - strings.Count(s, "\u0301")
}

func TestColourNeedsATerminal(t *testing.T) {
	if strings.ContainsRune(show(t, terminal.Config{Color: terminal.ColorAuto}), '\x1b') {
		t.Error("a pipe was coloured")
	}
	if !strings.ContainsRune(show(t, terminal.Config{Color: terminal.ColorAlways}), '\x1b') {
		t.Error("always does not colour a pipe")
	}
}

type brokenPipe struct{ err error }

func (b brokenPipe) Write([]byte) (int, error) { return 0, b.err }

func TestWriteErrorsAreReturned(t *testing.T) {
	broken := errors.New("broken pipe")
	s := terminal.New(terminal.Config{}, terminal.Deps{Out: brokenPipe{broken}})
	if err := s.Flag(flags()[0]); !errors.Is(err, broken) {
		t.Errorf("flag: %v", err)
	}
	if err := s.Alert(alerts()[0]); !errors.Is(err, broken) {
		t.Errorf("alert: %v", err)
	}
	if err := s.Note(leakStart, "a word"); !errors.Is(err, broken) {
		t.Errorf("note: %v", err)
	}
}
