package correlate

import "detour/route"

type suspicionKey struct {
	unit unit
	as   asID
}

// Suspicion is one network that was fresh on a path of the prefix, as the
// candidate for a leak that it was or is.
type Suspicion struct {
	ASN         route.ASN
	ByEdge      bool       // counted by the neighbour that reaches origins through it
	First, Last route.Time // when it was fresh on a path of the prefix
	Changes     int        // of the prefix, that showed it fresh
	Contrast    int        // of those, where the same peer's route before lacked it
	Flips       int
	Valleys     int
	Peers       []route.ASN // distinct peers that showed it so, by first sight
	Hop         HopNote     // of the first such change
	Origin      route.ASN   // of that change

	Asked   int         // how often the rules were asked about it since, by any prefix
	Closest *Evaluation // that failed the fewest tests of a rule; nil if never asked
	Latest  *Evaluation
	// Settled: its evidence was put down to that incident.
	Settled   string
	SettledAt route.Time
}

// Evaluation is what the rules said of a candidate at one moment.
type Evaluation struct {
	At     route.Time
	Inputs Inputs
	// Skipped says why the rules were not asked: too little evidence for any, or
	// the noise is not known yet. Verdicts are given all the same.
	Skipped  string
	Verdicts []Verdict // in the order in which the rules are asked
}

// Short says by how much a rule failed, in thousandths of a test: a test that
// has half of what it needs is short of 500, a yes that is a no of 1000.
func (v *Verdict) Short() (short int) {
	for i := range v.Tests {
		switch t := &v.Tests[i]; {
		case t.Holds:
		case t.YesNo, t.Need <= 0, t.Have < 0, t.Have > t.Need:
			short += 1000
		default:
			short += 1000 - 1000*t.Have/t.Need
		}
	}
	return short
}

// closestOf returns the verdict that is short of least, the first of several.
// Rules for a case that is not at hand come last, however few tests they have.
func closestOf(list []Verdict) *Verdict {
	var best *Verdict
	least := 0
	for i := range list {
		short := list[i].Short()
		if list[i].Beside() {
			short += 1_000_000
		}
		if best == nil || short < least {
			best, least = &list[i], short
		}
	}
	return best
}

// Beside reports that a rule is for incidents that were closed a short time
// before, or for watched prefixes, and this is none.
func (v *Verdict) Beside() bool {
	for i := range v.Tests {
		if t := &v.Tests[i]; t.YesNo && !t.Holds && (v.Rule == "again" || v.Rule == "watched-origin") {
			return true
		}
	}
	return false
}

// suspicion returns the note on the AS of h, made at first sight; nil at the
// bound.
func (e *Explainer) suspicion(c *Correlator, h *hop) *Suspicion {
	key := suspicionKey{h.unit, h.x}
	s := e.bySuspct[key]
	if s == nil && len(e.suspects) < maxSuspicions {
		s = &Suspicion{ASN: c.known.as.asn(h.x), ByEdge: h.unit == byEdge}
		e.bySuspct[key] = s
		e.suspects = append(e.suspects, s)
	}
	return s
}

func (s *Suspicion) meet(c *Correlator, h *hop, it *item, t route.Time) {
	if s.Changes == 0 {
		s.First, s.Origin = t, c.known.as.asn(c.hops.origin)
		s.Hop = c.explain.hopNote(c, h)
	}
	s.Last = t
	s.Changes++
	for _, b := range []struct {
		n  *int
		is bool
	}{{&s.Contrast, h.contrast}, {&s.Flips, h.flip}, {&s.Valleys, h.valley}} {
		if b.is {
			*b.n++
		}
	}
	peer := c.sessions.list[it.Peer].peer.ASN
	for _, asn := range s.Peers {
		if asn == peer {
			return
		}
	}
	s.Peers = append(s.Peers, peer)
}

// evaluated notes what the rules say of a candidate that the prefix has shown.
func (e *Explainer) evaluated(c *Correlator, k *candidate, u unit) {
	if e == nil {
		return
	}
	s := e.bySuspct[suspicionKey{u, k.x}]
	if s == nil {
		return
	}
	v := c.evaluation(k, u)
	s.Asked++
	s.Latest = v
	if s.Closest == nil || v.closer(s.Closest) {
		s.Closest = v
	}
}

// closer reports whether v came closer to a rule than w, or as close with more
// origins. What the rules had no say in comes last.
func (v *Evaluation) closer(w *Evaluation) bool {
	if (v.Skipped == "") != (w.Skipped == "") {
		return v.Skipped == ""
	}
	if a, b := closestOf(v.Verdicts).Short(), closestOf(w.Verdicts).Short(); a != b {
		return a < b
	}
	return v.Inputs.Contrast > w.Inputs.Contrast
}

// evaluation asks every rule of a candidate's unit.
func (c *Correlator) evaluation(k *candidate, u unit) *Evaluation {
	in := c.inputs(k, u)
	v := &Evaluation{At: c.now, Inputs: in, Verdicts: c.verdicts(&in, u)}
	switch {
	case in.Prefixes < c.cfg.Rules.SmallPrefixes/2:
		v.Skipped = "too few prefixes for any rule"
	case in.Contrast == 0:
		v.Skipped = "no peer had a route without it before"
	case !c.leaks.noise.ready:
		v.Skipped = "no whole half-window of " + seconds(c.cfg.Window) + " had been judged yet, so that the noise was " +
			"not known"
	}
	return v
}

// verdicts lists what the rules of a unit say of inputs.
func (c *Correlator) verdicts(in *Inputs, u unit) (list []Verdict) {
	for _, r := range leakRules {
		if r.unit != u {
			continue
		}
		v := verdict{keep: true}
		r.tests(in, &c.cfg.Rules, &v)
		list = append(list, Verdict{Rule: r.name, Holds: v.failed == 0, Failed: v.failed, Tests: v.list})
	}
	return list
}

// Suspicions returns the networks that were fresh on the prefix, by first sight.
func (e *Explainer) Suspicions() []*Suspicion { return e.suspects }
