package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestOrdinaryTrafficSaysNothing replays recordings in which nothing is known to
// have happened, as a user does.
func TestOrdinaryTrafficSaysNothing(t *testing.T) {
	for _, c := range []struct{ name, rib, file string }{
		{"RouteViews 2024", "", "mrt/routeviews.updates.20241028.0000.bz2"},
		{"RIS rrc00 2019", "", "mrt/ris.rrc00.updates.20190101.0000.gz"},
		{"RouteViews eqix 2017", "", "mrt/routeviews.eqix.updates.20170706.2345.gz"},
		{"RouteViews sg 2017", "", "mrt/routeviews.sg.updates.20170706.2345.gz"},
		{"RIS 2007", "", "mrt/ris.updates.20070211.0141.gz"},
		{"RouteViews 2001", "", "mrt/routeviews.updates.20011026.1322.mrt"},
		{"JINX, primed", "mrt/routeviews.jinx.rib.20140530.2200.bz2", "mrt/routeviews.jinx.updates.20140530.2340.bz2"},
		{
			"RIS rrc06 2023, primed", "csv/derived.balancer-20230920.priming.mrt.gz",
			"csv/derived.balancer-20230920.updates.rrc06.mrt.gz",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.name != "RIS 2007" {
				t.Skip("short: the smallest recording is enough")
			}
			args := []string{recording(t, c.file)}
			if c.rib != "" {
				args = append([]string{"--rib", recording(t, c.rib)}, args...)
			}
			said, table := replayed(t, args...)
			if said != "" {
				t.Errorf("said:\n%s", said)
			}
			for _, want := range []string{"incidents   no incident\n", "prefixes    no alert\n"} {
				if !strings.Contains(table, want) {
					t.Errorf("%q is not in\n%s", want, table)
				}
			}
		})
	}
}

// replayed runs "detour replay" in this process and returns both outputs.
func replayed(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, screen bytes.Buffer
	if code := run(append([]string{"replay"}, args...), nil, &out, &screen); code != exitOK {
		t.Fatalf("exit status %d\n%s", code, screen.String())
	}
	return out.String(), screen.String()
}

// TestAnIncidentDoesNotFloodTheTerminal replays the hijack of 2026-06-16: the
// terminal shows the incident, and of the prefixes in it those that are watched.
func TestAnIncidentDoesNotFloodTheTerminal(t *testing.T) {
	o := telegram(t)
	told := replayOf(t, &pipeline{opts: o}).report.Alerts
	if told.Incidents.Messages == 0 {
		t.Fatal("no incident to look at")
	}
	args := append([]string{"--mature", "yes"}, o.files...)
	watched, _ := replayed(t, append([]string{"--watch", o.judging.watch}, args...)...)
	all, _ := replayed(t, append([]string{"--prefix-alerts", "--watch", o.judging.watch}, args...)...)
	if n := strings.Count(all, "\n"); n != int(told.Messages) {
		t.Errorf("--prefix-alerts shows %d lines of %d messages", n, told.Messages)
	}
	shown, others := 0, 0
	for line := range strings.Lines(watched) {
		switch {
		case strings.Contains(line, "; id "):
			shown++
		case !strings.Contains(line, "95.161.6") && !strings.Contains(line, "95.161.7"):
			others++
		}
	}
	if shown != int(told.Incidents.Messages) || others != 0 {
		t.Errorf("%d lines of %d incident messages, %d of prefixes that nobody watches:\n%s",
			shown, told.Incidents.Messages, others, watched)
	}
	if strings.Count(watched, "\n") == shown {
		t.Error("no line of a watched prefix")
	}
	unwatched, table := replayed(t, args...)
	for line := range strings.Lines(unwatched) {
		if !strings.Contains(line, "; id ") {
			t.Errorf("without a watch file: %s", line)
		}
	}
	if !strings.Contains(table, "\nincidents ") {
		t.Errorf("no incidents in\n%s", table)
	}
}

// TestReportListsIncidents holds the report's account against the alerts.
func TestReportListsIncidents(t *testing.T) {
	o := replayOf(t, &pipeline{opts: telegram(t)})
	r := &o.report.Alerts
	lines := uint64(bytes.Count(o.alerts, []byte("\n")))
	if lines != r.Messages || lines != r.Incidents.Messages+r.Prefixes.Messages {
		t.Errorf("%d lines, report %+v", lines, r)
	}
	if total(r.ByKind) != total(r.Incidents.ByKind)+total(r.Prefixes.ByKind) || r.Networks == 0 {
		t.Errorf("kinds do not add up: %+v", r)
	}
	if len(r.List) != int(total(r.Incidents.ByKind)) {
		t.Errorf("%d incidents listed of %v", len(r.List), r.Incidents.ByKind)
	}
	for _, in := range r.List {
		if in.ID == "" || in.Summary == "" || in.Rule == "" || in.Messages == 0 || in.Suspect == 0 {
			t.Errorf("incident without a name: %+v", in)
		}
	}
	j := &o.report.Judge
	if !j.Mature || j.Pairs == 0 || j.Edges == 0 || j.Transits == 0 || j.Sessions == 0 {
		t.Errorf("correlator: %+v", j)
	}
}
