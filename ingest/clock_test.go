package ingest

import (
	"testing"

	"detour/route"
)

func TestClockNeverRunsBackAndDoubtsLeaps(t *testing.T) {
	const s, hour = route.Second, route.Hour
	var c Clock
	for i, step := range []struct{ at, want route.Time }{
		{1000 * s, 1000 * s},
		{990 * s, 1000 * s},          // an old record does not turn time back
		{1600 * s, 1600 * s},         // ten minutes are followed
		{1600*s + hour, 1600 * s},    // a leap is not
		{1601 * s, 1601 * s},         // and is forgotten at the next sane record
		{1601*s + 2*hour, 1601 * s},  // one
		{1601*s + 99*hour, 1601 * s}, // two
	} {
		if got := c.Stamp(step.at); got != step.want {
			t.Fatalf("step %d: Stamp(%d) = %d, want %d", i, step.at, got, step.want)
		}
	}
	for i := 2; i < agreeing-1; i++ {
		if got := c.Stamp(1601*s + 2*hour); got != 1601*s {
			t.Fatalf("believed after %d records: %d", i+1, got)
		}
	}
	if got := c.Stamp(1601*s + 3*hour); got != 1601*s+3*hour {
		t.Fatalf("not believed after %d records: %d", agreeing, got)
	}
}
