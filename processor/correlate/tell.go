package correlate

import (
	"slices"

	"detour/alert"
	"detour/route"
)

const rulePrefix = "watched-transit"

// tellOpen emits the alert of k, which as has caused and it has completed.
func (c *Correlator) tellOpen(k *prefixCase, as route.ASN, it *item, t route.Time) {
	a := &k.alert
	k.wanted = append([]route.ASN(nil), it.Origins...)
	if w := c.outside.Watch.Match(k.prefix); w != nil && len(w.Origins) > 0 {
		k.wanted = slices.Clone(w.Origins)
	}
	a.Suspect = as
	a.Segment = c.segment(k)
	a.AnnouncedOrigin = 0
	if hops := c.paths.get(it.Next); len(hops) > 0 {
		a.AnnouncedOrigin = c.known.as.asn(hops[len(hops)-1])
	}
	if a.ID == "" {
		a.Version, a.Scope, a.Kind = alert.Version, alert.ScopePrefix, alert.KindUnexpectedTransit
		a.Severity, a.Rule = alert.SeverityWarning, rulePrefix
		a.Prefix = k.prefix
		if len(k.wanted) > 0 {
			a.ExpectedOrigin = k.wanted[0]
		}
		a.ID = alert.NewID(a.Scope, a.Kind, k.prefix.String()+" "+a.ExpectedOrigin.String(), a.Opened)
	}
	a.Status, a.Closed, a.CloseReason, a.Timing = alert.StatusFiring, 0, "", nil
	a.Counts.Updates += uint64(len(k.routes))
	if c.cfg.Mode == Live {
		a.Timing = &alert.Timing{Received: it.Received}
	}
	c.tell(k, t)
}

// tellClose emits the end of k's alert.
func (c *Correlator) tellClose(k *prefixCase, reason alert.CloseReason) {
	a := &k.alert
	a.Status, a.CloseReason, a.Timing = alert.StatusResolved, reason, nil
	a.Closed = max(k.closed, a.Opened)
	c.tell(k, a.Closed)
}

// tell emits k's alert as it stands at t. What is emitted shares no memory with
// k.
func (c *Correlator) tell(k *prefixCase, t route.Time) {
	a := &k.alert
	a.Revision++
	a.Updated = max(t, a.Updated)
	c.countCase(k)
	out := *a
	if a.Segment != nil {
		segment := *a.Segment
		out.Segment = &segment
	}
	out.Coverage = c.coverage(t)
	out.Confidence = confidence(k, out.Coverage.State)
	out.Evidence = k.evidence()
	out.Samples = c.samples(k)
	out.Summary = k.summary()
	c.emit(&out)
}

func (c *Correlator) countCase(k *prefixCase) {
	n := &k.alert.Counts
	n.Prefixes, n.Origins, n.MoreSpecifics = 1, 0, 0
	if k.alert.ExpectedOrigin != 0 || k.alert.AnnouncedOrigin != 0 {
		n.Origins = 1
	}
	if k.moreSpecific() {
		n.MoreSpecifics = 1
	}
	n.Peers = max(n.Peers, uint32(len(k.peers)))
	n.Sessions = max(n.Sessions, uint32(len(k.routes)))
	total := uint32(len(c.sessions.voters[familyIndex(k.prefix.Family)]))
	n.PeersTotal = max(total, n.Peers) // of the peers that agreed, some may be down by now
}

// segment returns the most frequent neighbours of the suspect on the routes of
// k, the lower ASN where two are as frequent.
func (c *Correlator) segment(k *prefixCase) *alert.Segment {
	var to, from []route.ASN
	for i := range k.routes {
		r := &k.routes[i]
		hops := c.paths.get(r.next)
		at := slices.Index(hops, c.known.as.find(k.alert.Suspect))
		switch {
		case at == 0:
			to = append(to, c.sessions.list[r.session].vantage(r.flags))
		case at > 0:
			to = append(to, c.known.as.asn(hops[at-1]))
		}
		if at >= 0 && at+1 < len(hops) {
			from = append(from, c.known.as.asn(hops[at+1]))
		}
	}
	return &alert.Segment{ExportedTo: mostFrequent(to), Leaker: k.alert.Suspect, LearnedFrom: mostFrequent(from)}
}

// mostFrequent returns the ASN that is in asns most often, the lower of two;
// 0 only where there is no other. It sorts asns.
func mostFrequent(asns []route.ASN) route.ASN {
	slices.Sort(asns)
	best, most := route.ASN(0), 0
	for i, j := 0, 0; i < len(asns); i = j {
		for j = i; j < len(asns) && asns[j] == asns[i]; j++ {
		}
		if asns[i] != 0 && j-i > most {
			best, most = asns[i], j-i
		}
	}
	return best
}

// samples returns the first few routes by peer ASN and address.
func (c *Correlator) samples(k *prefixCase) []alert.Sample {
	places := make([]int, len(k.routes))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int {
		return c.comparePeers(k.routes[a].session, k.routes[b].session)
	})
	samples := make([]alert.Sample, 0, min(len(places), maxSamples))
	for _, i := range places[:cap(samples)] {
		r := &k.routes[i]
		p := &c.sessions.list[r.session].peer
		samples = append(samples, alert.Sample{
			Prefix: k.prefix,
			Peer:   alert.Peer{Collector: p.Collector, Address: p.Addr, ASN: p.ASN},
			Before: c.shown(p.ASN, r.prev),
			After:  c.shown(p.ASN, r.next),
		})
	}
	return samples
}

// shown returns a path with its vantage point in front; nothing for no path.
func (c *Correlator) shown(peer route.ASN, id pathID) alert.Path {
	if id == 0 {
		return nil
	}
	path := alert.Path{peer}
	for _, as := range c.paths.get(id) {
		path = append(path, c.known.as.asn(as))
	}
	return path
}
