package bmp

import (
	"fmt"
	"time"

	"detour/bench/report"
	"detour/ingest/bmp/bmptest"
)

func section(o Options, r result) *report.Section {
	per := func(d time.Duration, n uint64) string {
		return fmt.Sprintf("%.2f", float64(d.Nanoseconds())/1e3/float64(n))
	}
	mib := func(n uint64) string { return fmt.Sprintf("%.0f", float64(n)/(1<<20)) }
	t := report.Table{Name: "load", Title: "What the listener takes", Columns: []string{
		"routers", "peers", "seconds", "updates", "updates/s", "CPU µs per update", "CPU µs per element", "CPU, cores",
		"memory before, MiB", "at most, MiB", "sender late, ms",
	}, Rows: [][]string{{
		fmt.Sprint(o.Routers), fmt.Sprint(o.Routers * o.Peers), fmt.Sprintf("%.0f", o.For.Seconds()),
		fmt.Sprint(r.sent.Updates), fmt.Sprintf("%.0f", float64(r.sent.Updates)/r.wall.Seconds()),
		per(r.cpu, r.sent.Updates), per(r.cpu, r.elements), fmt.Sprintf("%.2f", r.cpu.Seconds()/r.wall.Seconds()),
		mib(r.before), mib(r.most), fmt.Sprintf("%.0f", float64(r.sent.Late)/float64(time.Millisecond)),
	}}}
	return &report.Section{
		Name: "bmp", Title: "BMP from many routers", Command: "detour bench bmp",
		Notes: []string{
			fmt.Sprintf("Routers on loopback sockets, each with %d peers, send updates of %d prefixes, a path of five and a "+
				"community, in Route Monitoring messages. Every update of every peer was handed on, once and in order, else "+
				"there would be no figure.", o.Peers, bmptest.PrefixesEach),
			"Processor time is that of reading, framing, decoding and stamping, without the log. The sender has a thread of " +
				"its own, whose time is taken off; on loopback much of receiving is done by the sender.",
		},
		Tables: []report.Table{t},
	}
}
