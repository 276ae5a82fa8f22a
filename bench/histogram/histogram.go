package histogram

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Range and resolution.
const (
	least  = time.Microsecond
	most   = 10 * time.Minute
	digits = 3
)

// Histogram gathers durations.
type Histogram struct {
	mu sync.Mutex
	h  *hdrhistogram.Histogram
}

// New returns an empty histogram.
func New() *Histogram {
	return &Histogram{h: hdrhistogram.New(int64(least), int64(most), digits)}
}

// Observe takes one duration; what lies outside the range counts as its limit.
func (h *Histogram) Observe(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.h.RecordValue(int64(min(max(d, least), most))) //nolint:errcheck // within the range
}

// Latency is a distribution.
type Latency struct {
	Count                    int64
	P50, P90, P99, P999, Max time.Duration
}

// Latency returns the percentiles so far; all are zero while there is nothing.
func (h *Histogram) Latency() Latency {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.h.TotalCount() == 0 {
		return Latency{}
	}
	at := func(q float64) time.Duration { return time.Duration(h.h.ValueAtQuantile(q)) }
	return Latency{
		Count: h.h.TotalCount(), P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: time.Duration(h.h.Max()),
	}
}
