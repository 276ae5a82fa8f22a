package main

import (
	"fmt"
	"strings"

	"detour/alert"
)

// heard takes every stored alert, in order. Incidents are shown; those of single
// prefixes are for the networks whose they are.
func (d *demoRun) heard(a *alert.Alert) error {
	if a.Scope == alert.ScopePrefix {
		d.prefixes++
		d.networks[a.ExpectedOrigin] = struct{}{}
		return nil
	}
	d.messages++
	for i, known := range d.incidents {
		if known.ID == a.ID {
			d.incidents[i] = a
			d.goesOn(a)
			return nil
		}
	}
	d.incidents = append(d.incidents, a)
	d.opened[a.ID] = int(a.Counts.Prefixes)
	d.screen.styled(demoRed, a.Updated, "%s: %s", strings.ToUpper(string(a.Kind)), a.Summary)
	d.screen.print(demoFaint, "", fmt.Sprintf("%s so far, by rule %s, confidence %d of 10, incident %s",
		a.Severity, a.Rule, a.Confidence, a.ID))
	return nil
}

func (d *demoRun) goesOn(a *alert.Alert) {
	if a.Status == alert.StatusResolved {
		d.screen.styled(demoGreen, a.Updated, "RESOLVED: %s", a.Summary)
		return
	}
	d.screen.styled(demoYellow, a.Updated, "grows to %s prefixes of %s networks, at %d of %d peers",
		number(uint64(a.Counts.Prefixes)), number(uint64(a.Counts.Origins)), a.Counts.Peers, a.Counts.PeersTotal)
}
