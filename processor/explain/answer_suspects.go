package explain

import (
	"cmp"
	"fmt"
	"slices"

	"detour/route"
)

// suspectWords says of the networks that were fresh on it why none of them
// opened an incident; those that came closest first.
func (r *PrefixReport) suspectWords() (say []string) {
	list := r.ranked()
	for i, s := range list {
		if i == mostTold {
			say = append(say, fmt.Sprintf("%s more were fresh on its paths; see below.", count(len(list)-i, "network",
				"networks")))
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
	return []string{fmt.Sprintf("It is expected from each of %s, so that %s from one of them to another %s no change "+
		"of origin. An "+
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
		return []string{fmt.Sprintf("On %s nothing was fresh: every network on the path had been on the way to its "+
			"origin for long.",
			count(n, "change", "changes"))}
	}
	names := asList(who[:min(len(who), 2*mostTold)])
	if len(who) > 2*mostTold {
		names += " and others"
	}
	return []string{fmt.Sprintf("On %s a network was new for the prefix (%s), but had been on the way to its origin "+
		"for long, by "+
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
