package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"detour/alert"
	"detour/processor"
	"detour/processor/correlate"
	"detour/route"
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
	say = append(say, r.around()...)
	if cut := q.cutWords(); cut != "" {
		say = append(say, cut)
	}
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
				"detour explain incident %s, with the same flags.", a.ID, a.Kind, a.Rule, clock(a.Opened), a.ended(), a.Summary, a.ID))
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
		if len(c.Hops) > 0 || c.Judged || c.told() {
			told++
		}
		if c.Judged {
			judged++
		} else if c.told() {
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
		return append(say, fmt.Sprintf("None of its %s held a fact: the networks on its paths are normal for it, no path is two "+
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
		say = append(say, fmt.Sprintf("Its path grew by two networks or more, %s. That makes a flag, and an alert only for a watched prefix.",
			times(grown)))
	}
	return append(say, r.watchWords()...)
}

// told reports whether the correlator heard of the change.
func (c *Change) told() bool {
	switch c.Kind {
	case processor.ChangeTable, processor.ChangeWithdrawn, processor.ChangeReset:
		return false
	}
	return !strings.HasPrefix(c.Why, "no fact")
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

// suspectWords says of the networks that were fresh on it why none of them
// opened an incident; those that came closest first.
func (r *PrefixReport) suspectWords() (say []string) {
	list := r.ranked()
	for i, s := range list {
		if i == mostTold {
			say = append(say, fmt.Sprintf("%s more were fresh on its paths; see below.", count(len(list)-i, "network", "networks")))
			break
		}
		say = append(say, r.suspectSentence(s))
	}
	return say
}

// ranked returns the networks that were fresh, those that came closest to a rule
// first.
func (r *PrefixReport) ranked() []*Suspect {
	list := make([]*Suspect, 0, len(r.Suspects))
	for i := range r.Suspects {
		list = append(list, &r.Suspects[i])
	}
	slices.SortStableFunc(list, func(a, b *Suspect) int {
		return cmp.Or(cmp.Compare(a.distance(), b.distance()), cmp.Compare(b.Contrast, a.Contrast))
	})
	return list
}

// distance is how much the closest rule was short of, much where the rules had
// no say or were never asked.
func (s *Suspect) distance() int {
	if s.Closest == nil {
		return 1_000_000
	}
	n := closest(s.Closest.Rules).Short
	if s.Closest.Skipped != "" {
		n += 100_000
	}
	if s.Contrast == 0 {
		n += 200_000
	}
	return n
}

func (r *PrefixReport) suspectSentence(s *Suspect) string {
	what := fmt.Sprintf("%s was new on the way to AS%d", r.name(s.ASN), s.Origin)
	if s.Unit == "edge" {
		what = fmt.Sprintf("AS%d reached AS%d through %s for the first time", s.Hop.ExportedTo, s.Origin, r.name(s.ASN))
	}
	what += fmt.Sprintf(" (first %s, at %s)", clock(s.First), count(len(s.Peers), "peer", "peers"))
	switch {
	case s.Settled && s.SettledBy != "":
		return what + ": that evidence was put down to incident " + s.SettledBy + "."
	case s.Settled:
		return what + ": that evidence was put down to a network that took another's place."
	case s.Closest == nil:
		return what + ": it brought nothing that had not been counted already, so the rules were not asked."
	}
	rule := closest(s.Closest.Rules)
	if rule.Holds && s.Closest.Skipped == "" {
		return what + fmt.Sprintf(", and rule %s held at %s.", rule.Rule, clock(s.Closest.At))
	}
	text := what + fmt.Sprintf(", but no rule held. Rule %s came closest, at %s; it lacks: %s",
		rule.Rule, clock(s.Closest.At), rule.lacks())
	if s.Closest.Skipped != "" {
		text += "; moreover " + s.Closest.Skipped
	}
	return text + "."
}

// swapWords says that moves between expected origins are no news.
func (r *PrefixReport) swapWords() []string {
	n := 0
	for i := range r.History {
		c := &r.History[i]
		a, b := len(c.Before), len(c.After)
		if a > 0 && b > 0 && c.Before[a-1] != c.After[b-1] && !slices.Contains(c.Facts, "origin-change") {
			n++
		}
	}
	if n == 0 || len(r.Known.Expected) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("It is expected from each of %s, so that %s from one of them to another %s no change of origin. An "+
		"origin is expected when a table told of it, when it was held for five minutes while nothing was known of the "+
		"prefix, or when it was in use six hours after its first sight.", asList(r.Known.Expected),
		count(n, "change", "changes"), map[bool]string{true: "was", false: "were"}[n == 1])}
}

// elsewhereWords says that what is new for the prefix is not new for its network.
func (r *PrefixReport) elsewhereWords() []string {
	n := 0
	var who []route.ASN
	for i := range r.History {
		c := &r.History[i]
		if !c.Judged || len(c.Hops) > 0 || slices.Contains(c.Facts, "origin-change") {
			continue
		}
		n++
		for _, asn := range c.New {
			who = insert(who, asn)
		}
	}
	switch {
	case n == 0:
		return nil
	case len(who) == 0:
		return []string{fmt.Sprintf("On %s nothing was fresh: every network on the path had been on the way to its origin for long.",
			count(n, "change", "changes"))}
	}
	names := asList(who[:min(len(who), 2*mostTold)])
	if len(who) > 2*mostTold {
		names += " and others"
	}
	return []string{fmt.Sprintf("On %s a network was new for the prefix (%s), but had been on the way to its origin for long, by "+
		"routes of other prefixes or peers: such a network is not news.", count(n, "change", "changes"), names)}
}

// claimWords says of the networks that announced it unexpectedly why that opened
// nothing.
func (r *PrefixReport) claimWords() (say []string) {
	for i := range r.Origins {
		c := &r.Origins[i]
		if i == mostTold {
			return append(say, fmt.Sprintf("%s more announced it; see below.", count(len(r.Origins)-i, "network", "networks")))
		}
		what := fmt.Sprintf("%s announced it, expected from %s, at %s", r.name(c.ASN), asList(c.Expected),
			count(len(c.Peers), "peer", "peers"))
		switch {
		case c.Closest != nil:
			rule := closest(c.Closest.Rules)
			what += fmt.Sprintf(", but no rule held. Rule %s came closest, at %s; it lacks: %s",
				rule.Rule, clock(c.Closest.At), rule.lacks())
		case len(c.Unjudged) > 0:
			what += ", which was not judged: " + c.Unjudged[0].Why
		}
		say = append(say, what+".")
	}
	return say
}

// watchWords says what the rule for watched prefixes made of it.
func (r *PrefixReport) watchWords() (say []string) {
	w := r.Watch
	if w == nil {
		if len(r.Suspects)+len(r.Origins) > 0 {
			say = append(say, "It is not watched. The rules for everybody ask for several prefixes; of one prefix alone only a watch file "+
				"(--watch) brings alerts.")
		}
		return say
	}
	text := fmt.Sprintf("It is watched: %d of its %s could count towards an alert", w.Qualified, count(w.Changes, "change", "changes"))
	switch {
	case w.Most != nil && w.Most.Incident != "":
		text += fmt.Sprintf("; AS%d leaked at that time, and its incident %s tells of it", w.Most.ASN, w.Most.Incident)
	case w.Most != nil:
		text += fmt.Sprintf("; at most %s agreed on one network (AS%d, %s), %d are needed",
			count(w.Most.Peers, "peer", "peers"), w.Most.ASN, clock(w.Most.At), w.Most.Need)
	}
	say = append(say, text+".")
	if l := r.Loss; l.Asked > 0 && l.Worst.Lost > 0 {
		say = append(say, fmt.Sprintf("At worst (%s) %d of the %s that had held it for an hour had withdrawn it; a loss needs %d %% "+
			"of at least %d, for %s.", clock(l.Worst.At), l.Worst.Lost, count(l.Worst.Held+l.Worst.Lost, "full-feed peer", "full-feed peers"),
			l.Percent, l.Peers, l.Dwell))
	}
	return say
}

// around speaks of alerts on parts of the prefix and on what covers it.
func (r *PrefixReport) around() []string {
	if len(r.Nearby) == 0 {
		return nil
	}
	parts, covers := 0, 0
	for _, a := range r.Nearby {
		if r.Prefix.Contains(a.Prefix) {
			parts++
		} else {
			covers++
		}
	}
	var of []string
	if parts > 0 {
		of = append(of, count(parts, "alert speaks", "alerts speak")+" of parts of it")
	}
	if covers > 0 {
		of = append(of, count(covers, "alert speaks", "alerts speak")+" of what covers it")
	}
	a := r.Nearby[0]
	return []string{fmt.Sprintf("%s, such as %s on %s: %s", strings.Join(of, " and "), a.ID, a.Prefix, a.Summary)}
}

// caveats says how far silence can be trusted.
func (r *PrefixReport) caveats(s *correlate.State) (say []string) {
	if !s.Mature {
		say = append(say, "The routes from before are not taken for known ("+r.Coverage.MatureWhy+"): a network counts as never "+
			"seen only if it was seen often in other roles, every ratio is ten, and origins are judged only where the RPKI or a watch file speaks.")
	}
	if !s.Origins {
		say = append(say, "Changes of origin were not judged at all, watched prefixes excepted: nobody has stated the end of a table (--rib does).")
	}
	if !s.NoiseReady {
		say = append(say, "No leak could be judged: what one network gathers in quiet times was not known before the first whole "+
			s.Config.Window.Std().Sub(route.Time(0).Std()).String()+" with news.")
	}
	if s.Coverage.State == alert.CoverageDegraded {
		say = append(say, "Coverage was degraded at the end: "+strings.Join(s.Coverage.Reasons, "; ")+".")
	}
	return say
}

// name returns an AS with its name where that is known.
func (r *PrefixReport) name(as route.ASN) string {
	if name := r.names(as); name != "" {
		return fmt.Sprintf("AS%d (%s)", as, name)
	}
	return fmt.Sprintf("AS%d", as)
}
