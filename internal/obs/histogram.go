package obs

import (
	"sync/atomic"
	"time"
)

// buckets are the upper bounds of every Histogram: fine where detour usually is,
// coarse up to what an election in NATS or a restart takes.
var buckets = [...]time.Duration{
	250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second,
	10 * time.Second, 30 * time.Second, 60 * time.Second,
}

// Histogram counts durations by bucket. The zero value is ready; an observation
// is two atomic additions.
type Histogram struct {
	counts [len(buckets) + 1]atomic.Uint64 // not cumulative; the last is beyond all bounds
	sum    atomic.Int64
}

// Observe counts d. What clocks that disagree make negative counts as 0.
func (h *Histogram) Observe(d time.Duration) {
	d = max(d, 0)
	i := 0
	for i < len(buckets) && d > buckets[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// read returns what Prometheus wants: observations at or below each bound. The
// total is the sum of the buckets, so that both agree while others observe.
func (h *Histogram) read() (total uint64, sum float64, below map[float64]uint64) {
	below = make(map[float64]uint64, len(buckets))
	for i := range buckets {
		total += h.counts[i].Load()
		below[buckets[i].Seconds()] = total
	}
	total += h.counts[len(buckets)].Load()
	return total, time.Duration(h.sum.Load()).Seconds(), below
}
