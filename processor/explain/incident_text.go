package explain

import (
	"fmt"
	"io"
	"strings"

	"detour/alert"
	"detour/route"
)

// Write writes the report for people.
func (r *IncidentReport) Write(w io.Writer) error {
	p, a := &page{w: w}, r.Alert
	p.line("%s %s: %s", a.Scope, r.ID, a.Kind)
	p.line("")
	for _, s := range r.Answer {
		p.say("- ", s)
	}
	r.writeFacts(p)
	for i := range r.Openings {
		r.writeOpening(p, &r.Openings[i])
	}
	r.writeEvidence(p)
	r.writeTimeline(p)
	return p.err
}

func (r *IncidentReport) writeFacts(p *page) {
	a := r.Alert
	p.section("What it is")
	rows := [][]string{{"rule", a.Rule}, {"severity", fmt.Sprintf("%s, confidence %d of 10", a.Severity, a.Confidence)}}
	if a.Suspect != 0 {
		rows = append(rows, []string{"suspect", r.name(a.Suspect)})
	}
	if s := a.Segment; s != nil {
		text := fmt.Sprintf("%s took it from %s, which took it from %s",
			r.nameOr(s.ExportedTo), r.name(s.Leaker), r.nameOr(s.LearnedFrom))
		if a.LeakType != "" {
			text += fmt.Sprintf("; leak type %s (RFC 7908)", a.LeakType)
		}
		rows = append(rows, []string{"segment", text})
	}
	n := &a.Counts
	reach := fmt.Sprintf("%s (%d new parts of known ones) of %s, at %d of %s, %s",
		count(int(n.Prefixes), "prefix", "prefixes"), n.MoreSpecifics, count(int(n.Origins), "network", "networks"),
		n.Peers, count(int(n.PeersTotal), "full-feed peer", "full-feed peers"), count(int(n.Sessions), "session", "sessions"))
	if a.Scope == alert.ScopeIncident {
		reach += "; " + count(r.PrefixAlerts, "alert speaks of a prefix in it", "alerts speak of a prefix in it each")
	}
	rows = append(rows, []string{"reach", reach})
	if c := a.Carried; c != nil {
		text := fmt.Sprintf("%s at %s", count(int(c.Prefixes), "prefix", "prefixes"), count(int(c.Peers), "peer", "peers"))
		if len(c.ASNs) > 0 {
			text += ": " + asnText(c.ASNs)
		}
		rows = append(rows, []string{"still carried", text})
	}
	for i, o := range a.TopOrigins {
		head := ""
		if i == 0 {
			head = "hit most"
		}
		rows = append(rows, []string{head, fmt.Sprintf("%s, %s", r.name(o.ASN), count(int(o.Prefixes), "prefix",
			"prefixes"))})
	}
	rows = append(rows, []string{"coverage", string(a.Coverage.State) + reasons(a.Coverage.Reasons)})
	p.table(rows)
}

// maxShown bounds the lists of an opening.
const maxShown = 12

func (r *IncidentReport) writeOpening(p *page, o *Opening) {
	p.section("The opening at %s, by rule %s", clock(o.At), o.Rule)
	switch {
	case o.Leak != nil:
		p.say("  ", o.Leak.words())
	case o.Claim != nil:
		c := o.Claim
		p.say("  ", fmt.Sprintf("%s of %s, at %s; %d prefixes without a neighbour in common with the usual origin; %d "+
			"of %d facts "+
			"on new parts of known prefixes", count(c.Prefixes, "prefix", "prefixes"), count(c.Victims, "network", "networks"),
			count(c.Peers, "peer", "peers"), c.Unshared, c.MoreSpecifics, c.Facts))
	}
	var rows [][]string
	var failed []Rule
	for i := range o.Rules {
		rule := &o.Rules[i]
		if !rule.Holds {
			failed = append(failed, *rule)
			continue
		}
		for j := range rule.Checks {
			head := ""
			if j == 0 {
				head = rule.Rule
			}
			c := &rule.Checks[j]
			rows = append(rows, []string{head, c.What, c.margin()})
		}
	}
	p.table(rows)
	p.writeRules("  ", failed)
	if len(o.First) > 0 {
		p.section("Its first evidence")
		for i := range o.First {
			x := &o.First[i]
			p.line("  %s  %s  %s", clock(x.At), x.Prefix, peerText(x.Peer))
			p.line("      %s → %s", pathText(x.Before, nil), pathText(x.After, nil))
		}
	}
	if len(o.Settled) == 0 {
		return
	}
	p.section("Other suspects that it explains (%d)", len(o.Settled)+o.Unlisted)
	for i := range o.Settled {
		if i == maxShown {
			p.line("  and %d more", len(o.Settled)+o.Unlisted-maxShown)
			break
		}
		s := &o.Settled[i]
		would := "no rule held for it"
		if s.Would != "" {
			would = "rule " + s.Would + " held for it, too"
		}
		p.say("  ", fmt.Sprintf("%s: %s with contrast, %s, on the way to %d before; %s", r.name(s.ASN),
			count(s.Numbers.Contrast, "origin", "origins"), count(s.Numbers.Prefixes, "prefix", "prefixes"), s.Numbers.Base,
			would))
	}
}

func peerText(p alert.Peer) string {
	if p.ASN == 0 {
		return "peers in general"
	}
	return fmt.Sprintf("AS%d %s %s", p.ASN, p.Address, p.Collector)
}

func (r *IncidentReport) writeEvidence(p *page) {
	a := r.Alert
	if len(a.Evidence) > 0 {
		p.section("What speaks for it, and against")
		var rows [][]string
		for _, e := range a.Evidence {
			rows = append(rows, []string{fmt.Sprintf("%+d", e.Weight), e.Tag, e.Detail})
		}
		p.table(rows)
	}
	if len(a.Samples) == 0 {
		return
	}
	p.section("Routes before and after")
	for _, s := range a.Samples {
		p.line("  %s  %s", s.Prefix, peerText(s.Peer))
		p.line("      %s → %s", pathText(s.Before, nil), pathText(s.After, nil))
	}
}

func (r *IncidentReport) writeTimeline(p *page) {
	p.section("Messages (%d)", r.Messages)
	rows := [][]string{{"time", "revision", "status", "severity", "prefixes", "networks", "peers"}}
	for _, m := range r.Timeline {
		rows = append(rows, []string{
			clock(m.At), fmt.Sprint(m.Revision), string(m.Status), string(m.Severity), fmt.Sprint(m.Prefixes),
			fmt.Sprint(m.Origins), fmt.Sprintf("%d of %d", m.Peers, m.Of),
		})
	}
	p.table(rows)
}

func (r *IncidentReport) name(as route.ASN) string {
	if name := r.names(as); name != "" {
		return fmt.Sprintf("AS%d (%s)", as, name)
	}
	return fmt.Sprintf("AS%d", as)
}

func (r *IncidentReport) nameOr(as route.ASN) string {
	if as == 0 {
		return "somebody unknown"
	}
	return r.name(as)
}

// WriteList writes alerts in short, a line each.
func WriteList(w io.Writer, list []*AlertBrief, inIncidents int) error {
	p := &page{w: w}
	rows := [][]string{{"id", "kind", "suspect or prefix", "opened", "status", "prefixes", "messages"}}
	for _, a := range list {
		what := prefixText(a.Prefix)
		if a.Suspect != 0 {
			what = strings.TrimSpace("AS" + a.Suspect.String() + " " + what)
		}
		rows = append(rows, []string{
			a.ID, string(a.Kind), orNone(what, "-"), clock(a.Opened), a.ended(), fmt.Sprint(a.Prefixes), fmt.Sprint(a.Messages),
		})
	}
	if len(list) > 0 {
		p.table(rows)
	}
	p.line("%s; %s of a prefix in one of them.", count(len(list), "alert", "alerts"), count(inIncidents, "alert",
		"alerts"))
	return p.err
}
