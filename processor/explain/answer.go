package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"detour/alert"
	"detour/processor"
	"detour/processor/correlate"
)

// mostTold bounds how many suspects, origins or alerts the answer speaks of;
// the sections below it list all.
const mostTold = 3

// answer says in sentences why there was, or was not, an alert.
func (q *Inquiry) answer(r *PrefixReport, state *correlate.State) (say []string) {
	if len(r.Alerts) > 0 {
		say = append(say, r.alerted()...)
	} else {
		say = append(say, fmt.Sprintf("No alert speaks of %s.", r.Prefix))
		say = append(say, r.silence(q.history.total)...)
	}
	for _, id := range r.unstored {
		say = append(say, fmt.Sprintf("The private run took routes of it into incident %s, which the deployment has not "+
			"stored: it "+
			"was given other files, or knew more.", id))
	}
	say = append(say, r.around()...)
	say = append(say, q.lostWords()...)
	return append(say, r.caveats(state)...)
}

// alerted names the alerts on the prefix, its incidents first.
func (r *PrefixReport) alerted() (say []string) {
	list := slices.Clone(r.Alerts)
	slices.SortStableFunc(list, func(a, b *AlertBrief) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Opened, b.Opened))
	})
	for i, a := range list {
		switch {
		case i == 2*mostTold:
			return append(say, fmt.Sprintf("There are %d more; see below.", len(list)-i))
		case a.Scope == alert.ScopeIncident:
			say = append(say, fmt.Sprintf("It is part of incident %s (%s, rule %s, opened %s, %s): %s Why it opened: "+
				"detour explain incident %s, with the same flags.", a.ID, a.Kind, a.Rule, clock(a.Opened), a.ended(), a.Summary,
				a.ID))
		default:
			say = append(say, fmt.Sprintf("Alert %s on it (%s, opened %s, %s): %s",
				a.ID, a.Kind, clock(a.Opened), a.ended(), a.Summary))
		}
	}
	return say
}

func (a *AlertBrief) ended() string {
	if a.Status == alert.StatusFiring {
		return "still firing"
	}
	return fmt.Sprintf("resolved %s, %s", clock(a.Closed), a.Reason)
}

// silence says why nothing was said.
func (r *PrefixReport) silence(total int) (say []string) {
	changes, told, judged, grown := 0, 0, 0, 0
	var why []Reason
	for i := range r.History {
		c := &r.History[i]
		if c.Kind == processor.ChangeTable {
			continue
		}
		changes++
		switch {
		case !c.Fact:
		case c.Judged:
			told, judged = told+1, judged+1
		default:
			told++
			why = addReason(why, c)
		}
		if slices.Contains(c.Facts, "path-inflation") {
			grown++
		}
	}
	switch {
	case changes == 0 && total > 0:
		return append(say, "Nothing about it has changed in what was read: a table told of it, and that was all.")
	case told == 0:
		say = append(say, r.swapWords()...)
		return append(say, fmt.Sprintf("None of its %s held a fact: the networks on its paths are normal for it, no "+
			"path is two "+
			"networks longer or shorter than normal, and its origin is an expected one. There was nothing to judge.",
			count(changes, "change", "changes")))
	}
	say = append(say, fmt.Sprintf("Of its %s %d held a fact, and %d of those were judged.",
		count(changes, "change", "changes"), told, judged))
	for _, w := range why {
		say = append(say, fmt.Sprintf("Not judged, %s: %s.", times(w.N), w.Why))
	}
	say = append(say, r.swapWords()...)
	say = append(say, r.elsewhereWords()...)
	say = append(say, r.claimWords()...)
	say = append(say, r.suspectWords()...)
	if grown > 0 && !r.Known.Watched {
		say = append(say, fmt.Sprintf("Its path grew by two networks or more, %s. That makes a flag, and an alert only "+
			"for a "+
			"watched prefix.", times(grown)))
	}
	return append(say, r.watchWords()...)
}

// addReason counts c's reason; times of day in it would keep reasons apart, so
// that what follows the first comma is left out.
func addReason(list []Reason, c *Change) []Reason {
	why, _, _ := strings.Cut(c.Why, ", since ")
	for i := range list {
		if list[i].Why == why {
			list[i].N++
			list[i].Last = c.At
			return list
		}
	}
	return append(list, Reason{Why: why, N: 1, Last: c.At})
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
