package main

import (
	"fmt"
	"strings"
	"testing"

	"detour/alert"
	"detour/processor/reference"
	"detour/route"
)

func TestShownAlerts(t *testing.T) {
	watch, err := reference.ReadWatch(strings.NewReader("192.0.2.0/24\nAS64500\n"), "watch")
	if err != nil {
		t.Fatal(err)
	}
	prefix := func(p string, origin route.ASN) *alert.Alert {
		return &alert.Alert{
			ID: p, Scope: alert.ScopePrefix, Status: alert.StatusFiring, Incident: "i", Prefix: route.MustPrefix(p),
			ExpectedOrigin: origin,
		}
	}
	for name, c := range map[string]struct {
		watch *reference.Watch
		all   bool
		alert *alert.Alert
		want  showing
	}{
		"an incident":                      {nil, false, &alert.Alert{Scope: alert.ScopeIncident}, showLine},
		"a prefix of no incident":          {nil, false, &alert.Alert{Scope: alert.ScopePrefix}, showLine},
		"a prefix of an incident":          {nil, false, prefix("198.51.100.0/24", 1), showNothing},
		"not watched":                      {watch, false, prefix("198.51.100.0/24", 1), showNothing},
		"watched":                          {watch, false, prefix("192.0.2.0/24", 1), showLine},
		"within a watched one":             {watch, false, prefix("192.0.2.128/25", 1), showLine},
		"of a watched AS":                  {watch, false, prefix("198.51.100.0/24", 64500), showLine},
		"of nobody, but all are asked for": {nil, true, prefix("198.51.100.0/24", 1), showLine},
	} {
		s := newShownAlerts(c.all, c.watch)
		if got := s.of(c.alert); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// A watched AS with thousands of prefixes must not flood the terminal either.
func TestShownAlertsAreBoundedForEachIncident(t *testing.T) {
	watch, err := reference.ReadWatch(strings.NewReader("AS64500\n"), "watch")
	if err != nil {
		t.Fatal(err)
	}
	s := newShownAlerts(false, watch)
	count := func(incident string, status alert.Status) (lines, last int) {
		for i := range 100 {
			switch s.of(&alert.Alert{
				ID: fmt.Sprint(incident, i), Scope: alert.ScopePrefix, Incident: incident, ExpectedOrigin: 64500,
				Prefix: route.MustPrefix(fmt.Sprintf("10.%d.0.0/16", i)), Status: status,
			}) {
			case showLine:
				lines++
			case showLast:
				lines++
				last++
			}
		}
		return lines, last
	}
	for _, incident := range []string{"a", "b"} {
		if lines, last := count(incident, alert.StatusFiring); lines != shownPerIncident || last != 1 {
			t.Errorf("%d lines, %d of them the last", lines, last)
		}
		if lines, last := count(incident, alert.StatusResolved); lines != shownPerIncident || last != 0 {
			t.Errorf("%d of %d that were shown are shown to end, %d the last", lines, shownPerIncident, last)
		}
	}
}
