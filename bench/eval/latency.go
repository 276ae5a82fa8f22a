package eval

import (
	"context"
	"fmt"
	"time"

	"detour/internal/scenario"
)

// latencyPart measures from the deciding update's arrival at the shard to the
// alert, in process and without transport: judged as live, one update to a
// frame and one frame to a range, one run at a time.
func latencyPart() part {
	return part{name: "latency", title: "From the deciding update to the alert, in process", run: (*suite).latency}
}

// decideWithin is what the 99th percentile must keep.
const decideWithin = 2 * time.Millisecond

// decideTimes is how often a case is run.
const decideTimes = 3

func (s *suite) latency(ctx context.Context) (*Part, error) {
	w, err := s.anyWorld(ctx)
	if err != nil {
		return nil, err
	}
	runs := 100
	if s.Short {
		runs = 12
	}
	var once, took, all []float64
	setup := Setup{
		Mature: true, Live: true, FrameUpdates: 1, RangeFrames: 1,
		Opening: func(d time.Duration) { once = append(once, float64(d)/float64(time.Microsecond)) },
	}
	made := 0
	for seed := uint64(1); made < runs && seed < uint64(4*runs); seed++ {
		c, err := scenario.Leak(w.Know, scenario.LeakParams{
			Role: fourRoles()[seed%4], Prefixes: 200, Peers: 3, MoreSpecific: 0.5,
		}, seed)
		if err != nil {
			continue
		}
		made++
		once = nil
		for range decideTimes {
			if _, err := w.Run(ctx, setup, c); err != nil {
				return nil, err
			}
		}
		if len(once) > 0 {
			took, all = append(took, percentile(once, 0.5)), append(all, once...)
		}
	}
	p := &Part{Notes: []string{"Applying the update, stating the facts, encoding and decoding frame and range, judging, " +
		"and making the alert. The journey through NATS comes on top. Each case is run three times and its median taken, " +
		"so that the rest of the machine counts less; the longest is of all runs."}}
	row := Row{Key: "leaks of 200 prefixes, " + w.Name, Values: []Value{
		{Name: "runs", V: float64(made)}, {Name: "openings", V: float64(len(took))},
	}}
	reached, ok := "no incident opened", false
	if len(took) > 0 {
		for _, q := range []struct {
			name string
			q    float64
		}{{"p50 µs", 0.5}, {"p99 µs", 0.99}} {
			row.Values = append(row.Values, Value{Name: q.name, V: percentile(took, q.q), Better: Less, Clock: true})
		}
		row.Values = append(row.Values, Value{Name: "longest µs", V: percentile(all, 1), Better: Less, Clock: true})
		p99 := percentile(took, 0.99)
		reached = fmt.Sprintf("%.2f ms in %d openings", p99/1000, len(took))
		ok = p99 <= float64(decideWithin/time.Microsecond)
	}
	p.Rows = append(p.Rows, row)
	p.must("Deciding update in → alert, in process, p99", "≤ 2 ms", reached, ok)
	return p, nil
}
