package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// printReport writes the closing table for people.
func printReport(out io.Writer, r *replayReport) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(what, format string, a ...any) {
		fmt.Fprintf(w, "%s\t%s\n", what, fmt.Sprintf(format, a...))
	}
	line("input", "%s updates, %s elements from %d peers", number(r.Updates), number(r.Elements.Sent), r.State.Peers)
	line("applied", "%s elements in %s frames (%s), %d holes, %d gaps",
		number(r.Elements.Applied), number(r.Frames.Applied), size(r.Frames.Bytes), r.Frames.Holes, r.Frames.Gaps)
	line("state", "%s IPv4 and %s IPv6 prefixes%s",
		number(r.State.IPv4), number(r.State.IPv6), degraded(r))
	line("evidence", "%s records, %s pairs and %s edges known",
		number(r.Evidence.Judged), number(uint64(r.Evidence.Pairs)), number(uint64(r.Evidence.Edges)))
	line("correlator", "%s", judgement(&r.Judge))
	line("flags", "%s%s%s", number(r.Flags.Told), kinds(r.Flags.ByKind), heldBack(r))
	line("incidents", "%s", scope(&r.Alerts.Incidents, "incident", "open"))
	for i, in := range r.Alerts.List {
		if i == incidentsPrinted {
			line("", "and %d more", len(r.Alerts.List)-i)
			break
		}
		line("", "%s, %s: %s", in.ID, in.Status, in.Summary)
	}
	line("prefixes", "%s%s", scope(&r.Alerts.Prefixes, "alert", "firing"), untold(r))
	for _, in := range r.Input {
		line("file", "%s: %s", in.Name, health(in))
	}
	for _, stage := range slices.Sorted(maps.Keys(r.Latency)) {
		if l := r.Latency[stage]; l.Count > 0 {
			line("latency", "%s: %s", strings.ReplaceAll(stage, "_", " "), percentiles(l))
		}
	}
	line("speed", "%s elements/s, %.0f ns of CPU per element, %.2f s of CPU in %.2f s",
		number(uint64(r.Rate)), r.PerElement, r.CPUSeconds, r.WallSeconds)
	w.Flush()
	fmt.Fprintf(out, "\n%s\n", sentence(r))
}

// sentence says in one line what was seen.
func sentence(r *replayReport) string {
	if r.Elements.Sent == 0 {
		return "Nothing was seen: the recordings hold no route that detour reads."
	}
	span := r.Last.Std().Sub(r.First.Std()).Round(time.Second)
	s := fmt.Sprintf("Seen: %v of routing from %s UTC, %s prefixes at %d peers; ",
		span, r.First.Std().Format("2006-01-02 15:04:05"), number(r.State.IPv4+r.State.IPv6), r.State.Peers)
	incidents, prefixes := total(r.Alerts.Incidents.ByKind), total(r.Alerts.Prefixes.ByKind)
	switch {
	case incidents > 0:
		return s + fmt.Sprintf("%s facts were flagged, they amount to %s, and %s told in %s.", number(r.Flags.Told),
			many(incidents, "incident"), were(r.Alerts.Networks, "network"), alertsOf(prefixes))
	case prefixes > 0:
		return s + fmt.Sprintf("%s facts were flagged, they amount to no incident, but to %s of watched prefixes.",
			number(r.Flags.Told), many(prefixes, "alert"))
	case r.Flags.Told > 0:
		return s + fmt.Sprintf("%s facts were flagged, they amount to no incident.", number(r.Flags.Told))
	default:
		return s + "nothing was out of the ordinary."
	}
}

// scope says how many alerts of a scope there were, and how many are left.
func scope(r *reportScope, what, left string) string {
	if r.Messages == 0 {
		return "no " + what
	}
	return fmt.Sprintf("%s%s, %s, %s %s at the end", many(total(r.ByKind), what), kinds(r.ByKind),
		many(r.Messages, "message"), number(r.Firing), left)
}

// incidentsPrinted bounds the incidents in the table.
const incidentsPrinted = 10

func degraded(r *replayReport) string {
	if r.State.Degraded {
		return "; a table was full, facts are missing"
	}
	return ""
}

func heldBack(r *replayReport) string {
	var s string
	if r.Flags.HeldBack > 0 {
		s += fmt.Sprintf(", %s held back by the rate bound", number(r.Flags.HeldBack))
	}
	if r.Flags.Lost > 0 {
		s += fmt.Sprintf(", %s LOST on the way to the listener", number(r.Flags.Lost))
	}
	return s
}

func health(in reportInput) string {
	s := number(in.Records) + " records, "
	switch {
	case in.Damaged:
		return s + "DAMAGED: " + strings.Join(in.Damage, "; ")
	case in.TreatAsWithdraw > 0:
		return s + fmt.Sprintf("whole, %s updates treated as withdrawals (RFC 7606)", number(in.TreatAsWithdraw))
	}
	return s + "whole"
}
