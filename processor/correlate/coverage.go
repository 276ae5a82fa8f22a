package correlate

import (
	"cmp"
	"fmt"
	"slices"

	"detour/alert"
	"detour/route"
)

// Coverage says what is seen.
type Coverage struct {
	alert.Coverage                     // as alerts carry it
	Watermark      route.Time          `json:"watermark,omitzero"` // up to which every shard has told
	Ingesters      []IngesterCoverage  `json:"ingesters"`
	Collectors     []CollectorCoverage `json:"collectors"`
	Mature         bool                `json:"mature"` // the routes from before are known
	Peers          []PeerCoverage      `json:"peers"`  // in no order
	ASNs           int                 `json:"asns"`   // distinct ones of live peers
}

// IngesterCoverage is how well an ingester is heard.
type IngesterCoverage struct {
	Name    string     `json:"name"`
	Silent  bool       `json:"silent"`
	Since   route.Time `json:"since,omitzero"` // silent
	Last    route.Time `json:"last,omitzero"`  // engine time up to which it was heard
	Gaps    uint64     `json:"gaps"`           // times that updates were lost
	LastGap route.Time `json:"last_gap,omitzero"`
	Peers   int        `json:"peers"`  // known
	Unseen  int        `json:"unseen"` // of those: shown by it, down or not, and by no other ingester now
}

// CollectorCoverage is what is seen of the peers of a collector.
type CollectorCoverage struct {
	Name      string     `json:"name"`
	Peers     int        `json:"peers"`      // known
	Live      int        `json:"live"`       // up, heard and trusted
	Silent    int        `json:"silent"`     // of an ingester that is silent, or silent for long themselves
	Stale     int        `json:"stale"`      // of those: silent for long themselves
	Ignored   int        `json:"ignored"`    // by the user's word
	Untrusted int        `json:"distrusted"` // since they contradict all others
	Down      int        `json:"down"`       // their session is
	Learning  int        `json:"learning"`   // live, and known only since they came up
	Full      [2]int     `json:"full_feeds"` // live full feeds by family, IPv4 first
	Last      route.Time `json:"last,omitzero"`
}

// Coverage returns what is seen at the moment. It goes through the sessions: once
// a second is no matter, once a range would be. It may be called between two calls
// of Range.
func (c *Correlator) Coverage() Coverage {
	w, _ := c.watermark()
	now := c.clock()
	out := Coverage{Coverage: c.coverage(now), Watermark: w, Mature: c.mature}
	live := c.peersLive()
	for i := 1; i < len(c.ingesters.names); i++ {
		h := &c.ingesters.heard[i]
		in := IngesterCoverage{Name: c.ingesters.names[i], Silent: h.silent, Gaps: h.gaps, LastGap: h.gapAt, Last: w}
		if h.silent {
			in.Since, in.Last = h.since, h.since
		}
		in.Unseen, in.Peers = c.unseen(uint32(i), live)
		out.Ingesters = append(out.Ingesters, in)
	}
	slices.SortFunc(out.Ingesters, func(a, b IngesterCoverage) int { return cmp.Compare(a.Name, b.Name) })
	c.coverCollectors(&out, now)
	return out
}

func (c *Correlator) coverCollectors(out *Coverage, now route.Time) {
	places, asns := make(map[string]int), make(map[route.ASN]struct{})
	for i := range c.sessions.list {
		s := &c.sessions.list[i]
		if !s.met {
			continue
		}
		at, ok := places[s.peer.Collector]
		if !ok {
			at = len(out.Collectors)
			places[s.peer.Collector] = at
			out.Collectors = append(out.Collectors, CollectorCoverage{Name: s.peer.Collector})
		}
		p := c.peerCoverage(s, now)
		out.Collectors[at].add(s, &p)
		out.Peers = append(out.Peers, p)
		if p.State == StateLive || p.State == StateLearning {
			asns[s.peer.ASN] = struct{}{}
		}
	}
	out.ASNs = len(asns)
	slices.SortFunc(out.Collectors, func(a, b CollectorCoverage) int { return cmp.Compare(a.Name, b.Name) })
}

func (o *CollectorCoverage) add(s *session, p *PeerCoverage) {
	o.Peers++
	o.Last = max(o.Last, s.lastAt)
	switch p.State {
	case StateIgnored:
		o.Ignored++
		return
	case StateDistrusted:
		o.Untrusted++
		return
	case StateDown:
		o.Down++
		return
	case StateStale:
		o.Silent++
		o.Stale++
		return
	case StateSilent:
		o.Silent++
		return
	case StateLearning:
		o.Learning++
	}
	o.Live++
	for family, class := range p.Class {
		if class == ClassFull {
			o.Full[family]++
		}
	}
}

// peersLive returns the peers that were ever met, and whether anybody shows them
// now.
func (c *Correlator) peersLive() map[route.Peer]bool {
	live := make(map[route.Peer]bool, len(c.sessions.list))
	for i := range c.sessions.list {
		if s := &c.sessions.list[i]; s.met {
			live[s.peer] = live[s.peer] || !s.silent && !s.down
		}
	}
	return live
}

// unseen returns how many peers of an ingester nobody sees, and how many it ever
// showed.
func (c *Correlator) unseen(ingester uint32, live map[route.Peer]bool) (n, all int) {
	for i := range c.sessions.list {
		if s := &c.sessions.list[i]; s.met && s.ingester == ingester {
			all++
			if !live[s.peer] {
				n++
			}
		}
	}
	return n, all
}

// goneAfter is how long an ingester is missed. Later it counts as taken away.
const goneAfter = 24 * route.Hour

// coverage says at t how far alerts can be trusted.
func (c *Correlator) coverage(t route.Time) alert.Coverage {
	var cov alert.Coverage
	if c.gapSeen && t-c.gapAt < c.cfg.Fresh {
		cov.Reasons = append(cov.Reasons, "updates were lost shortly before")
	}
	cov.Reasons = append(cov.Reasons, c.silences(t)...)
	if c.degraded {
		cov.Reasons = append(cov.Reasons, "a shard is full and refuses routes")
	}
	if c.refused.Degraded() > 0 {
		cov.Reasons = append(cov.Reasons, "a table of the correlator is full")
	}
	switch {
	case len(cov.Reasons) > 0:
		cov.State = alert.CoverageDegraded
	case !c.mature:
		cov.State = alert.CoverageLearning
		cov.Reasons = append(cov.Reasons, "not every route from before is known")
	default:
		cov.State = alert.CoverageComplete
	}
	return cov
}

// silences names the ingesters that are missed at t, in order.
func (c *Correlator) silences(t route.Time) []string {
	if c.silent == 0 {
		return nil
	}
	if c.missing == nil || t < c.missingAt || t >= c.missingAt+route.Second { // alerts come in waves
		c.missing, c.missingAt = c.countMissing(t), t
	}
	return c.missing
}

func (c *Correlator) countMissing(t route.Time) []string {
	reasons, live := []string{}, c.peersLive()
	for i := range c.ingesters.heard {
		h := &c.ingesters.heard[i]
		if !h.silent || t >= h.since+goneAfter {
			continue
		}
		n, _ := c.unseen(uint32(i), live)
		reasons = append(reasons, fmt.Sprintf("ingester %s is silent since %s: %d of %d peers are not seen",
			alert.OneLine(c.ingesters.names[i]), clockOf(h.since), n, len(live)))
	}
	slices.Sort(reasons)
	return reasons
}
