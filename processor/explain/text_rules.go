package explain

import (
	"fmt"
	"strings"

	"detour/route"
)

// writeRules writes what each rule said.
func (p *page) writeRules(indent string, rules []Rule) {
	width := 0
	for i := range rules {
		width = max(width, len(rules[i].Rule))
	}
	for i := range rules {
		r := &rules[i]
		mark := fmt.Sprintf("%s%-*s  ", indent, width, r.Rule)
		if r.Holds {
			p.say(mark, "holds")
			continue
		}
		p.say(mark, fmt.Sprintf("%d of %d tests fail: %s", r.Failed, len(r.Checks), r.lacks()))
	}
}

func (r *PrefixReport) writeSuspects(p *page, t Text) {
	if len(r.Suspects) == 0 {
		return
	}
	list := r.ranked()
	head := fmt.Sprintf("Networks that were fresh on its paths (%d", len(list))
	if t.Rows > 0 && 4*len(list) > t.Rows {
		list = list[:min(len(list), max(1, t.Rows/4))]
		head += fmt.Sprintf(", the %d that came closest to a rule shown", len(list))
	}
	p.section("%s)", head)
	for _, s := range list {
		r.writeSuspect(p, s)
	}
}

func (r *PrefixReport) writeSuspect(p *page, s *Suspect) {
	h := &s.Hop
	p.line("  %s", r.name(s.ASN))
	what := fmt.Sprintf("new on the way to AS%d", s.Origin)
	if s.Unit == "edge" {
		what = fmt.Sprintf("AS%d reaches AS%d through it for the first time", h.ExportedTo, s.Origin)
	}
	p.say("      ", fmt.Sprintf("%s: %s from %s to %s, at %s (%s); with contrast %d, against the known direction %d, "+
		"in valleys %d",
		what, count(s.Changes, "change", "changes"), clock(s.First), clock(s.Last), count(len(s.Peers), "peer", "peers"),
		asnText(s.Peers), s.Contrast, s.Flips, s.Valleys))
	p.say("      ", h.words())
	switch {
	case s.Settled && s.SettledBy != "":
		p.say("      ", "its evidence was put down to incident "+s.SettledBy+" at "+clock(s.SettledAt))
	case s.Settled:
		p.say("      ", "its evidence was put down to a network that took another's place, at "+clock(s.SettledAt))
	}
	e := s.Closest
	if e == nil {
		p.say("      ", "the rules were not asked: it brought nothing that had not been counted already")
		return
	}
	p.say("      ", fmt.Sprintf("closest of %s, %s: %s", count(s.Asked, "evaluation", "evaluations"), clock(e.At),
		e.Numbers.words()))
	if e.Skipped != "" {
		p.say("      ", "the rules had no say: "+e.Skipped)
	}
	p.writeRules("        ", e.Rules)
}

// words tells what is known of the neighbours of a network.
func (h *Hop) words() string {
	var parts []string
	if h.ExportedTo != 0 {
		parts = append(parts, fmt.Sprintf("exported to AS%d (AS%d → AS%d %s, to this origin %s)",
			h.ExportedTo, h.ExportedTo, h.ASN, h.Edge, h.Triple))
	}
	if h.LearnedFrom != 0 {
		parts = append(parts, fmt.Sprintf("learned from AS%d (AS%d → AS%d %s, AS%d → AS%d %s)",
			h.LearnedFrom, h.ASN, h.LearnedFrom, h.Uphill, h.LearnedFrom, h.ASN, h.Downhill))
	}
	if h.ExportedTo != 0 && h.LearnedFrom != 0 {
		parts = append(parts, fmt.Sprintf("all three in a row %s", h.Third))
	}
	parts = append(parts, fmt.Sprintf("on the way to the origin %s", h.Pair))
	return "at first: " + strings.Join(parts, "; ")
}

func (r *PrefixReport) writeOrigins(p *page) {
	if len(r.Origins) == 0 {
		return
	}
	p.section("Networks that announced it unexpectedly (%d)", len(r.Origins))
	for i := range r.Origins {
		c := &r.Origins[i]
		p.line("  %s", r.name(c.ASN))
		p.say("      ", fmt.Sprintf("expected from %s; %s from %s to %s, at %s (%s); RPKI %s; related %s, upstream shared %s",
			orNone(asList(c.Expected), "nobody"), count(c.Changes, "change", "changes"), clock(c.First), clock(c.Last),
			count(len(c.Peers), "peer", "peers"), asnText(c.Peers), c.RPKI, yes(c.Related), yes(c.Shared)))
		for _, u := range c.Unjudged {
			p.say("      ", fmt.Sprintf("not judged, %s: %s", times(u.N), u.Why))
		}
		if c.Incident != "" {
			p.say("      ", "in incident "+c.Incident)
		}
		if c.Closest == nil {
			continue
		}
		n := c.Closest.Numbers
		p.say("      ", fmt.Sprintf("closest of %s, %s: %s of %s, at %s; %d without a neighbour in common with the "+
			"usual origin; "+
			"%s with a route that the RPKI forbids", count(c.Asked, "evaluation", "evaluations"), clock(c.Closest.At),
			count(n.Prefixes, "prefix", "prefixes"), count(n.Victims, "network", "networks"), count(n.Peers, "peer", "peers"),
			n.Unshared, count(n.InvalidPeers, "peer", "peers")))
		p.writeRules("        ", c.Closest.Rules)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (r *PrefixReport) writeWatch(p *page) {
	w := r.Watch
	if w == nil {
		return
	}
	p.section("As a watched prefix, by rule watched-transit")
	rows := [][]string{{"changes", fmt.Sprintf("%d, of which %d could count towards an alert", w.Changes, w.Qualified)}}
	for _, u := range w.Not {
		rows = append(rows, []string{"  not " + times(u.N), u.Why})
	}
	rows = append(rows, []string{"peers that must agree", fmt.Sprint(w.Quorum)})
	if m := w.Most; m != nil {
		rows = append(rows, []string{"most that did", fmt.Sprintf("%d, on %s, at %s", m.Peers, r.name(m.ASN), clock(m.At))})
	}
	if l := r.Loss; l.Asked > 0 {
		rows = append(rows, []string{"visibility", fmt.Sprintf("at worst %d of %d lost (%s); a loss is %d %% of at "+
			"least %d, for %s",
			l.Worst.Lost, l.Worst.Held+l.Worst.Lost, clock(l.Worst.At), l.Percent, l.Peers, l.Dwell)})
	}
	p.table(rows)
}

func (r *PrefixReport) writeAlerts(p *page) {
	if len(r.Alerts)+len(r.Nearby) == 0 {
		return
	}
	p.section("Alerts on it (%d), and around it (%d)", len(r.Alerts), len(r.Nearby))
	const most = 20
	var rows [][]string
	for i, a := range append(append([]*AlertBrief{}, r.Alerts...), r.Nearby...) {
		if i == most {
			rows = append(rows, []string{fmt.Sprintf("and %d more", len(r.Alerts)+len(r.Nearby)-most)})
			break
		}
		what := prefixText(a.Prefix)
		if a.Suspect != 0 {
			what = strings.TrimSpace(what + " AS" + a.Suspect.String())
		}
		rows = append(rows, []string{a.ID, string(a.Scope), string(a.Kind), what, clock(a.Opened), a.ended()})
	}
	p.table(rows)
}

func (r *PrefixReport) writeCoverage(p *page) {
	c := &r.Coverage
	p.section("How far this can be trusted")
	rows := [][]string{
		{"routes from before", known(c.Mature) + ": " + c.MatureWhy},
		{"coverage", orNone(string(c.State)+reasons(c.Reasons), "-")},
		{"prefixes known", fmt.Sprintf("%d IPv4, %d IPv6", c.Known4, c.Known6)},
	}
	switch {
	case c.Origins && c.OriginsAt != 0:
		rows = append(rows, []string{"changes of origin", "judged from " + clock(c.OriginsAt) + " on"})
	case !c.Origins:
		rows = append(rows, []string{"changes of origin", "not judged: no end of a table was stated"})
	}
	if c.NoiseReady {
		rows = append(rows, []string{"noise", count(c.Noise, "origin", "origins") + " of one network in quiet times"})
	} else {
		rows = append(rows, []string{"noise", "not known: no leak could be judged"})
	}
	if c.Gaps > 0 {
		rows = append(rows, []string{"gaps", fmt.Sprintf("%d, the last at %s", c.Gaps, clock(c.LastGap))})
	}
	learning, down := 0, 0
	var last route.Time
	for _, s := range c.Sessions {
		if s.Learning {
			learning++
			last = max(last, s.Learned)
		}
		if !s.Up {
			down++
		}
	}
	text := fmt.Sprintf("%d", len(c.Sessions))
	if down > 0 {
		text += fmt.Sprintf(", %d down", down)
	}
	if learning > 0 {
		text += fmt.Sprintf(", %d still learning, until %s at the latest", learning, clock(last))
	}
	rows = append(rows, []string{"sessions", text})
	p.table(rows)
}

func known(b bool) string {
	if b {
		return "known"
	}
	return "not known"
}

func reasons(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return ": " + strings.Join(list, "; ")
}
