package eval

import (
	"fmt"
	"slices"
	"strings"

	"detour/alert"
	"detour/internal/scenario/named"
	"detour/route"
)

// judge holds what was told against what the view wants.
func (r *namedRun) judge() {
	v := r.job.view
	r.found = make([]*Told, len(v.Wants))
	may := append(slices.Clone(v.May), r.event.May...)
	for _, t := range r.outcome.Told {
		if t.First.Severity == alert.SeverityInfo {
			continue // a note
		}
		if t.Incident() {
			r.objects++
		}
		fits := slices.ContainsFunc(may, func(w named.Want) bool { return r.fits(&w, t) })
		for i := range v.Wants {
			if w := &v.Wants[i]; r.fits(w, t) {
				fits = true
				if r.found[i] == nil || r.complete(w, t) && !r.complete(w, r.found[i]) {
					r.found[i] = t
				}
			}
		}
		if !fits {
			r.extra = append(r.extra, t)
		}
	}
}

// fits reports whether an alert speaks of what is wanted.
func (r *namedRun) fits(w *named.Want, t *Told) bool {
	a := t.Last
	switch {
	case !slices.Contains(w.Kinds, string(a.Kind)), w.Scope != "" && w.Scope != string(a.Scope):
	case a.Suspect != w.Suspect, w.Origin != 0 && a.ExpectedOrigin != w.Origin:
	case w.Prefix != nil && a.Scope == alert.ScopePrefix && !w.Prefix.Contains(a.Prefix):
	default:
		return true
	}
	return false
}

// complete reports whether an alert that fits says all that is asked.
func (r *namedRun) complete(w *named.Want, t *Told) bool { return r.lacks(w, t) == "" }

// lacks says what an alert that fits does not say, "" if nothing.
func (r *namedRun) lacks(w *named.Want, t *Told) string {
	a := t.Last
	side := func(want []route.ASN, has func(*alert.Segment) route.ASN) bool {
		return len(want) == 0 || !t.Incident() || a.Segment != nil && slices.Contains(want, has(a.Segment))
	}
	switch {
	case !side(w.ExportedTo, func(s *alert.Segment) route.ASN { return s.ExportedTo }):
		return "not whom it was exported to"
	case !side(w.LearnedFrom, func(s *alert.Segment) route.ASN { return s.LearnedFrom }):
		return "not whom it was learned from"
	case 100*int(a.Counts.Prefixes) < w.Share*r.event.Prefixes:
		return fmt.Sprintf("%d of %d prefixes", a.Counts.Prefixes, r.event.Prefixes)
	case w.Tag != "" && !slices.ContainsFunc(a.Evidence, func(e alert.Evidence) bool { return e.Tag == w.Tag }):
		return "not what is " + w.Tag
	case a.Status != alert.StatusResolved:
		return "still firing at the end"
	case w.Within != 0 && t.First.Opened > r.outcome.FirstBad+w.Within:
		return fmt.Sprintf("after %.0f s", seconds(t.First.Opened-r.outcome.FirstBad))
	}
	return ""
}

// most is how many incidents a view may tell of.
func (r *namedRun) most() int {
	if n := r.job.view.Most; n > 0 {
		return n
	}
	return 2
}

// right reports whether all was said that must be, and nothing else.
func (r *namedRun) right() bool {
	for i := range r.found {
		if t := r.found[i]; t == nil || !r.complete(&r.job.view.Wants[i], t) {
			return false
		}
	}
	return len(r.extra) == 0 && r.outcome.Before == 0 && r.objects <= r.most()
}

// grade is how well the view was told, as cases are compared.
func (r *namedRun) grade() Grade {
	switch {
	case len(r.extra) > 0 && len(r.found) == 0:
		return False
	case len(r.found) == 0:
		return Silent
	case slices.Contains(r.found, nil):
		return Missed
	case r.right():
		return Right
	}
	return Adjacent
}

// hit is the first of what was wanted and said.
func (r *namedRun) hit() *Told {
	for _, t := range r.found {
		if t != nil {
			return t
		}
	}
	return nil
}

// reached says in words what was said, and what was not.
func (r *namedRun) reached() string {
	var words []string
	v := r.job.view
	for i, t := range r.found {
		w := &v.Wants[i]
		if t == nil {
			words = append(words, "missed: "+w.String())
			continue
		}
		text := wordsOf(t)
		if lack := r.lacks(w, t); lack != "" {
			text += ", but " + lack
		}
		words = append(words, text)
	}
	if len(r.found) == 0 {
		words = append(words, "missed (as stated: "+v.Cannot+")")
	}
	for _, t := range r.extra {
		words = append(words, "without cause: "+wordsOf(t))
	}
	if r.outcome.Before > 0 {
		words = append(words, fmt.Sprintf("%d incidents before it began", r.outcome.Before))
	}
	if r.objects > r.most() {
		words = append(words, fmt.Sprintf("%d incidents", r.objects))
	}
	return strings.Join(words, "; ")
}

// wordsOf names an alert.
func wordsOf(t *Told) string {
	a := t.Last
	text := string(a.Kind)
	switch {
	case a.Segment != nil:
		text += " " + segmentOf(a)
	case a.Suspect != 0:
		text += " by AS" + a.Suspect.String()
	case a.ExpectedOrigin != 0:
		text += " of AS" + a.ExpectedOrigin.String()
	}
	if a.Scope == alert.ScopePrefix {
		text += " on " + a.Prefix.String()
	}
	text += " (" + t.First.Rule + ")"
	if t.Reopened > 0 {
		text += fmt.Sprintf(", opened again %d times", t.Reopened)
	}
	return text
}
