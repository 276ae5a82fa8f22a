package correlate

import (
	"cmp"
	"maps"
	"slices"

	"detour/alert"
	"detour/route"
)

// tellIncident emits p as it stands at t.
func (c *Correlator) tellIncident(p *incident, t route.Time) {
	a := &p.alert
	first := a.Revision == 0
	a.Revision++
	a.Updated = max(t, a.Updated)
	if p.key.kind != alert.KindVisibilityLoss && p.key.kind != alert.KindRPKIInvalid {
		a.Suspect = p.asn
	}
	c.countIncident(p)
	p.told = told{at: t, prefixes: len(p.list), origins: len(p.origins), peers: len(p.peers)}
	if p.key.kind == alert.KindLeak {
		a.Segment = &alert.Segment{ExportedTo: c.topOf(p.to), Leaker: p.asn, LearnedFrom: c.topOf(p.from)}
		a.LeakType = c.leakType(a.Segment)
	}
	a.Rule = p.rule
	out := *a
	if a.Segment != nil {
		s := *a.Segment
		out.Segment = &s
	}
	out.Coverage = c.coverage(t)
	out.Evidence = c.incidentEvidence(p, out.Coverage.State)
	p.evidence = slices.Clone(out.Evidence)
	out.Confidence = sumConfidence(out.Evidence)
	a.Severity = worse(a.Severity, c.severity(p))
	out.Severity = a.Severity
	out.TopOrigins = c.topOrigins(p)
	out.Samples = c.incidentSamples(p)
	out.Carried = c.carried(p)
	out.Summary = c.incidentSummary(p, &out)
	out.Timing = nil
	if first && c.cfg.Mode == Live && p.received != 0 {
		out.Timing = &alert.Timing{Received: p.received}
	}
	c.emit(&out)
}

func (c *Correlator) countIncident(p *incident) {
	n := &p.alert.Counts
	n.Prefixes, n.Origins = uint32(len(p.list)), uint32(len(p.origins))
	n.MoreSpecifics = uint32(p.moreSpecific)
	n.Sessions = 0
	for _, s := range p.sessions {
		if s.ever {
			n.Sessions++
		}
	}
	was := n.Peers // who has or had bad routes; that a feed is full no more takes nothing back
	n.Peers, n.PeersTotal = c.fullFeeds(p)
	n.Peers = max(n.Peers, was)
	n.PeersTotal = max(n.PeersTotal, n.Peers)
	if p.hadPeers > 0 { // told by shards that do not tell whom
		n.Peers = max(n.Peers, uint32(p.lostPeers))
		n.PeersTotal = max(n.PeersTotal, uint32(p.hadPeers))
	}
}

// fullFeeds returns how many full-feed peer ASNs had bad routes, and of how
// many. Of the peers that had them, some may be down by now.
func (c *Correlator) fullFeeds(p *incident) (n, total uint32) {
	voters := c.sessions.voters[c.familyOf(p)]
	for asn := range p.peers {
		if _, ok := voters[asn]; ok {
			n++
		}
	}
	if n == 0 { // told by peers without a full feed only
		n = uint32(len(p.peers))
	}
	return n, max(n, uint32(len(voters)))
}

// familyOf returns the family of most of p's prefixes, by its first.
func (c *Correlator) familyOf(p *incident) int {
	if len(p.list) == 0 {
		return 0
	}
	return familyIndex(c.prefixes.prefix(p.list[0].prefix).Family)
}

// maxListed bounds the lists in an alert.
const (
	maxTopOrigins = 10
	maxCarriers   = 20
)

// topOrigins returns the origins with most prefixes.
func (c *Correlator) topOrigins(p *incident) []alert.Origin {
	list := make([]alert.Origin, 0, len(p.origins))
	for asn, n := range p.origins {
		list = append(list, alert.Origin{ASN: asn, Prefixes: n})
	}
	slices.SortFunc(list, func(a, b alert.Origin) int {
		return cmp.Or(cmp.Compare(b.Prefixes, a.Prefixes), cmp.Compare(a.ASN, b.ASN))
	})
	list = slices.Clone(list[:min(len(list), maxTopOrigins)])
	for i := range list {
		list[i].Name = c.outside.Names.Name(list[i].ASN)
	}
	return list
}

// carried says who holds bad routes right now.
func (c *Correlator) carried(p *incident) *alert.Carried {
	out := &alert.Carried{Prefixes: uint32(p.prefixesUp)}
	routes := make(map[route.ASN]uint32)
	for id, s := range p.sessions {
		if s.now > 0 {
			routes[c.sessions.list[id].peer.ASN] += s.now
		}
	}
	delete(routes, 0) // a session whose ASN is not known
	asns := slices.SortedFunc(maps.Keys(routes), func(a, b route.ASN) int {
		return cmp.Or(cmp.Compare(routes[b], routes[a]), cmp.Compare(a, b))
	})
	out.Peers = uint32(len(asns))
	out.ASNs = asns[:min(len(asns), maxCarriers)]
	return out
}

func (c *Correlator) incidentSamples(p *incident) []alert.Sample {
	samples := make([]alert.Sample, 0, len(p.samples)+1)
	for _, s := range p.samples {
		samples = append(samples, c.showSample(s))
	}
	if len(samples) == 0 && len(p.list) > 0 && p.list[0].sessions > 0 {
		samples = append(samples, c.showSample(p.list[0].sample))
	}
	return samples
}

func (c *Correlator) showSample(s sample) alert.Sample {
	peer := &c.sessions.list[s.session].peer
	return alert.Sample{
		Prefix: c.prefixes.prefix(s.prefix),
		Peer:   alert.Peer{Collector: peer.Collector, Address: peer.Addr, ASN: peer.ASN},
		Before: c.shown(peer.ASN, s.prev),
		After:  c.shown(peer.ASN, s.next),
	}
}

// topOf returns the most frequent of the neighbours, the lower ASN of two.
func (c *Correlator) topOf(list []neighbour) route.ASN {
	as, _, _, _ := c.top(list)
	return c.known.as.asn(as)
}

// worse returns the more urgent of two severities: an incident does not get
// less urgent while it lives.
func worse(a, b alert.Severity) alert.Severity {
	rank := map[alert.Severity]int{alert.SeverityInfo: 1, alert.SeverityWarning: 2, alert.SeverityCritical: 3}
	if rank[a] > rank[b] {
		return a
	}
	return b
}
