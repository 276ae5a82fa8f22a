package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"detour/alert"
	"detour/internal/cputime"
	"detour/internal/latency"
	"detour/route"
)

// demoLatency is that of the leak's opening.
type demoLatency struct{ stored, applied, judged latency.Summary }

// report says at the end what there was.
func (d *demoRun) report() {
	d.screen.title("What detour made of it", "By construction and known beforehand: "+d.truth())
	for _, a := range d.incidents {
		d.reportIncident(a)
	}
	d.reportLatency()
	d.reportVictim()
	d.reportEffort()
	d.reportBusy()
}

func (d *demoRun) reportIncident(a *alert.Alert) {
	row := d.screen.row
	row("incident", "%s, %s, by rule %s, confidence %d of 10; %s%s", a.Kind, a.Severity, a.Rule, a.Confidence, a.Status,
		because(a.CloseReason))
	if s := a.Segment; s != nil {
		row("suspect", "%s, which learned the routes from %s and told them to %s",
			d.named(a.Suspect), d.named(s.LearnedFrom), d.named(s.ExportedTo))
	}
	c := a.Counts
	row("reach", "%s prefixes, %s of them new parts of known ones, of %s networks, at %d of %d peers",
		number(uint64(c.Prefixes)), number(uint64(c.MoreSpecifics)), number(uint64(c.Origins)), c.Peers, c.PeersTotal)
	updates, prefixes := d.source.badUntil(a.Opened, d.opened[a.ID])
	row("opened", "%.1f s after the first leaked route was heard, by the %s update that brought some, "+
		"with %d prefixes leaked",
		float64(a.Opened-d.source.began())/float64(route.Second), ordinal(updates), prefixes)
	row("told", "%d messages of the incident; %s of its prefixes to %s networks, each on a subject of its own",
		d.messages, number(d.prefixes), number(uint64(len(d.networks))))
}

// began returns when the first bad route was heard.
func (s *demoSource) began() route.Time {
	if len(s.bad) == 0 {
		return s.world.facts.Start
	}
	return s.bad[0].at
}

func ordinal(n uint64) string {
	end := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return number(n) + end
}

func because(r alert.CloseReason) string {
	if r == "" {
		return ""
	}
	return ", " + string(r)
}

// badUntil returns how many bad updates there were up to a moment, and of how
// many prefixes: of at least so many, for shards do not wait for each other.
func (s *demoSource) badUntil(t route.Time, least int) (updates uint64, prefixes int) {
	seen := map[route.Prefix]struct{}{}
	for _, b := range s.bad {
		if b.at > t && len(seen) >= least {
			break
		}
		updates = b.update
		seen[b.prefix] = struct{}{}
	}
	return updates, len(seen)
}

// demoStage is the width of what is measured, in tables.
const demoStage = 44

func (d *demoRun) reportLatency() {
	row := func(left, what, p50, p99, most string) {
		d.screen.row(left, "%-*s%8s%8s%8s", demoStage, what, p50, p99, most)
	}
	ms := func(us int64) string { return fmt.Sprintf("%.1f", float64(us)/1e3) }
	stage := func(what string, s latency.Summary) { row("", what, ms(s.P50), ms(s.P99), ms(s.Max)) }
	l, told := d.latency, d.pipe.stages.told.Summary()
	row("latency", fmt.Sprintf("ms, as the leak opened at %d times its speed", demoSlow), "p50", "p99", "max")
	stage("frame sent → stored by JetStream", l.stored)
	stage("first update read → frame applied", l.applied)
	stage("evidence read → judged, its alerts stored", l.judged)
	if told.Count > 0 {
		row("", "deciding update read → incident stored", ms(told.P50), "", "")
	}
}

// demoShown is the prefix of the story that accounts of the day name.
var demoShown = route.MustPrefix("104.20.0.0/21")

func (d *demoRun) reportVictim() {
	v := d.victim
	others := "none of somebody else's"
	if v.foreign > 0 {
		others = number(v.foreign) + " of somebody else's"
	}
	d.screen.row("AS"+v.asn.String(), "was told of %s prefixes of its own in %s messages on %s, %s, "+
		"and %d still fire. Two of them:",
		number(uint64(len(v.first))), number(v.messages), v.subject, others, len(v.firing))
	for _, a := range v.samples() {
		s := a.Samples[0]
		note := ""
		if a.Counts.MoreSpecifics > 0 {
			note = " (of what it is a part of)"
		}
		d.screen.row("", "%v at %s", a.Prefix, d.named(s.Peer.ASN))
		d.screen.row("", "   before  %s%s", pathText(s.Before), note)
		d.screen.row("", "   after   %s", pathText(s.After))
	}
}

// samples returns the prefix that is known by name, and the first of those that
// were there before.
func (v *demoVictim) samples() (list []alert.Alert) {
	first := slices.SortedFunc(maps.Values(v.first), func(a, b alert.Alert) int {
		switch {
		case a.Prefix == b.Prefix:
			return 0
		case a.Prefix == demoShown:
			return -1
		case b.Prefix == demoShown:
			return 1
		}
		return cmp.Or(cmp.Compare(a.Counts.MoreSpecifics, b.Counts.MoreSpecifics), cmp.Compare(a.Prefix.Hi, b.Prefix.Hi))
	})
	for _, a := range first {
		if len(a.Samples) > 0 && len(list) < 2 {
			list = append(list, a)
		}
	}
	return list
}

func pathText(p alert.Path) string {
	text := make([]string, len(p))
	for i, a := range p {
		text[i] = a.String()
	}
	return strings.Join(text, " ")
}

// reportEffort says what the demo took.
func (d *demoRun) reportEffort() {
	row := func(left, what string, wall, cpu, memory string) {
		d.screen.row(left, "%-*s%8s%8s%8s", demoStage, what, wall, cpu, memory)
	}
	sec := func(t time.Duration) string { return fmt.Sprintf("%.1f", t.Seconds()) }
	mb := func(n uint64) string { return fmt.Sprintf("%.0f", float64(n)/1e6) }
	row("effort", "seconds, seconds of CPU, MB at most", "wall", "CPU", "memory")
	for _, l := range d.laps {
		row("", l.name, sec(l.wall), sec(l.cpu), mb(l.memory))
	}
	row("", "all", sec(time.Since(d.begin)), sec(cputime.Now()), mb(cputime.PeakMemory()))
}

// reportBusy says in one line what an hour like 2020-07-17 gave.
func (d *demoRun) reportBusy() {
	incidents := 0
	for _, a := range d.incidents {
		if a.Opened >= d.world.busy() {
			incidents++
		}
	}
	said := "nothing was said"
	if incidents > 0 || d.victim.last >= d.world.busy() {
		said = fmt.Sprintf("said without need: %s, and AS%v heard of it until %v",
			many(uint64(incidents), "incident"), demoBusy, d.victim.last.Std().Format("15:04"))
	}
	d.screen.row("2020-07-17", "an hour of quiet traffic with a busy AS%v, %s routes, %s of them its own: %s. "+
		"That day's fault was "+
		"inside AS%v, in its iBGP, and changed no path that others see: detour is blind to it, "+
		"and its silence proves nothing "+
		"(docs/explanation/ibgp.md).",
		demoBusy, number(d.source.Progress().Elements-d.sent), number(uint64(d.world.own.Load())), said, demoBusy)
}

// seconds keeps the figure and its unit in one line.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f\u00a0s", d.Seconds()) }
