package eval

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"detour/alert"
	"detour/ingest/replay"
	"detour/internal/scenario"
	"detour/route"
)

// incidentParts are recordings of things that happened.
func incidentParts() []part {
	return []part{
		{
			name: "telegram", title: "Telegram 2026-06-16: AS18101 originates prefixes of others",
			needs: []string{telegram, telegramLists}, run: (*suite).telegram,
		},
		{
			name: "peering", title: "PEERING 2022-04-14: a controlled hijack of one prefix",
			needs: []string{peering}, run: (*suite).peering,
		},
	}
}

const (
	telegramHijacker  = route.ASN(18101)
	telegramWatched   = "95.161.64.0/20"
	telegramPrefixes  = 5 // the incident may open with the 5th
	peeringPrefix     = "184.164.236.0/24"
	peeringOrigin     = route.ASN(47065)
	watchedWithin     = 2 * route.Second
	incidentLastShown = 6
)

func (s *suite) telegram(ctx context.Context) (*Part, error) {
	bg, err := Load(ctx, "telegram", replay.Config{Files: []string{s.file(telegram)}})
	if err != nil {
		return nil, err
	}
	bad := func(e *scenario.Element) bool {
		return len(e.Path) > 0 && e.Path[len(e.Path)-1] == telegramHijacker
	}
	if bg.Prime, err = telegramTable(s.file(telegramLists), bg); err != nil {
		return nil, err
	}
	p := &Part{Notes: []string{
		"Warm: a table of the prefixes that RIPEstat lists for the victims' ASes in the two weeks before.",
	}}
	o, err := s.recorded(ctx, bg, Setup{Mature: true}, bad)
	if err != nil {
		return nil, err
	}
	p.Rows = append(p.Rows, toldRow("warm", o, o.FirstBad))
	hijacks, other := pick(o, func(a *alert.Alert) bool {
		return a.Kind == alert.KindHijack || a.Kind == alert.KindSubprefixHijack
	})
	fifth := nthPrefix(bg, bad, telegramPrefixes)
	reached := fmt.Sprintf("%d hijack incidents, %d others", len(hijacks), len(other))
	ok := len(hijacks) == 1 && len(other) == 0
	if len(hijacks) > 0 {
		a := hijacks[0].First
		late := seconds(a.Opened - fifth)
		reached += fmt.Sprintf("; AS%v, %.1f s after the 5th prefix", a.Suspect, late)
		// In the second of the 5th prefix, or sooner.
		ok = ok && a.Suspect == telegramHijacker && a.Opened/route.Second <= fifth/route.Second
	}
	p.must("Telegram 2026, warm: one hijack incident, AS18101, in the second of the 5th prefix or sooner",
		"1, AS18101, ≤ 1 s", reached, ok)

	prefix := route.MustPrefix(telegramWatched)
	watch, err := WatchOf([]Watched{{Prefix: prefix, Origin: originOf(bg, prefix, bad)}})
	if err != nil {
		return nil, err
	}
	o, err = s.recorded(ctx, bg, Setup{Mature: true, Watch: watch}, bad)
	if err != nil {
		return nil, err
	}
	first := firstBad(bg, prefix, bad)
	p.Rows = append(p.Rows, toldRow("warm, "+telegramWatched+" watched", o, o.FirstBad))
	p.mustWatched("Telegram 2026, "+telegramWatched+" watched: an alert after its first bad announcement", o, prefix,
		first, watchedWithin)
	return p, nil
}

func (s *suite) peering(ctx context.Context) (*Part, error) {
	f, err := os.Open(s.file(peering))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	bg, err := ReadBGPStream(f, "peering")
	if err != nil {
		return nil, err
	}
	prefix := route.MustPrefix(peeringPrefix)
	watch, err := WatchOf([]Watched{{Prefix: prefix, Origin: peeringOrigin}})
	if err != nil {
		return nil, err
	}
	bad := func(e *scenario.Element) bool {
		return len(e.Path) > 0 && e.Path[len(e.Path)-1] != peeringOrigin
	}
	o, err := s.recorded(ctx, bg, Setup{Watch: watch}, bad)
	if err != nil {
		return nil, err
	}
	p := &Part{Notes: []string{"All announcements of the recording have origin AS61576 behind AS47065, whose prefix " +
		"it is and whom the watch file expects."}}
	p.Rows = append(p.Rows, toldRow("cold, "+peeringPrefix+" watched", o, o.FirstBad))
	p.mustWatched("PEERING 2022-04-14, prefix watched: an alert", o, prefix, o.FirstBad, 0)
	return p, nil
}

// recorded runs a recording of an incident. bad says which elements are it.
func (s *suite) recorded(
	ctx context.Context, bg *scenario.Background, setup Setup, bad func(*scenario.Element) bool,
) (*Outcome, error) {
	c := &scenario.Case{Name: bg.Name}
	table := slices.Clone(bg.Prime)
	for i := range table {
		table[i].At = bg.Updates[0].At
	}
	w := NewWorld(&scenario.Background{Name: bg.Name, Peers: bg.Peers, Prime: table}, 0, nil)
	for _, e := range bg.Updates {
		e.Bad = bad(&e)
		c.Elements = append(c.Elements, e)
	}
	o, err := w.Run(ctx, setup, c)
	if err != nil {
		return nil, err
	}
	if s.Verbose {
		for _, t := range o.Told {
			s.say("%s: %s %s %s AS%v by %s at %v: %s", bg.Name, t.First.Scope, t.First.Kind, t.First.Prefix, t.First.Suspect,
				t.First.Rule, t.First.Opened.Std(), t.First.Summary)
		}
	}
	return o, nil
}

// pick parts the incidents of an outcome, notes left out.
func pick(o *Outcome, is func(*alert.Alert) bool) (yes, no []*Told) {
	for _, t := range o.Told {
		switch {
		case !t.Incident() || t.First.Severity == alert.SeverityInfo:
		case is(t.First):
			yes = append(yes, t)
		default:
			no = append(no, t)
		}
	}
	return yes, no
}

// nthPrefix is when the n-th distinct bad prefix came, 0 if never.
func nthPrefix(bg *scenario.Background, bad func(*scenario.Element) bool, n int) route.Time {
	seen := map[route.Prefix]struct{}{}
	for i := range bg.Updates {
		e := &bg.Updates[i]
		if bad(e) {
			if seen[e.Prefix] = struct{}{}; len(seen) == n {
				return e.At
			}
		}
	}
	return 0
}

// firstBad is when a prefix was first bad, 0 if never.
func firstBad(bg *scenario.Background, p route.Prefix, bad func(*scenario.Element) bool) route.Time {
	for i := range bg.Updates {
		if e := &bg.Updates[i]; e.Prefix == p && bad(e) {
			return e.At
		}
	}
	return 0
}

// originOf is the first origin of a prefix that is not bad, 0 if there is none.
func originOf(bg *scenario.Background, p route.Prefix, bad func(*scenario.Element) bool) route.ASN {
	for i := range bg.Updates {
		if e := &bg.Updates[i]; e.Prefix == p && len(e.Path) > 0 && !bad(e) {
			return e.Path[len(e.Path)-1]
		}
	}
	return 0
}

// mustWatched asks for an alert of a watched prefix, within a time if it is not 0.
func (p *Part) mustWatched(name string, o *Outcome, prefix route.Prefix, first, within route.Time) {
	asked := "an alert"
	if within > 0 {
		asked = fmt.Sprintf("≤ %.0f s", seconds(within))
	}
	for _, t := range o.Told {
		a := t.First
		if a.Scope != alert.ScopePrefix || a.Prefix != prefix || a.Opened < first {
			continue
		}
		delay := a.Opened - first
		p.must(name, asked, fmt.Sprintf("%s after %.1f s", a.Kind, seconds(delay)), within == 0 || delay <= within)
		return
	}
	p.must(name, asked, "none", false)
}

// toldRow sums up what was said of one recording.
func toldRow(key string, o *Outcome, first route.Time) Row {
	var incidents, prefixes, messages int
	var words []string
	for _, t := range o.Told {
		if !t.Incident() {
			prefixes++
			continue
		}
		incidents++
		messages += t.Messages
		if len(words) < incidentLastShown {
			a := t.Last
			words = append(words, fmt.Sprintf("%s AS%v by %s, +%v, %d prefixes, %d origins, %d peers, %s", a.Kind, a.Suspect,
				t.First.Rule, (t.First.Opened-first).Std().Sub(time.UnixMicro(0)), a.Counts.Prefixes, a.Counts.Origins,
				a.Counts.Peers, a.Status))
		}
	}
	return Row{Key: key, Values: []Value{
		{Name: "incidents", V: float64(incidents)},
		{Name: "messages", V: float64(messages), Better: Less},
		{Name: "prefix alerts", V: float64(prefixes)},
		{Name: "incidents in words", Text: strings.Join(words, "; ")},
	}}
}
