package main

import (
	"detour/alert"
	"detour/processor/reference"
)

// shownAlerts decides which alerts a terminal shows: incidents, and of the
// prefixes that they hit those that are watched, so that a leak of 20,000 prefixes
// is a handful of lines.
type shownAlerts struct {
	all   bool
	watch *reference.Watch
	lines map[string]int      // prefix alerts shown, by incident
	firm  map[string]struct{} // ids of prefix alerts that were shown, so that their end is
}

// shownPerIncident bounds the prefix alerts that are shown of an incident.
const shownPerIncident = 20

func newShownAlerts(all bool, watch *reference.Watch) shownAlerts {
	return shownAlerts{all: all, watch: watch, lines: map[string]int{}, firm: map[string]struct{}{}}
}

// showing says what to do with an alert.
type showing uint8

const (
	showNothing showing = iota
	showLine
	showLast // and say that there are more
)

// of decides about one message.
func (s *shownAlerts) of(a *alert.Alert) showing {
	if s.all || a.Scope == alert.ScopeIncident || a.Incident == "" {
		return showLine
	}
	if s.watch.Match(a.Prefix) == nil && s.watch.ASN(a.ExpectedOrigin) == nil {
		return showNothing
	}
	if _, ok := s.firm[a.ID]; ok {
		return showLine
	}
	if a.Status != alert.StatusFiring || s.lines[a.Incident] >= shownPerIncident {
		return showNothing
	}
	s.firm[a.ID] = struct{}{}
	if s.lines[a.Incident]++; s.lines[a.Incident] == shownPerIncident {
		return showLast
	}
	return showLine
}
