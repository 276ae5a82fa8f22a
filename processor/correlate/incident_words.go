package correlate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"detour/alert"
	"detour/processor/reference"
	"detour/route"
)

// incidentEvidence lists what speaks for p and against it.
func (c *Correlator) incidentEvidence(p *incident, coverage alert.CoverageState) []alert.Evidence {
	list := append([]alert.Evidence(nil), p.tags...)
	add := func(ok bool, tag string, weight int8, format string, args ...any) {
		if ok {
			list = append(list, alert.Evidence{Tag: tag, Weight: weight, Detail: fmt.Sprintf(format, args...)})
		}
	}
	if p.key.kind == alert.KindLeak {
		in := &p.in
		add(true, "contrast", 2, "the same peers had routes to %s without AS%d before",
			count(in.Contrast, "origin", "origins"), p.asn)
		add(in.flipped(), "direction-flip", 3, "%d of %d facts go against every direction seen before", in.Flips, in.Facts)
		add(in.inValley(), "valley", 3, "%d of %d facts stand between providers or peers of AS%d",
			in.Valleys, in.Facts, p.asn)
		add(in.Base == 0, "never-transit", 1, "AS%d was not on the way to anybody else before", p.asn)
		add(in.DistinctFrom >= 3, "several-next-hops", 1, "%d, the most frequent on %d %%", in.DistinctFrom, in.TopFrom)
		add(in.Facts > 0 && 2*in.Inflated >= in.Facts, "path-inflation", 1, "%d of %d facts", in.Inflated, in.Facts)
		add(2*p.moreSpecific >= len(p.list) && len(p.list) > 0, "more-specific", 1,
			"%d of %d prefixes are new parts of known ones", p.moreSpecific, len(p.list))
		add(in.OTC > 0, "only-to-customer", 2, "%d routes were marked for customers only (RFC 9234)", in.OTC)
		add(in.Peers == 1, "one-peer", -1, "one peer alone showed it when it opened")
		add(c.outside.Lists.Tier1(p.asn), "tier-1", -2, "AS%d needs no transit", p.asn)
		add(c.outside.Lists.Scrubber(p.asn), "scrubber", -2, "AS%d protects others against attacks", p.asn)
	}
	n, total := c.fullFeeds(p)
	add(p.key.kind == alert.KindVisibilityLoss && p.topUp > 0, "lost-by-peers", 4,
		"%d of %d peers that held them withdrew them, none by a session reset", n, total)
	add(p.key.kind == alert.KindVisibilityLoss && p.hadPeers > 0, "lost-by-peers", 3,
		"up to %d of %d sessions lost a prefix", p.lostPeers, p.hadPeers)
	add(p.key.kind == alert.KindRPKIInvalid, "usual-origin", 3,
		"the origin is the one from before, and the RPKI forbids it")
	add(c.broken(p), "bogon-asn", 0, "a path shown holds a number that no network may use, or a set")
	for _, as := range p.consequences {
		add(true, "consequential", 0, "AS%d announces what was lost, after the loss", as)
	}
	add(p.heldBack > 0, "held-back", 0, "%d prefixes have no alert of their own: too many fire", p.heldBack)
	switch coverage {
	case alert.CoverageLearning:
		add(true, "learning", -2, "not every route from before is known")
	case alert.CoverageDegraded:
		add(true, "degraded", -1, "something was lost on the way")
	}
	return list
}

// broken reports whether a sample of p holds a break.
func (c *Correlator) broken(p *incident) bool {
	for _, s := range p.samples {
		if slices.Contains(c.paths.get(s.next), 0) {
			return true
		}
	}
	return false
}

// sumConfidence adds up the weights: 10 is certain.
func sumConfidence(list []alert.Evidence) uint8 {
	n := 2
	for _, e := range list {
		n += int(e.Weight)
	}
	return uint8(max(0, min(10, n)))
}

// severity grades p by its reach.
func (c *Correlator) severity(p *incident) alert.Severity {
	switch {
	case p.rule == "group", p.rule == "rpki-invalid", p.rule == "rpki-invalid-origin":
		return alert.SeverityWarning
	case p.key.kind == alert.KindLeak && len(p.origins) < 30 && len(p.list) < 100:
		return alert.SeverityWarning
	}
	return alert.SeverityCritical
}

// leakType names the leak after RFC 7908 §3 where the file knows both
// neighbours.
func (c *Correlator) leakType(s *alert.Segment) alert.LeakType {
	file := c.outside.Relationships
	to, from := file.Of(s.Leaker, s.ExportedTo), file.Of(s.Leaker, s.LearnedFrom)
	switch {
	case to == reference.Provider && from == reference.Provider:
		return alert.LeakHairpin
	case to == reference.Peer && from == reference.Peer:
		return alert.LeakLateral
	case to == reference.Peer && from == reference.Provider:
		return alert.LeakProviderPeer
	case to == reference.Provider && from == reference.Peer:
		return alert.LeakPeerProvider
	}
	return alert.LeakUnknown
}

// named returns an AS with its name where it is known.
func (c *Correlator) named(as route.ASN) string {
	if name := c.outside.Names.Name(as); name != "" {
		return "AS" + as.String() + " (" + name + ")"
	}
	return "AS" + as.String()
}

// prefixOf returns a prefix with whose it is, where that is known.
func (c *Correlator) prefixOf(p route.Prefix, origin route.ASN) string {
	if origin == 0 {
		return p.String()
	}
	return p.String() + " of " + c.named(origin)
}

// incidentSummary says in one sentence what p is.
func (c *Correlator) incidentSummary(p *incident, a *alert.Alert) string {
	if a.Status == alert.StatusResolved {
		return c.headline(p, a) + c.incidentEnding(p, a)
	}
	return oneLine(fmt.Sprintf("%s%s %d of %s.", c.headline(p, a), byWhom(p), a.Counts.Peers, peers(a.Counts.PeersTotal)))
}

// byWhom joins what happened to the peers that show it.
func byWhom(p *incident) string {
	if p.key.kind == alert.KindVisibilityLoss {
		return " by"
	}
	return ", seen by"
}

// headline says who does what to whom.
func (c *Correlator) headline(p *incident, a *alert.Alert) string {
	what := count(len(p.list), "prefix", "prefixes")
	if len(p.origins) > 0 {
		what += " of " + count(len(p.origins), "network", "networks")
	}
	switch p.key.kind {
	case alert.KindLeak:
		s := c.named(p.asn) + " leaks " + what
		if a.Segment.LearnedFrom != 0 {
			s += " that it learned from " + c.named(a.Segment.LearnedFrom)
		}
		if a.Segment.ExportedTo != 0 {
			s += " to " + c.named(a.Segment.ExportedTo)
		}
		return s
	case alert.KindHijack:
		return c.named(p.asn) + " announces " + what + " as its own"
	case alert.KindSubprefixHijack:
		return c.named(p.asn) + " announces parts of other networks' prefixes as its own: " + what
	case alert.KindVisibilityLoss:
		return fmt.Sprintf("%s of %s %s withdrawn",
			count(len(p.list), "prefix", "prefixes"), c.named(a.ExpectedOrigin), wasOrWere(len(p.list)))
	case alert.KindRPKIInvalid:
		return count(len(p.list), "prefix", "prefixes") + " of " + c.named(a.ExpectedOrigin) +
			" became RPKI-invalid although the origin is the usual one: a ROA or its maximal length is wrong"
	}
	return what
}

// incidentEnding says how p ended.
func (c *Correlator) incidentEnding(p *incident, a *alert.Alert) string {
	lasted := (time.Duration(a.Closed-p.since) * time.Microsecond).Round(time.Second)
	switch a.CloseReason {
	case alert.CloseStuck:
		up := 0
		for _, s := range p.sessions {
			if s.now > 0 {
				up++
			}
		}
		return oneLine(fmt.Sprintf("; over after %v, but stuck at %s.", lasted, count(up, "session", "sessions")))
	case alert.CloseNormal:
		return oneLine(fmt.Sprintf("; it has lasted for %v and counts as normal from now on.", lasted))
	case alert.CloseExpired:
		return oneLine(fmt.Sprintf(
			"; the sessions that showed it have ended after %v, what became of it is unknown.", lasted))
	case alert.CloseRestored:
		return oneLine(fmt.Sprintf("; they are back after %v.", lasted))
	}
	return oneLine(fmt.Sprintf("; over after %v.", lasted))
}

// prefixSummary says in one sentence what happens to one prefix.
func (c *Correlator) prefixSummary(p *incident, x *affected, a *alert.Alert) string {
	s := c.prefixOf(a.Prefix, a.ExpectedOrigin)
	switch p.key.kind {
	case alert.KindLeak:
		s += " is reached through a leak by " + c.named(p.asn)
		if a.Segment != nil && a.Segment.ExportedTo != 0 && a.Segment.LearnedFrom != 0 {
			s += " (AS" + a.Segment.ExportedTo.String() + " from AS" + p.asn.String() +
				" from AS" + a.Segment.LearnedFrom.String() + ")"
		}
	case alert.KindHijack:
		s += " is announced by " + c.named(p.asn)
	case alert.KindSubprefixHijack:
		s += ", a part of a known prefix, is announced by " + c.named(p.asn)
	case alert.KindVisibilityLoss:
		s += " was withdrawn"
	case alert.KindRPKIInvalid:
		s += " became RPKI-invalid"
	}
	if a.Status == alert.StatusResolved {
		return oneLine(s + ": over.")
	}
	if x.sessions > 0 {
		s += byWhom(p) + " " + strconv.Itoa(int(a.Counts.Peers)) + " of " + peers(a.Counts.PeersTotal) + " so far"
	}
	return oneLine(s + ".")
}

// oneLine makes foreign names fit into a sentence.
func oneLine(s string) string {
	last := byte(' ')
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == ' ' && last == ' ' {
			return strings.Join(strings.Fields(s), " ")
		}
		last = s[i]
	}
	return strings.TrimSuffix(s, " ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// tellMigration emits that a new AS took the place of an old one.
func (c *Correlator) tellMigration(f found, old asID, t route.Time) {
	asn, was := f.in.AS, c.known.as.asn(old)
	a := alert.Alert{
		Version: alert.Version, Revision: 1, Scope: alert.ScopeIncident, Kind: alert.KindUnexpectedTransit,
		Severity: alert.SeverityInfo, Status: alert.StatusResolved, CloseReason: alert.CloseMigrated, Suspect: asn,
		Opened: t, Updated: t, Closed: t, FirstEvidence: min(f.in.First, t), Rule: "asn-migration",
		Coverage: c.coverage(t),
	}
	a.ID = alert.NewID(a.Scope, a.Kind, "AS"+asn.String(), t)
	a.Counts = alert.Counts{
		Prefixes: uint32(f.in.Prefixes), Origins: uint32(f.in.Origins), Peers: uint32(f.in.Peers),
		Updates: uint64(f.in.Facts),
	}
	a.Evidence = []alert.Evidence{{
		Tag: "asn-migration", Weight: -5,
		Detail: fmt.Sprintf("AS%d had the same origins between the same neighbours", was),
	}}
	a.Summary = oneLine(fmt.Sprintf("%s took the place of %s on the way to %s: a network with a new number, no leak.",
		c.named(asn), c.named(was), count(f.in.Origins, "network", "networks")))
	c.emit(&a)
}

func wasOrWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
