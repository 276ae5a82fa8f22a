package latency

import (
	"testing"
	"time"
)

func TestPercentilesAreExactToThreeDigits(t *testing.T) {
	h := Fine()
	if l := h.Distribution(); l != (Distribution{}) {
		t.Errorf("empty: %+v", l)
	}
	for i := 1; i <= 10_000; i++ {
		h.Observe(time.Duration(i) * 10 * time.Microsecond)
	}
	l := h.Distribution()
	for name, tc := range map[string]struct{ got, want time.Duration }{
		"p50":   {l.P50, 50 * time.Millisecond},
		"p90":   {l.P90, 90 * time.Millisecond},
		"p99":   {l.P99, 99 * time.Millisecond},
		"p99.9": {l.P999, 99_900 * time.Microsecond},
		"max":   {l.Max, 100 * time.Millisecond},
	} {
		if off := (tc.got - tc.want).Abs(); off > tc.want/500 {
			t.Errorf("%s is %v, want %v", name, tc.got, tc.want)
		}
	}
	if l.Count != 10_000 {
		t.Errorf("count %d", l.Count)
	}
}

const (
	least = time.Microsecond
	most  = time.Hour
)

func TestWhatLiesOutsideCountsAsTheLimit(t *testing.T) {
	h := Fine()
	h.Observe(-time.Second)
	h.Observe(2 * time.Hour)
	l := h.Distribution()
	if l.Count != 2 || l.P50 > 2*least || l.Max < most-most/500 || l.Max > most+most/500 {
		t.Errorf("%+v", l)
	}
}
