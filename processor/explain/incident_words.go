package explain

import (
	"fmt"
	"strings"

	"detour/alert"
)

// untraced reports whether an Explainer notes nothing of a rule.
func untraced(rule string) bool {
	switch rule {
	case "watched-inflation", "watched-shortening", "watched-move", "prepend-change", "asn-migration":
		return true
	}
	return false
}

// words says in sentences what the alert is, why it opened and how it ended.
func (r *IncidentReport) words() (say []string) {
	a := r.Alert
	say = append(say, a.Summary)
	if r.Asked != nil {
		say = append(say, fmt.Sprintf("You asked for alert %s, which tells of %s in it: %s", r.Asked.ID, r.Asked.Prefix,
			r.Asked.Summary))
	}
	switch r.Rerun {
	case "none":
		if untraced(a.Rule) {
			say = append(say, "Rule "+a.Rule+" looks at the routes of one watched prefix. Its tests are not noted; "+
				"samples and counts are what it saw.")
			break
		}
		say = append(say, "The private run did not open it: the deployment knew more than its log still holds, or was "+
			"given other "+
			"files. What follows is what it has stored.")
	case "other":
		say = append(say, fmt.Sprintf("The private run opened it at %s as %s, since the log no longer holds all that "+
			"the deployment "+
			"knew, or other files were given. The tests below are that run's.", clock(r.Openings[0].At), r.Openings[0].ID))
	}
	for i := range r.Openings {
		o := &r.Openings[i]
		again := ""
		if o.Again {
			again = " again"
		}
		text := fmt.Sprintf("It opened%s at %s by rule %s", again, clock(o.At), o.Rule)
		if n := len(o.First); n > 0 {
			text += fmt.Sprintf(", %s after its first evidence", o.At.Std().Sub(o.First[0].At.Std()).String())
		}
		say = append(say, text+".", o.prevention())
		if o.Closed != 0 {
			say = append(say, o.ending())
		}
	}
	if a.Status == alert.StatusFiring {
		say = append(say, "It still fires.")
	}
	return say
}

// prevention says what would have had to be different for it not to open.
func (o *Opening) prevention() string {
	var holding []*Rule
	for i := range o.Rules {
		if o.Rules[i].Holds {
			holding = append(holding, &o.Rules[i])
		}
	}
	if len(holding) == 0 {
		return "Which tests held is not known."
	}
	first := holding[0]
	for _, r := range holding {
		if r.Rule == o.Rule {
			first = r
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "The narrowest of the tests that held: rule %s would have failed %s.", first.Rule,
		first.narrowest().without())
	for _, r := range holding {
		if r != first {
			fmt.Fprintf(&text, " But rule %s held, too; it would have failed %s.", r.Rule, r.narrowest().without())
		}
	}
	return text.String()
}

// ending says why it closed.
func (o *Opening) ending() string {
	why := map[alert.CloseReason]string{
		alert.CloseWithdrawn: "the bad routes were gone",
		alert.CloseStuck:     "only a few sessions still held bad routes, as zombies do",
		alert.CloseNormal:    "it had lasted so long that it counts as normal",
		alert.CloseExpired:   "most of its routes ended with their sessions, so that nobody can tell",
		alert.CloseRestored:  "what was lost was back",
		alert.CloseMigrated:  "a network had taken another's place",
	}[o.Why]
	return fmt.Sprintf("It closed at %s (%s): %s. Of %s at the worst, at %s, %d were left at %d; %d had been "+
		"replaced or withdrawn, "+
		"%d had ended with their session; the last new fact was of %s.", clock(o.Closed), o.Why, why,
		count(o.Peak, "route", "routes"), count(o.Sessions, "session", "sessions"), o.Left, o.LeftWith, o.Gone, o.Lost,
		clock(o.LastFact))
}
