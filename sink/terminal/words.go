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
// six digits.
const (
	kindWidth   = len(alert.KindUnexpectedTransit)
	prefixWidth = 18
	asWidth     = 8
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

// as writes an ASN as people do, "-" for none.
func as(asn route.ASN) string {
	if asn == 0 {
		return "-"
	}
	return "AS" + strconv.FormatUint(uint64(asn), 10)
}
