package firehose

import (
	"fmt"
	"slices"

	"detour/bench/report"
)

// figures are what was asked for. All are of R1 on files.
func (p *programme) figures() []report.Figure {
	best, fixed := p.best[0], p.fixed[0]
	command := "detour bench firehose"
	out := []report.Figure{{
		What: "Whole pipeline, R1 file, sustained", Unit: "M elements/s", Reached: best.PerSecond() / 1e6,
		Floor: 0.5, Aim: 1, Better: report.More, Command: command,
	}}
	for _, f := range []struct {
		what       string
		reached    float64
		floor, aim float64
	}{
		{"receive to alert p50", ms(fixed.Alert.P50), 4, 2.5},
		{"receive to alert p99", ms(fixed.Alert.P99), 12, 8},
		{"receive to flag p50", ms(fixed.Flag.P50), 3, 1.5},
		{"receive to flag p99", ms(fixed.Flag.P99), 8, 5},
	} {
		out = append(out, report.Figure{
			What: fmt.Sprintf("%s at %d elements/s, R1 file", f.what, fixedRate), Unit: "ms",
			Reached: f.reached, Floor: f.floor, Aim: f.aim, Better: report.Less, Command: command,
		})
	}
	return append(out, report.Figure{
		What: fmt.Sprintf("Idle: %d shards, %d elements/s", p.o.Shards, idleRate), Unit: "% of a core",
		Reached: 100 * p.idle.CPU.Seconds() / p.idle.Elapsed.Seconds(), Floor: 10, Aim: 3, Better: report.Less,
		Command: command,
	})
}

func (p *programme) notes() []string {
	o := &p.o
	notes := []string{
		fmt.Sprintf("A made-up table of %d prefixes at %d peers is in the state, and the churn of an hour was told, "+
			"before the clock starts; then %d elements of churn are sent again and again, made before and held in "+
			"memory. %d shards. Publisher, JetStream, shards, correlator and listeners are those of production, with "+
			"a connection each for ingester, processor and listeners.", o.Prefixes, o.Peers, p.w.churn.elements, o.Shards),
		"R1 runs in the server inside the process, R3 on three servers in processes of their own on loopback.",
		"At a rate the schedule is open: every update has a time at which it is due, in bursts of half a millisecond or " +
			"more, and latency counts from then, whatever held it up. How late the generator itself was stands beside. " +
			"At full speed the publisher's back-pressure holds the generator, and elements/s is over the time until " +
			"all was judged.",
		fmt.Sprintf("Labelled events, %.0f a second: a network that nobody knows announces a watched prefix at three "+
			"peers; the third decides (rule watched-origin). Each has its own network and prefix. The number of "+
			"alerts must be that of events. Ends are measured where a subscriber has the flag, and where a consumer "+
			"of DETOUR_ALERTS has the alert.", o.Events),
		"Afterwards the elements published, applied and judged must be the same number, frames stored and applied, flags " +
			"told and heard; holes, gaps, second copies and drops must be none. Otherwise there is no figure.",
		"Processor time by stage: samples of the runtime's profiler, a hundred a second, each given to the innermost " +
			"function on its stack that belongs to a stage (so memory and system calls count for who needs them), " +
			"scaled to the processor time of the process. Servers apart are in /proc/<pid>/stat.",
	}
	for _, r := range slices.Concat(p.fixed, p.best) {
		if r.Forgot > 0 {
			notes = append(notes, fmt.Sprintf("%s at %s: the correlator keeps 2^20 changed routes of the last two "+
				"minutes for incidents that open later; %d were forgotten early.", r.Spec.place(), r.Spec.rateText(), r.Forgot))
		}
	}
	return notes
}
