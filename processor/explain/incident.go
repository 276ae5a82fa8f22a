package explain

import (
	"cmp"
	"slices"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
)

// IncidentReport is what an alert is, why it opened, and how it ended.
type IncidentReport struct {
	Version  int          `json:"version"`
	ID       string       `json:"id"`
	At       route.Time   `json:"at"`
	Source   Source       `json:"source"`
	Deployed bool         `json:"deployed"` // messages are those that a deployment has stored
	Rerun    string       `json:"rerun"`    // what the private run made of it: same, other, none
	Answer   []string     `json:"answer"`
	Alert    *alert.Alert `json:"alert"`           // as last told
	Asked    *AlertBrief  `json:"asked,omitempty"` // the alert of a prefix that was asked for, where its incident is told

	Timeline     []Message `json:"timeline"`
	Messages     int       `json:"messages"`
	PrefixAlerts int       `json:"prefix_alerts"`
	Openings     []Opening `json:"openings"`

	names func(route.ASN) string
}

// Message is one message in short.
type Message struct {
	At       route.Time     `json:"at"`
	Revision uint32         `json:"revision"`
	Status   alert.Status   `json:"status"`
	Severity alert.Severity `json:"severity"`
	Prefixes uint32         `json:"prefixes"`
	Origins  uint32         `json:"origins"`
	Peers    uint32         `json:"peers"`
	Of       uint32         `json:"peers_total"`
}

// Opening is one time that the incident opened, as thought in the private run.
type Opening struct {
	ID       string            `json:"id"`
	At       route.Time        `json:"at"`
	Again    bool              `json:"again"` // it had been closed a short time before
	Rule     string            `json:"rule"`
	Leak     *Numbers          `json:"numbers,omitempty"`
	Claim    *ClaimNumbers     `json:"origin_numbers,omitempty"`
	Rules    []Rule            `json:"rules"` // all that were asked at that moment
	First    []Piece           `json:"first_evidence"`
	Settled  []Settled         `json:"explained"` // other suspects whose evidence it explains
	Unlisted int               `json:"explained_unlisted"`
	Closed   route.Time        `json:"closed,omitzero"`
	Why      alert.CloseReason `json:"close_reason,omitempty"`
	Peak     int               `json:"routes_peak"`
	Left     int               `json:"routes_left"`
	Gone     int               `json:"routes_gone"` // replaced or withdrawn
	Lost     int               `json:"routes_lost"` // ended with their session
	Sessions int               `json:"sessions_peak"`
	LeftWith int               `json:"sessions_left"`
	LastFact route.Time        `json:"last_fact,omitzero"`
}

// Piece is one route that counts as evidence.
type Piece struct {
	At     route.Time   `json:"at"`
	Prefix route.Prefix `json:"prefix"`
	Peer   alert.Peer   `json:"peer"`
	Before alert.Path   `json:"before,omitempty"`
	After  alert.Path   `json:"after,omitempty"`
}

// Settled is a suspect whose evidence an incident explains.
type Settled struct {
	ASN     route.ASN `json:"asn"`
	Unit    string    `json:"unit"`
	Numbers *Numbers  `json:"numbers"`
	Would   string    `json:"rule,omitempty"` // by which it would have opened itself
}

// source returns what a deployment has stored, or else what was judged here.
func (q *Inquiry) source() *threads {
	if q.stored != nil {
		return q.stored
	}
	return q.alerts
}

// List returns the alerts that have a life of their own, by time of opening:
// incidents, and alerts of watched prefixes; and how many alerts speak of one
// prefix in an incident.
func (q *Inquiry) List() (list []*AlertBrief, inIncidents int) {
	for _, t := range q.source().sorted(func(*thread) bool { return true }) {
		if t.first.Scope == alert.ScopePrefix && t.first.Incident != "" {
			inIncidents++
			continue
		}
		list = append(list, brief(t))
	}
	return list, inIncidents
}

// Incident reports on the only alert whose id begins with text; of an alert on
// one prefix in an incident, on that incident.
func (q *Inquiry) Incident(text string) (*IncidentReport, error) {
	t, err := q.source().find(text)
	if err != nil {
		return nil, err
	}
	r := &IncidentReport{
		Version: 1, At: q.line.Correlator().View().Now, Source: q.cfg.Source, Deployed: q.stored != nil,
		names: q.cfg.Correlate.Outside.Names.Name, Openings: []Opening{},
	}
	if in := t.last.Incident; in != "" {
		if whole := q.source().byID[in]; whole != nil {
			r.Asked, t = brief(t), whole
		}
	}
	r.ID, r.Alert, r.Messages = t.last.ID, t.last, t.messages
	for _, a := range t.all {
		r.Timeline = append(r.Timeline, messageOf(a))
	}
	if last := messageOf(t.last); len(r.Timeline) > 0 && r.Timeline[len(r.Timeline)-1].Revision != last.Revision {
		r.Timeline = append(r.Timeline, last)
	}
	for _, p := range q.source().order {
		if p.first.Incident == r.ID {
			r.PrefixAlerts++
		}
	}
	q.openings(r)
	r.Answer = r.words()
	r.Answer = append(r.Answer, q.lostWords()...)
	return r, nil
}

func messageOf(a *alert.Alert) Message {
	return Message{
		At: a.Updated, Revision: a.Revision, Status: a.Status, Severity: a.Severity, Prefixes: a.Counts.Prefixes,
		Origins: a.Counts.Origins, Peers: a.Counts.Peers, Of: a.Counts.PeersTotal,
	}
}

// openings finds what the private run thought of the alert. A deployment that
// knows more than its log still holds may have opened it at another moment,
// under another id: then what comes nearest in time speaks for it.
func (q *Inquiry) openings(r *IncidentReport) {
	a := r.Alert
	var same, other []*correlate.IncidentNote
	for _, n := range q.notes.Incidents() {
		who := a.Suspect
		if who == 0 {
			who = a.ExpectedOrigin
		}
		switch {
		case n.ID == r.ID:
			same = append(same, n)
		case n.Kind == a.Kind && n.Suspect == who:
			other = append(other, n)
		}
	}
	r.Rerun = "same"
	if len(same) == 0 && len(other) > 0 {
		r.Rerun = "other"
		same = []*correlate.IncidentNote{slices.MinFunc(other, func(x, y *correlate.IncidentNote) int {
			return cmp.Compare(apart(x.Opened, a.Opened), apart(y.Opened, a.Opened))
		})}
	}
	for _, n := range same {
		r.Openings = append(r.Openings, openingOf(n))
	}
	for _, n := range q.notes.Alerts() {
		if n.ID == r.ID {
			r.Openings = append(r.Openings, Opening{
				ID: n.ID, At: n.Opened, Rule: n.Rule, Rules: rulesOf(n.Verdicts), First: []Piece{}, Settled: []Settled{},
			})
		}
	}
	if len(r.Openings) == 0 {
		r.Rerun = "none"
	}
}

func apart(a, b route.Time) route.Time { return max(a-b, b-a) }

func openingOf(n *correlate.IncidentNote) Opening {
	o := Opening{
		ID: n.ID, At: n.Opened, Again: n.Again, Rule: n.Rule, Rules: rulesOf(n.Verdicts), Unlisted: n.Unlisted,
		Closed: n.Closed, Why: n.Why, Peak: n.Peak, Left: n.Left, Gone: n.Gone, Lost: n.Lost, Sessions: n.Sessions,
		LeftWith: n.LeftWith, LastFact: n.LastFact, First: []Piece{}, Settled: []Settled{},
	}
	if n.Leak != nil {
		o.Leak = numbersOf(n.Leak)
	}
	if n.Claim != nil {
		o.Claim = claimNumbers(n.Claim)
	}
	for _, p := range n.First {
		o.First = append(o.First, Piece{
			At: p.At, Prefix: p.Prefix, Before: alert.Path(p.Before), After: alert.Path(p.After),
			Peer: alert.Peer{Collector: p.Peer.Collector, Address: p.Peer.Addr, ASN: p.Peer.ASN},
		})
	}
	for i := range n.Settled {
		s := &n.Settled[i]
		o.Settled = append(o.Settled, Settled{
			ASN: s.ASN, Unit: unitOf(s.ByEdge), Numbers: numbersOf(&s.Inputs),
			Would: s.Would,
		})
	}
	return o
}
