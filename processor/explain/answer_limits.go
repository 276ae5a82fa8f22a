package explain

import (
	"fmt"
	"strings"

	"detour/alert"
	"detour/processor/correlate"
	"detour/route"
)

// watchWords says what the rule for watched prefixes made of it.
func (r *PrefixReport) watchWords() (say []string) {
	w := r.Watch
	if w == nil {
		if len(r.Suspects)+len(r.Origins) > 0 {
			say = append(say, "It is not watched. The rules for everybody ask for several prefixes; of one prefix alone "+
				"only a watch file "+
				"(--watch) brings alerts.")
		}
		return say
	}
	text := fmt.Sprintf("It is watched: %d of its %s could count towards an alert", w.Qualified, count(w.Changes,
		"change", "changes"))
	switch {
	case w.Most != nil && w.Most.Incident != "":
		text += fmt.Sprintf("; AS%d leaked at that time, and its incident %s tells of it", w.Most.ASN, w.Most.Incident)
	case w.Most != nil:
		text += fmt.Sprintf("; at most %s agreed on one network (AS%d, %s), %d are needed",
			count(w.Most.Peers, "peer", "peers"), w.Most.ASN, clock(w.Most.At), w.Most.Need)
	}
	say = append(say, text+".")
	if l := r.Loss; l.Asked > 0 && l.Worst.Lost > 0 {
		say = append(say, fmt.Sprintf("At worst (%s) %d of the %s that had held it for an hour had withdrawn it; a loss "+
			"needs %d %% "+
			"of at least %d, for %s.", clock(l.Worst.At), l.Worst.Lost, count(l.Worst.Held+l.Worst.Lost, "full-feed peer",
			"full-feed peers"),
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
		say = append(say, "The routes from before are not taken for known ("+r.Coverage.MatureWhy+"): a network counts "+
			"as never "+
			"seen only if it was seen often in other roles, every ratio is ten, and origins are judged only where the RPKI "+
			"or a watch file speaks.")
	}
	if !s.Origins {
		say = append(say, "Changes of origin were not judged at all, watched prefixes excepted: nobody has stated the "+
			"end of a table (--rib does).")
	}
	if !s.NoiseReady {
		say = append(say, "No leak could be judged: what one network gathers in quiet times was not known before the "+
			"first whole "+
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
