package correlate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// confidence is modest by design: one prefix is not a leak.
func confidence(k *prefixCase, coverage alert.CoverageState) uint8 {
	n := uint8(3)
	for _, peers := range []uint32{5, 10} {
		if k.alert.Counts.Peers >= peers {
			n++
		}
	}
	if coverage != alert.CoverageComplete {
		n--
	}
	return n
}

// evidence lists why k's alert fired.
func (k *prefixCase) evidence() []alert.Evidence {
	a := &k.alert
	list := []alert.Evidence{
		{Tag: "contrast", Weight: 2, Detail: fmt.Sprintf("%s had a path without AS%d", peers(a.Counts.Peers), a.Suspect)},
		{Tag: "path-inflation", Weight: 1, Detail: fmt.Sprintf("up to %d ASes longer than any path held", k.growth)},
	}
	if k.moreSpecific() {
		list = append(list, alert.Evidence{
			Tag: "more-specific", Weight: 1, Detail: "the prefix is new; it is compared with what covers it",
		})
	}
	if len(k.wanted) > 1 {
		list = append(list, alert.Evidence{Tag: "expected-origins", Detail: asList(k.wanted)})
	}
	if len(k.wanted) > 0 && a.AnnouncedOrigin != 0 && !slices.Contains(k.wanted, a.AnnouncedOrigin) {
		list = append(list, alert.Evidence{
			Tag: "origin-change", Weight: 1, Detail: fmt.Sprintf("announced by AS%d", a.AnnouncedOrigin),
		})
	}
	return list
}

func (k *prefixCase) moreSpecific() bool {
	return slices.ContainsFunc(k.routes, func(r caseRoute) bool { return r.flags&wire.RecordMoreSpecific != 0 })
}

// summary says in one sentence what k's alert is about.
func (k *prefixCase) summary() string {
	a := &k.alert
	what := a.Prefix.String()
	if a.ExpectedOrigin != 0 {
		what += fmt.Sprintf(" of AS%d", a.ExpectedOrigin)
	}
	if a.Status == alert.StatusFiring {
		return fmt.Sprintf("%s is now reached %s by %d of %s, on paths up to %d ASes longer than before.",
			what, through(a.Segment), a.Counts.Peers, peers(a.Counts.PeersTotal), k.growth)
	}
	return fmt.Sprintf("%s: %s", what, k.ending())
}

func (k *prefixCase) ending() string {
	a := &k.alert
	switch a.CloseReason {
	case alert.CloseNormal:
		return fmt.Sprintf("paths through AS%d have lasted for %s and count as normal from now on.",
			a.Suspect, time.Duration(a.Closed-k.since)*time.Microsecond)
	case alert.CloseExpired:
		return fmt.Sprintf("the sessions that showed paths through AS%d have ended, what became of the paths is unknown.",
			a.Suspect)
	}
	return fmt.Sprintf("the paths through AS%d are gone at the %s that had them.", a.Suspect, peers(a.Counts.Peers))
}

// through names a segment from the vantage point towards the origin.
func through(s *alert.Segment) string {
	text := fmt.Sprintf("through AS%d, which no known path of these peers held", s.Leaker)
	switch {
	case s.ExportedTo != 0 && s.LearnedFrom != 0:
		text += fmt.Sprintf(" (AS%d learns it from AS%d, which learns it from AS%d),", s.ExportedTo, s.Leaker, s.LearnedFrom)
	case s.ExportedTo != 0:
		text += fmt.Sprintf(" (AS%d learns it from AS%d),", s.ExportedTo, s.Leaker)
	default:
		text += ","
	}
	return text
}

func peers(n uint32) string {
	if n == 1 {
		return "1 peer"
	}
	return strconv.Itoa(int(n)) + " peers"
}

func asList(asns []route.ASN) string {
	names := make([]string, len(asns))
	for i, a := range asns {
		names[i] = "AS" + a.String()
	}
	return strings.Join(names, ", ")
}
