package correlate

import (
	"detour/alert"
	"detour/route"
)

// IncidentNote is one opening of an incident.
type IncidentNote struct {
	ID       string
	Kind     alert.Kind
	Suspect  route.ASN // or, of a loss, the origin
	Opened   route.Time
	Again    bool // it had been closed a short time before
	Rule     string
	Leak     *Inputs      // what the rules looked at
	Claim    *ClaimInputs // likewise
	Verdicts []Verdict    // of every rule that was asked, at the opening
	Settled  []Settled    // other suspects whose evidence it explains
	Unlisted int          // more of those
	First    []JoinNote   // its first pieces of evidence, oldest first

	Closed             route.Time // 0 as long as it is open
	Why                alert.CloseReason
	Peak, Left         int // routes at the worst, and at the close
	Gone, Lost         int // routes that were replaced or withdrawn, and those whose session ended
	Sessions, LeftWith int // that had any at the worst, and at the close
	LastFact           route.Time
}

// Settled is a suspect whose evidence an incident explains.
type Settled struct {
	ASN    route.ASN
	ByEdge bool
	At     route.Time
	Inputs Inputs
	Would  string // the rule by which it would have opened, "" where none
}

// opens notes that an incident opened.
func (e *Explainer) opens(p *incident, t route.Time, again bool) {
	if e == nil {
		return
	}
	e.opening = nil
	if len(e.incidents) >= maxIncidents {
		return
	}
	n := &IncidentNote{ID: p.alert.ID, Kind: p.key.kind, Suspect: p.asn, Opened: t, Again: again}
	if n.Kind == alert.KindRPKIInvalid {
		n.Rule = "rpki-invalid"
		n.Verdicts = []Verdict{held(n.Rule, func(v *verdict) {
			v.holds("the RPKI forbids the usual origin or the length of a watched prefix", true)
			v.holds("and did not when the first payloads came", true)
		})}
	}
	e.incidents = append(e.incidents, n)
	e.byOpening[p.opening] = n
}

// held lists the tests of a rule that are known to hold.
func held(rule string, tests func(v *verdict)) Verdict {
	v := verdict{keep: true}
	tests(&v)
	return Verdict{Rule: rule, Holds: v.failed == 0, Failed: v.failed, Tests: v.list}
}

// leaks fills in by what a leak opened. Its path-mates are settled next.
func (e *Explainer) leaks(c *Correlator, p *incident, f *found) {
	if e == nil {
		return
	}
	n := e.byOpening[p.opening]
	if e.opening = n; n == nil {
		return
	}
	in := f.in
	n.Rule, n.Leak, n.Verdicts = f.rule.name, &in, c.verdicts(&in, f.unit)
}

// migrates notes that what is settled next belongs to no incident.
func (e *Explainer) migrates() {
	if e != nil {
		e.opening = nil
	}
}

// settles notes that the evidence about k is put down to what opens now; before
// it is cleared.
func (e *Explainer) settles(c *Correlator, k *candidate, u unit) {
	if e == nil || k.cur.n+k.prev.n == 0 {
		return
	}
	id, at, own := "", c.now, route.ASN(0)
	if n := e.opening; n != nil {
		id, at, own = n.ID, n.Opened, n.Suspect
	}
	if s := e.bySuspct[suspicionKey{u, k.x}]; s != nil && s.ASN != own {
		s.Settled, s.SettledAt = id, at
	}
	n := e.opening
	if n == nil || c.known.as.asn(k.x) == own {
		return
	}
	if len(n.Settled) >= maxSettled {
		n.Unlisted++
		return
	}
	in := c.inputs(k, u)
	s := Settled{ASN: in.AS, ByEdge: u == byEdge, At: at, Inputs: in}
	for _, v := range c.verdicts(&in, u) {
		if v.Holds {
			s.Would = v.Rule
			break
		}
	}
	n.Settled = append(n.Settled, s)
}

// hijacks fills in by what a hijack opened.
func (e *Explainer) hijacks(c *Correlator, p *incident, k *claimant, it *item, cl *claim, rule string) {
	if e == nil {
		return
	}
	if n := e.byOpening[p.opening]; n != nil {
		v := c.claimEvaluation(k, it, cl)
		n.Rule, n.Claim, n.Verdicts = rule, &v.Inputs, v.Verdicts
	}
	if n := e.byClaim[k.as]; n != nil && e.of(it) {
		n.Incident = p.alert.ID
	}
}

// closes notes how an incident ended, before its routes are dropped.
func (e *Explainer) closes(p *incident, t route.Time, why alert.CloseReason) {
	if e == nil {
		return
	}
	n := e.byOpening[p.opening]
	if n == nil {
		return
	}
	n.Closed, n.Why, n.Peak, n.Left, n.Gone, n.Lost = t, why, p.peak, p.routes, p.gone, p.lost
	n.Sessions, n.LeftWith, n.LastFact = p.topUp, p.upSessions, p.lastFact
	delete(e.byOpening, p.opening)
}

// Incidents returns all openings of incidents, oldest first.
func (e *Explainer) Incidents() []*IncidentNote { return e.incidents }
