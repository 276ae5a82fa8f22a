package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
)

// firePrefix opens the alert of a prefix that a route was brought into p of, if
// it is one of those behind the first known, or was resolved meanwhile.
func (c *Correlator) firePrefix(p *incident, prefix prefixID, known int, t route.Time) {
	i := c.placeIn(p, prefix)
	if i < 0 {
		return
	}
	if a := &p.list[i]; i >= known || a.routes == 1 && a.revisions > 0 && !a.fired {
		c.firePrefixes(p, []int{i}, t)
	}
}

// firePrefixes opens the alerts of these places of p.list, in the order of
// prefixes: each network hears of its own.
func (c *Correlator) firePrefixes(p *incident, places []int, t route.Time) {
	slices.SortFunc(places, func(a, b int) int { return c.comparePrefixes(p.list[a].prefix, p.list[b].prefix) })
	for _, i := range places {
		a := &p.list[i]
		if a.fired {
			continue
		}
		if c.firing >= c.cfg.Limits.Firing {
			p.heldBack++
			c.stats.HeldBack++
			continue
		}
		c.firing++
		a.fired = true
		if a.revisions == 0 || t > a.quiet+c.cfg.Reopen {
			a.opened, a.revisions = t, 0
		}
		c.tellPrefix(p, a, "", t)
	}
}

// tellPrefix emits the alert of one prefix of p, once for each expected origin;
// why is empty as long as it fires.
func (c *Correlator) tellPrefix(p *incident, a *affected, why alert.CloseReason, t route.Time) {
	a.revisions++
	if why != "" {
		c.firing--
		a.fired = false
	}
	prefix := c.prefixes.prefix(a.prefix)
	out := alert.Alert{
		Version: alert.Version, Revision: a.revisions, Scope: alert.ScopePrefix, Kind: p.key.kind,
		LeakType: p.alert.LeakType, Severity: p.alert.Severity, Status: alert.StatusFiring,
		Suspect: p.alert.Suspect, Prefix: prefix, AnnouncedOrigin: a.announced, Incident: p.alert.ID,
		Opened: a.opened, Updated: max(t, a.opened), FirstEvidence: min(a.since, a.opened), Rule: p.rule,
		Coverage: c.coverage(t),
	}
	if p.alert.Segment != nil {
		s := *p.alert.Segment
		out.Segment = &s
	}
	if why != "" {
		out.Status, out.CloseReason, out.Closed = alert.StatusResolved, why, out.Updated
	}
	out.Counts = c.prefixCounts(p, a)
	out.Evidence = slices.Clone(p.evidence) // as of the incident's last message
	out.Confidence = sumConfidence(out.Evidence)
	if a.sessions > 0 {
		out.Samples = []alert.Sample{c.showSample(a.sample)}
	}
	for _, o := range a.expected() {
		each := out
		each.ExpectedOrigin = o
		each.ID = prefixAlertID(p.key.kind, prefix, o, a.opened)
		each.Summary = c.prefixSummary(p, a, &each)
		c.emit(&each)
	}
}

func countASNs(list []route.ASN) (n int) {
	for n < len(list) && list[n] != 0 {
		n++
	}
	return n
}

func (c *Correlator) prefixCounts(p *incident, a *affected) alert.Counts {
	n := alert.Counts{Prefixes: 1, Origins: 1, Peers: a.peers, Sessions: a.sessions, Updates: uint64(a.sessions)}
	if a.special {
		n.MoreSpecifics = 1
	}
	if a.sessions == 0 { // nobody in particular is known to have lost it
		n.Peers = uint32(p.lostPeers)
	}
	total := len(c.sessions.voters[familyIndex(c.prefixes.prefix(a.prefix).Family)])
	n.PeersTotal = max(n.Peers, uint32(total), uint32(p.hadPeers))
	return n
}
