package latency

import (
	"testing"
	"time"
)

func TestSummaryTellsPercentiles(t *testing.T) {
	var r Recorder
	if s := r.Summary(); s != (Summary{}) {
		t.Fatalf("empty: %+v", s)
	}
	for range 98 {
		r.Observe(10 * time.Microsecond)
	}
	r.Observe(-time.Second) // a clock that went back counts as nothing
	r.Observe(100 * time.Hour)
	s := r.Summary()
	if s.Count != 100 || s.P50 != 10 || s.P99 != 10 || s.Max < time.Hour.Microseconds()*99/100 {
		t.Fatalf("summary %+v", s)
	}
	r.Reset()
	if s := r.Summary(); s != (Summary{}) {
		t.Fatalf("after a reset: %+v", s)
	}
	r.Observe(time.Second)
	if s := r.Summary(); s.Count != 1 || s.P50 < 990_000 {
		t.Fatalf("after a reset and an observation: %+v", s)
	}
}
