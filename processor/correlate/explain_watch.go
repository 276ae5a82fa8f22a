package correlate

import (
	"fmt"
	"slices"

	"detour/processor/reference"
	"detour/route"
	"detour/wire"
)

// WatchNote is what the rule for watched prefixes (DETECTION §6) made of the
// prefix's changes.
type WatchNote struct {
	Changes   int     // of the prefix that were told
	Qualified int     // that could count towards an alert
	Not       []Tally // why the others could not

	Asked   int // how often peers were counted
	Closest Agreement
	Latest  Agreement
}

// Agreement is how many peers agree on one network that is new to them.
type Agreement struct {
	At          route.Time
	ASN         route.ASN
	Peers, Need int
	Incident    string // an open incident of ASN tells of it instead
}

// PrefixNote is an alert of a watched prefix that opened by its own rule.
type PrefixNote struct {
	ID       string
	Prefix   route.Prefix
	Suspect  route.ASN
	Opened   route.Time
	Rule     string
	Verdicts []Verdict
}

// watches notes a change of a watched prefix; good as watchCase found it.
func (e *Explainer) watches(c *Correlator, w *watched, it *item, t route.Time, good bool) {
	if e == nil || !e.of(it) || it.Flags&wire.RecordTable != 0 {
		return
	}
	n := &e.watch
	n.Changes++
	if good {
		n.Qualified++
		return
	}
	why := "the path is not longer than normal and goes against no known direction"
	switch {
	case w.low:
		why = "it was being withdrawn: what is announced then is path exploration"
	case it.Flags&wire.RecordLearning != 0:
		why = "part of its session's first transfer"
	case it.Flags&wire.RecordMaintenance != 0:
		why = "maintenance (GRACEFUL_SHUTDOWN or LLGR_STALE)"
	case it.Contrast == 0:
		why = "no network is new to the prefix that the same peer's path lacked before"
	case c.sessions.list[it.Peer].learning(t):
		why = "its session was still learning"
	}
	n.Not = tallyUp(n.Not, why, t)
}

// agrees notes how many peers agree on as, and whether an alert opens by that.
func (e *Explainer) agrees(c *Correlator, k *prefixCase, as asID, peers int, t route.Time) {
	if e == nil || k.prefix != e.prefix {
		return
	}
	n := &e.watch
	a := Agreement{At: t, ASN: c.known.as.asn(as), Peers: peers, Need: c.quorum(familyIndex(k.prefix.Family))}
	if p := c.incidents.ofLeaker(as); p != nil {
		a.Incident = p.alert.ID
	}
	n.Asked++
	n.Latest = a
	if n.Closest.At == 0 || a.Peers > n.Closest.Peers {
		n.Closest = a
	}
}

// told notes that the alert of a watched prefix opened.
func (e *Explainer) told(c *Correlator, k *prefixCase, peers int, t route.Time) {
	if e == nil || len(e.alerts) >= maxIncidents {
		return
	}
	a := &k.alert
	e.alerts = append(e.alerts, PrefixNote{
		ID: a.ID, Prefix: k.prefix, Suspect: a.Suspect, Opened: t, Rule: a.Rule,
		Verdicts: []Verdict{held(a.Rule, func(v *verdict) {
			v.atLeast(fmt.Sprintf("peers within %s to whom AS%d is new, on a longer path or against the known direction",
				seconds(c.cfg.Window), a.Suspect), peers, c.quorum(familyIndex(k.prefix.Family)))
			v.holds("no open incident of it tells of it", true)
		})},
	})
}

// LossNote is how many full-feed peers held the watched prefix for long, and how
// many of those have lost it by withdrawal.
type LossNote struct {
	Asked         int
	Worst, Latest Standing
}

// Standing is one count.
type Standing struct {
	At         route.Time
	Held, Lost int
}

// weighs notes a count of the prefix's peers.
func (e *Explainer) weighs(w *watched, held, lost int, t route.Time) {
	if e == nil || w.prefix != e.prefix {
		return
	}
	n := &e.loss
	n.Asked++
	n.Latest = Standing{At: t, Held: held, Lost: lost}
	if n.Worst.At == 0 || lost*(n.Worst.Held+n.Worst.Lost) > n.Worst.Lost*(held+lost) {
		n.Worst = n.Latest
	}
}

// loses fills in by what the loss of a watched prefix opened.
func (e *Explainer) loses(c *Correlator, p *incident, w *watched, t route.Time) {
	if e == nil || e.byOpening[p.opening] == nil {
		return
	}
	n := e.byOpening[p.opening]
	held1, lost := c.standing(w, t)
	n.Rule = "visibility"
	n.Verdicts = []Verdict{held(n.Rule, func(v *verdict) {
		v.atLeast("full-feed peers that held "+w.prefix.String()+" for more than an hour", held1+lost, lossPeers)
		v.atLeast("percent of them that withdrew it", percent(lost, held1+lost), lossPercent)
		v.holds("for "+seconds(lossDwell)+" on end", true)
	})}
}

// losesOrigin fills in by what the loss of an origin's prefixes opened.
func (e *Explainer) losesOrigin(c *Correlator, p *incident, origin route.ASN, o *lowOrigin) {
	if e == nil || e.byOpening[p.opening] == nil {
		return
	}
	n := e.byOpening[p.opening]
	n.Rule = "visibility"
	n.Verdicts = []Verdict{held(n.Rule, func(v *verdict) {
		v.holds("every route from before is known", c.mature)
		v.atLeast("prefixes of the network that half of their sessions withdrew", o.prefixes, leastLost)
		v.atLeast("of all its prefixes", o.prefixes, c.census.prefixes[origin]/2+1)
		v.holds("for "+seconds(lossDwell)+" on end", true)
	})}
}

// Watch returns what the rule for watched prefixes made of the prefix.
func (e *Explainer) Watch() WatchNote { return e.watch }

// Loss returns how the prefix's visibility was counted.
func (e *Explainer) Loss() LossNote { return e.loss }

// Alerts returns the alerts of watched prefixes that opened by their own rule.
func (e *Explainer) Alerts() []PrefixNote { return e.alerts }

// LossRule is the visibility rule's thresholds, for people.
type LossRule struct {
	Peers, Percent int
	Held, Dwell    route.Time
}

// LossRule returns the thresholds of visibility loss of a watched prefix.
func (c *Correlator) LossRule() LossRule {
	return LossRule{lossPeers, lossPercent, heldLong, lossDwell}
}

// PrefixState is what the correlator knows of a prefix at this moment.
type PrefixState struct {
	Beacon  bool
	Watched *reference.WatchedPrefix // nil where no entry speaks for it
	ByASN   []route.ASN              // watched origins among those asked about
	Low     bool                     // half of those that held it have lost it
	Open    []string                 // open incidents that hold a route of it, by id
	Origins []OriginState
}

// OriginState is how many prefixes of an origin half of their sessions have
// lost.
type OriginState struct {
	ASN           route.ASN
	Low, Prefixes int
	Since         route.Time // most of them are low; 0 when they are not
	Open          bool       // an incident says so
	Least         int        // low prefixes that an incident needs, beside being most of them
}

// ViewPrefix returns what is known of p, whose origins are given.
func (c *Correlator) ViewPrefix(p route.Prefix, origins []route.ASN) PrefixState {
	v := PrefixState{Beacon: c.outside.Lists.Beacon(p), Watched: c.outside.Watch.Match(p), Low: c.losing(p)}
	for _, o := range origins {
		if c.outside.Watch.ASN(o) != nil {
			v.ByASN = append(v.ByASN, o)
		}
	}
	for _, o := range origins {
		s := OriginState{ASN: o, Prefixes: c.census.prefixes[o], Least: leastLost}
		if low := c.losses.origins[o]; low != nil {
			s.Low, s.Since, s.Open = low.prefixes, low.since, low.open
		}
		v.Origins = append(v.Origins, s)
	}
	id := c.prefixes.find(p)
	for _, in := range c.incidents.timers.items {
		if i, ok := in.prefixes[id]; ok && id != 0 && in.open && in.list[i].routes > 0 {
			v.Open = append(v.Open, in.alert.ID)
		}
	}
	if k := c.cases[p]; k != nil && k.state == firing {
		v.Open = append(v.Open, k.alert.ID)
	}
	slices.Sort(v.Open)
	return v
}

// Validate asks the VRPs that hold at t, and reports whether any were given.
func (c *Correlator) Validate(p route.Prefix, origin route.ASN, t route.Time) (v reference.Validity, any bool) {
	return c.validate(p, origin, t), len(c.outside.VRPs) > 0
}
