package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"detour/alert"
	"detour/internal/scenario"
)

// shardsPart holds that neither the number of shards nor the cut of frames and
// ranges changes what is said. That speed, NATS and restarts do not either is
// held by the tests of cmd/detour.
func shardsPart() part {
	return part{name: "shards", title: "The same alerts for any number of shards", run: (*suite).shards}
}

// cuts are the ways in which the same log is laid out.
func cuts() []Setup {
	return []Setup{
		{Shards: 1},
		{Shards: 1, FrameUpdates: 1},
		{Shards: 4, FrameUpdates: 7, RangeFrames: 3},
		{Shards: 8},
		{Shards: 8, FrameUpdates: 100, RangeFrames: 9},
	}
}

func (s *suite) shards(ctx context.Context) (*Part, error) {
	w, err := s.anyWorld(ctx)
	if err != nil {
		return nil, err
	}
	n := 12
	if s.Short {
		n = 3
	}
	var cases []*scenario.Case
	for seed := uint64(1); len(cases) < n && seed < uint64(4*n); seed++ {
		role := fourRoles()[seed%4]
		c, err := scenario.Leak(w.Know, scenario.LeakParams{
			Role: role, Prefixes: 300, Peers: 3, MoreSpecific: 0.5, Waves: 2, EndAfter: 30e6,
		}, seed)
		if err == nil {
			cases = append(cases, c)
		}
	}
	setups := cuts()
	logs, err := each(ctx, len(cases)*len(setups), func(ctx context.Context, i int) ([]byte, error) {
		return alertLog(ctx, w, setups[i%len(setups)], cases[i/len(setups)])
	})
	if err != nil {
		return nil, err
	}
	p := &Part{}
	same := true
	for i, c := range cases {
		first := logs[i*len(setups)]
		different := 0
		for _, l := range logs[i*len(setups)+1 : (i+1)*len(setups)] {
			if !bytes.Equal(l, first) {
				different++
			}
		}
		same = same && different == 0
		p.Rows = append(p.Rows, Row{Key: c.Name, Values: []Value{
			{Name: "messages", V: float64(bytes.Count(first, []byte("\n")))},
			{Name: "layouts", V: float64(len(setups))},
			{Name: "that differ", V: float64(different), Better: Less},
		}})
	}
	verdict := map[bool]string{true: "none differs", false: "some differ"}[same]
	p.must("Same alerts, byte for byte, for 1, 4 and 8 shards and any framing", "no difference",
		fmt.Sprintf("%d cases in %d layouts: %s", len(cases), len(setups), verdict), same && len(cases) > 0)
	return p, nil
}

// alertLog is everything that is said in a run, as JSON lines.
func alertLog(ctx context.Context, w *World, s Setup, c *scenario.Case) ([]byte, error) {
	var b bytes.Buffer
	var failed error
	s.Mature = true
	s.Tell = func(a *alert.Alert) {
		data, err := json.Marshal(a)
		if err != nil {
			failed = err
		}
		b.Write(append(data, '\n'))
	}
	if _, err := w.Run(ctx, s, c); err != nil {
		return nil, err
	}
	return b.Bytes(), failed
}
