package eval

import (
	"detour/alert"
	"detour/route"
)

// Grade says how well a case was told.
type Grade uint8

// Grades, best first.
const (
	Right    Grade = iota // found, and the suspect named
	Adjacent              // found, but the suspect is its neighbour on the leaked paths
	Wrong                 // the right kind was said, of somebody else
	Missed
	Silent // nothing was to be said and nothing was
	False  // something was
)

// String names the grade as the results do.
func (g Grade) String() string {
	return [...]string{"right", "adjacent", "wrong", "missed", "silent", "false"}[g]
}

// found reports whether somebody would have been alarmed, rightly.
func (g Grade) found() bool { return g <= Adjacent }

// Verdict is an Outcome held against what was wanted.
type Verdict struct {
	Grade     Grade
	Hit       *Told // what was found, nil if nothing was
	Extra     int   // further incidents
	Notes     int   // for information only
	Delay     route.Time
	Deciding  route.Time // from the deciding update to the opening
	Rule      string
	Messages  int
	Incidents []*Told // all that count
}

// Judge holds an outcome against its case.
func Judge(o *Outcome) Verdict {
	want := o.Case.Want
	v := Verdict{Grade: Silent}
	for _, t := range o.Told {
		switch {
		case t.First.Severity == alert.SeverityInfo:
			v.Notes++
		case t.Incident():
			v.Incidents = append(v.Incidents, t)
		}
	}
	if want == nil {
		if len(v.Incidents) > 0 {
			v.Grade, v.Hit = False, v.Incidents[0]
			v.Rule, v.Extra = v.Hit.First.Rule, len(v.Incidents)-1
		}
		return v
	}
	candidates := v.Incidents
	if want.Scope == string(alert.ScopePrefix) {
		candidates = nil
		for _, t := range o.Told {
			if !t.Incident() && t.First.Severity != alert.SeverityInfo {
				candidates = append(candidates, t)
			}
		}
	}
	v.Grade, v.Hit = grade(o, candidates)
	v.Extra = len(v.Incidents)
	if v.Hit == nil {
		return v
	}
	for _, t := range v.Incidents {
		// The incident of a watched prefix is no further one.
		if t == v.Hit && v.Grade != Wrong || !v.Hit.Incident() && t.BadUpdates > 0 && gradeOf(o, t).found() {
			v.Extra--
		}
	}
	v.Rule, v.Messages = v.Hit.First.Rule, v.Hit.Messages
	v.Delay = v.Hit.First.Opened - o.FirstBad
	if v.Hit.Decided != 0 {
		v.Deciding = v.Hit.First.Opened - v.Hit.Decided
	}
	return v
}

// grade picks the best of what was told.
func grade(o *Outcome, candidates []*Told) (best Grade, hit *Told) {
	best = Missed
	for _, t := range candidates {
		if t.BadUpdates == 0 {
			continue // before anything bad had happened
		}
		if g := gradeOf(o, t); g < best {
			best, hit = g, t
		}
	}
	return best, hit
}

func gradeOf(o *Outcome, t *Told) Grade {
	want, a := o.Case.Want, t.First
	kind := string(a.Kind)
	switch {
	case kind != want.Kind && (want.Also == "" || kind != want.Also):
		return Missed // it speaks of something else
	case a.Suspect == want.Suspect:
		return Right
	case a.Suspect != 0 && (a.Suspect == want.ExportedTo || a.Suspect == want.LearnedFrom):
		return Adjacent
	}
	return Wrong
}
