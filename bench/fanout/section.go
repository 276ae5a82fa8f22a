package fanout

import (
	"fmt"
	"time"

	"detour/bench/report"
	"detour/internal/latency"
)

func (r *run) section() *report.Section {
	o := &r.o
	deliveries := float64(o.Alerts) * float64(o.Subscribers)
	t := report.Table{Name: "delivery", Title: "Latency in milliseconds, from when an alert was due", Columns: []string{
		"what", "count", "p50", "p90", "p99", "p99.9", "max",
	}}
	for _, l := range []struct {
		what string
		latency.Distribution
	}{{"alert at a subscriber", r.delay.Distribution()}, {"publisher late", r.late.Distribution()}} {
		row := []string{l.what, fmt.Sprint(l.Count)}
		for _, d := range []time.Duration{l.P50, l.P90, l.P99, l.P999, l.Max} {
			row = append(row, fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)))
		}
		t.Rows = append(t.Rows, row)
	}
	cost := report.Table{Name: "cost", Title: "Cost", Columns: []string{
		"subscribers", "connections", "alerts", "alerts/s", "deliveries/s", "CPU µs per delivery", "CPU, cores",
	}, Rows: [][]string{{
		fmt.Sprint(o.Subscribers), fmt.Sprint(o.Connections), fmt.Sprint(o.Alerts),
		fmt.Sprintf("%.1f", float64(o.Alerts)/r.wall.Seconds()), fmt.Sprintf("%.0f", deliveries/r.wall.Seconds()),
		fmt.Sprintf("%.1f", r.cpu.Seconds()*1e6/deliveries), fmt.Sprintf("%.2f", r.cpu.Seconds()/r.wall.Seconds()),
	}}}
	_, _, data := made(0, time.Unix(0, 0))
	return &report.Section{
		Name: "fanout", Title: "Alerts to many subscribers", Command: "detour bench fanout",
		Notes: []string{
			fmt.Sprintf("Alerts of %d bytes, stored on DETOUR_ALERTS as the correlator does, R1 file, to core "+
				"subscribers of all alerts over sockets on loopback. Every subscriber heard every alert once and in "+
				"order, else there would be no figure.", len(data)),
			"Processor time is that of server, publisher and all subscribers together: they share one process.",
		},
		Tables: []report.Table{t, cost},
	}
}
