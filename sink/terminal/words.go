package terminal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"detour/alert"
	"detour/route"
)

// Column widths: the longest kind, a usual IPv4 or short IPv6 prefix, "AS" and
// six digits, the longest severity.
const (
	kindWidth     = len(alert.KindUnexpectedTransit)
	prefixWidth   = 18
	asWidth       = 8
	severityWidth = len(alert.SeverityCritical)
)

const clockLayout = "2006-01-02 15:04:05.000"

func clock(t route.Time) string { return t.Std().Format(clockLayout) }

// writeFlag: when, kind, prefix, whose it is, what happened, who saw it, path
// before and after.
func writeFlag(l *line, f *alert.Flag) {
	l.cell(faint, clock(f.Time), 0)
	l.cell(yellow, string(f.Kind), kindWidth)
	l.cell(bold, f.Prefix.String(), prefixWidth)
	l.cell(cyan, as(f.ExpectedOrigin), asWidth)
	l.cell(plain, happened(f), 0)
	l.cell(faint, fmt.Sprintf("at %s/%s", f.Peer.Collector, as(f.Peer.ASN)), 0)
	l.text(plain, " ")
	writePaths(l, f.Before, f.After, f.Newcomers)
}

// happened says in words what a flag states.
func happened(f *alert.Flag) string {
	var parts []string
	switch f.Kind {
	case alert.KindUnexpectedTransit:
		parts = append(parts, newTransit(f))
	case alert.KindPathInflation:
		parts = append(parts, fmt.Sprintf("path grew to %s, %s", hops(int(f.Unique)), longest(f)))
	case alert.KindPathShortening:
		parts = append(parts, fmt.Sprintf("path shrank from %s to %s", hops(len(f.Before)), hops(int(f.Unique))))
	case alert.KindOriginChange:
		parts = append(parts, "origin is now "+as(f.AnnouncedOrigin))
	}
	if f.MoreSpecific {
		parts = append(parts, "new more-specific")
	}
	return strings.Join(parts, ", ")
}

func newTransit(f *alert.Flag) string {
	if len(f.Newcomers) == 0 {
		return "new transit"
	}
	words := "new transit " + as(f.Newcomers[0])
	if i := slices.Index(f.After, f.Newcomers[0]); i > 0 && i < len(f.After)-1 {
		words += fmt.Sprintf(" between %s and %s", as(f.After[i-1]), as(f.After[i+1]))
	}
	if n := len(f.Newcomers) - 1; n > 0 {
		words += fmt.Sprintf(" (and %d more)", n)
	}
	return words
}

func longest(f *alert.Flag) string {
	if f.Longest == 0 {
		return "longest before unknown"
	}
	return fmt.Sprintf("at most %d before", f.Longest)
}

func hops(n int) string { return fmt.Sprintf("%d ASes", n) }

// writePaths shows before → after with the newcomers marked.
func writePaths(l *line, before, after alert.Path, newcomers []route.ASN) {
	writePath(l, before, nil)
	l.text(bold, " → ")
	writePath(l, after, newcomers)
}

func writePath(l *line, p alert.Path, newcomers []route.ASN) {
	if len(p) == 0 {
		l.text(faint, "none")
		return
	}
	for i, asn := range p {
		if i > 0 {
			l.text(plain, " ")
		}
		switch {
		case asn == 0:
			l.text(faint, "?")
		case slices.Contains(newcomers, asn):
			l.text(red, asn.String())
		default:
			l.text(plain, asn.String())
		}
	}
}

// writeAlert: when, severity, kind, what it is about, how far it reached, and
// the summary.
func writeAlert(l *line, a *alert.Alert) {
	l.cell(faint, clock(a.Updated), 0)
	if a.Status == alert.StatusResolved {
		l.cell(green, "resolved", severityWidth)
	} else {
		l.cell(severityStyle(a.Severity), string(a.Severity), severityWidth)
	}
	l.cell(yellow, string(a.Kind), kindWidth)
	l.cell(bold, subject(a), prefixWidth)
	if a.Scope == alert.ScopePrefix {
		l.cell(cyan, as(a.ExpectedOrigin), asWidth)
	}
	l.cell(plain, reach(a), 0)
	if a.Coverage.State != alert.CoverageComplete {
		l.cell(faint, "("+string(a.Coverage.State)+")", 0)
	}
	l.text(plain, a.Summary)
	if len(a.Samples) > 0 && a.Scope == alert.ScopePrefix {
		l.text(plain, "  ")
		writePaths(l, a.Samples[0].Before, a.Samples[0].After, []route.ASN{a.Suspect})
	}
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

// subject is the prefix, or the segment around the suspect, or the suspect.
func subject(a *alert.Alert) string {
	switch {
	case a.Prefix.Family != 0:
		return a.Prefix.String()
	case a.Segment != nil:
		s := a.Segment
		return fmt.Sprintf("%s %s %s", as(s.ExportedTo), as(s.Leaker), as(s.LearnedFrom))
	}
	return as(a.Suspect)
}

func reach(a *alert.Alert) string {
	c := a.Counts
	var parts []string
	if a.Scope == alert.ScopeIncident {
		parts = append(parts, fmt.Sprintf("%d prefixes of %d origins", c.Prefixes, c.Origins))
	}
	peers := fmt.Sprintf("%d peers", c.Peers)
	if c.PeersTotal > 0 {
		peers = fmt.Sprintf("%d of %d peers", c.Peers, c.PeersTotal)
	}
	return strings.Join(append(parts, peers), ", ") + ";"
}

// as writes an ASN as people do, "-" for none.
func as(asn route.ASN) string {
	if asn == 0 {
		return "-"
	}
	return "AS" + strconv.FormatUint(uint64(asn), 10)
}
