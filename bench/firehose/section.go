package firehose

import (
	"fmt"
	"slices"
	"time"

	"detour/bench/report"
	"detour/internal/latency"
)

// PerSecond returns the elements a second until all of them was judged.
func (r *Result) PerSecond() float64 { return float64(r.Elements) / r.Elapsed.Seconds() }

// micros is a time in microseconds for each element.
func (r *Result) micros(d time.Duration) float64 {
	return d.Seconds() * 1e6 / float64(max(r.Elements, 1))
}

func (s Spec) rateText() string {
	if s.Rate == 0 {
		return "full speed"
	}
	return fmt.Sprintf("%.0f/s", s.Rate)
}

func (p *programme) section() *report.Section {
	s := &report.Section{
		Name: "firehose", Title: "A whole detour under load", Command: "detour bench firehose", Notes: p.notes(),
	}
	if len(p.best) > 0 {
		s.Tables = append(s.Tables, p.bestTable())
	}
	if list := p.atRates(); len(list) > 0 {
		s.Tables = append(s.Tables, latencyTable(list), trafficTable(list))
	}
	if len(p.sweep) > 1 {
		s.Charts = append(s.Charts, p.latencyChart(), p.throughputChart())
	}
	if list := slices.Concat(p.fixed, p.best); len(list) > 0 && list[0].Stages != nil {
		s.Bars = append(s.Bars, stageBars(list))
	}
	if p.idle != nil {
		s.Figures = p.figures()
	}
	return s
}

// atRates returns the runs at a rate, each once: one of the fixed is in the sweep.
func (p *programme) atRates() []*Result {
	list := slices.Clone(p.fixed)
	for _, r := range p.sweep {
		if !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func msText(d time.Duration) string { return fmt.Sprintf("%.2f", ms(d)) }

func latencyCells(l latency.Distribution) []string {
	return []string{msText(l.P50), msText(l.P90), msText(l.P99), msText(l.P999), msText(l.Max)}
}

func (p *programme) bestTable() report.Table {
	t := report.Table{Name: "sustained", Title: "Full speed, held by back-pressure", Columns: []string{
		"log", "elements/s", "CPU µs per element", "of that servers apart", "elements", "seconds", "other programs, cores",
	}}
	for _, r := range p.best {
		t.Rows = append(t.Rows, []string{
			r.Spec.place(), fmt.Sprintf("%.0f", r.PerSecond()), fmt.Sprintf("%.2f", r.micros(r.CPU+r.Servers)),
			fmt.Sprintf("%.2f", r.micros(r.Servers)), fmt.Sprint(r.Elements), fmt.Sprintf("%.1f", r.Elapsed.Seconds()),
			r.strangers(),
		})
	}
	return t
}

// strangers is how many cores went to programs that are not the bench.
func (r *Result) strangers() string {
	return fmt.Sprintf("%.2f", r.Strangers.Seconds()/r.Elapsed.Seconds())
}

const latencyTitle = "Latency in milliseconds, from when an update was due"

func latencyTable(list []*Result) report.Table {
	t := report.Table{Name: "latency", Title: latencyTitle, Columns: []string{
		"log", "offered/s", "what", "count", "p50", "p90", "p99", "p99.9", "max", "other programs, cores",
	}}
	for _, r := range list {
		for _, l := range []struct {
			what string
			latency.Distribution
		}{
			{"flag at a subscriber", r.Flag}, {"alert at a consumer", r.Alert}, {"generator late", r.Late},
		} {
			if l.Count == 0 {
				continue
			}
			row := []string{r.Spec.place(), r.Spec.rateText(), l.what, fmt.Sprint(l.Count)}
			row = append(row, latencyCells(l.Distribution)...)
			t.Rows = append(t.Rows, append(row, r.strangers()))
		}
	}
	return t
}

func trafficTable(list []*Result) report.Table {
	t := report.Table{Name: "traffic", Title: "What moved", Columns: []string{
		"log", "offered/s", "elements/s", "CPU, cores", "servers apart, cores", "elements per frame", "frames/s",
		"evidence ranges/s", "flags/s", "labelled events", "alerts", "other incidents", "MB allocated/s", "forgotten early",
	}}
	for _, r := range list {
		s := r.Elapsed.Seconds()
		per := func(n uint64) string { return fmt.Sprintf("%.0f", float64(n)/s) }
		t.Rows = append(t.Rows, []string{
			r.Spec.place(), r.Spec.rateText(), per(r.Elements), fmt.Sprintf("%.2f", r.CPU.Seconds()/s),
			fmt.Sprintf("%.2f", r.Servers.Seconds()/s), fmt.Sprintf("%.1f", float64(r.Elements)/float64(max(r.Frames, 1))),
			per(r.Frames), per(r.Ranges), per(r.Flags), fmt.Sprint(r.Events), fmt.Sprint(r.Alert.Count),
			fmt.Sprint(r.Others), per(r.Alloc >> 20), fmt.Sprint(r.Forgot),
		})
	}
	return t
}

func (p *programme) latencyChart() report.Chart {
	c := report.Chart{
		Name: "latency-by-rate", Title: "Latency against offered rate, R1 file",
		X: "offered, elements/s", Y: "milliseconds", LogX: true, LogY: true,
	}
	for _, of := range []struct {
		name string
		get  func(*Result) time.Duration
	}{
		{"flag p50", func(r *Result) time.Duration { return r.Flag.P50 }},
		{"flag p99", func(r *Result) time.Duration { return r.Flag.P99 }},
		{"alert p50", func(r *Result) time.Duration { return r.Alert.P50 }},
		{"alert p99", func(r *Result) time.Duration { return r.Alert.P99 }},
	} {
		s := report.Series{Name: of.name}
		for _, r := range p.sweep {
			if d := of.get(r); d > 0 {
				s.Points = append(s.Points, report.Point{X: r.Spec.Rate, Y: ms(d)})
			}
		}
		c.Series = append(c.Series, s)
	}
	return c
}

func (p *programme) throughputChart() report.Chart {
	c := report.Chart{
		Name: "throughput-by-rate", Title: "Judged against offered rate, R1 file",
		X: "offered, elements/s", Y: "judged, elements/s", LogX: true, LogY: true,
	}
	s := report.Series{Name: "judged"}
	for _, r := range p.sweep {
		s.Points = append(s.Points, report.Point{X: r.Spec.Rate, Y: r.PerSecond()})
	}
	c.Series = append(c.Series, s)
	return c
}

// stageBars stacks the processor time of one element by stage. Samples say how it
// is shared out, the system how much it is.
func stageBars(list []*Result) report.Bars {
	b := report.Bars{Name: "cpu-by-stage", Title: "Processor time per route element, by stage", Y: "µs"}
	for _, name := range append(stageNames(), stageServers) {
		b.Parts = append(b.Parts, report.Part{Name: name})
	}
	for _, r := range list {
		b.Places = append(b.Places, r.Spec.place()+", "+r.Spec.rateText())
		var sampled time.Duration
		for _, st := range r.Stages {
			sampled += st.CPU
		}
		for i, st := range r.Stages {
			share := float64(st.CPU) / float64(max(sampled, 1))
			b.Parts[i].Values = append(b.Parts[i].Values, share*r.micros(r.CPU))
		}
		last := &b.Parts[len(b.Parts)-1]
		last.Values = append(last.Values, r.micros(r.Servers))
	}
	return b
}
