package terminal

import (
	"fmt"
	"strings"

	"detour/alert"
	"detour/route"
)

// phase is where a message stands in the life of its alert.
type phase uint8

const (
	opens phase = iota
	grows
	opensAgain
	ends
	notes // opened and closed at once: for information
)

// phaseWidth is that of the longest severity.
const phaseWidth = len(alert.SeverityCritical)

// remembered bounds the alerts whose status a Sink knows.
const remembered = 1 << 16

// phaseOf says what a tells against the message before. Where that one is
// forgotten, a later message of a firing alert counts as growth.
func (s *Sink) phaseOf(a *alert.Alert) phase {
	was, known := s.status[a.ID]
	if !known && len(s.status) >= remembered {
		clear(s.status)
	}
	s.status[a.ID] = a.Status
	switch {
	case a.Status == alert.StatusResolved && a.Revision == 1:
		return notes
	case a.Status == alert.StatusResolved:
		return ends
	case a.Revision == 1:
		return opens
	case was == alert.StatusResolved:
		return opensAgain
	}
	return grows
}

// writeAlert: when, how urgent or what became of it, what kind, and the
// sentence for people; then why, or the path before and after.
func writeAlert(l *line, a *alert.Alert, p phase) {
	l.cell(faint, clock(a.Updated), 0)
	switch p {
	case ends:
		l.cell(green, "resolved", phaseWidth)
	case grows:
		l.cell(severityStyle(a.Severity), "grows", phaseWidth)
	case opensAgain:
		l.cell(severityStyle(a.Severity), "again", phaseWidth)
	default:
		l.cell(severityStyle(a.Severity), string(a.Severity), phaseWidth)
	}
	l.cell(yellow, string(a.Kind), kindWidth)
	writeSummary(l, a)
	if a.Scope == alert.ScopePrefix && p != ends && len(a.Samples) > 0 {
		l.text(plain, "  ")
		writePaths(l, a.Samples[0].Before, a.Samples[0].After, []route.ASN{a.Suspect})
	}
	if notes := aside(a, p); len(notes) > 0 {
		l.text(faint, " ["+strings.Join(notes, "; ")+"]")
	}
}

// writeSummary marks the suspect in the sentence.
func writeSummary(l *line, a *alert.Alert) {
	name := as(a.Suspect)
	rest := a.Summary
	for a.Suspect != 0 {
		i := strings.Index(rest, name)
		if i < 0 {
			break
		}
		after := rest[i+len(name):]
		st := bold
		if after != "" && after[0] >= '0' && after[0] <= '9' {
			st = plain // another, longer number
		}
		l.text(plain, rest[:i])
		l.text(st, name)
		rest = after
	}
	l.text(plain, rest)
}

// aside is what an engineer asks next: by which rule and how surely, how far it
// got, who was told, whether something was not seen.
func aside(a *alert.Alert, p phase) (parts []string) {
	incident := a.Scope == alert.ScopeIncident
	switch {
	case !incident:
	case p == ends:
		parts = append(parts, string(a.CloseReason), reached(a.Counts))
	case p == grows && a.Carried != nil:
		parts = append(parts, still(a.Carried))
	case p == notes:
		parts = append(parts, "rule "+a.Rule)
	default:
		parts = append(parts, fmt.Sprintf("rule %s, confidence %d of 10", a.Rule, a.Confidence))
	}
	if incident && p != notes && a.Counts.Origins > 0 {
		parts = append(parts, plural(a.Counts.Origins, "network")+" told")
	}
	if a.Coverage.State != alert.CoverageComplete {
		parts = append(parts, string(a.Coverage.State))
	}
	if incident {
		parts = append(parts, "id "+a.ID)
	}
	return parts
}

// reached says how far an incident got, which its last sentence does not.
func reached(c alert.Counts) string {
	return fmt.Sprintf("seen by %d of %s", c.Peers, plural(c.PeersTotal, "peer"))
}

// still says who has bad routes now.
func still(c *alert.Carried) string {
	return fmt.Sprintf("%s at %s now", plural(c.Prefixes, "prefix"), plural(c.Peers, "peer"))
}

func plural(n uint32, word string) string {
	switch {
	case n == 1:
		return "1 " + word
	case strings.HasSuffix(word, "x"):
		word += "e"
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func severityStyle(s alert.Severity) style {
	switch s {
	case alert.SeverityCritical:
		return red
	case alert.SeverityWarning:
		return yellow
	}
	return plain
}
