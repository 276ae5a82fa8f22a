package latency

import (
	"cmp"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Recorder gathers durations from 1 µs to an hour. The zero value is ready.
type Recorder struct {
	mu     sync.Mutex
	h      *hdrhistogram.Histogram
	digits int // significant; 0 is the default
}

const defaultDigits = 2

// Fine returns an empty Recorder with three significant digits, so that a tail is
// told and not guessed.
func Fine() *Recorder { return &Recorder{digits: 3} }

// Observe takes one duration. What lies outside the range counts as its limit.
func (r *Recorder) Observe(d time.Duration) {
	us := min(max(d.Microseconds(), 1), time.Hour.Microseconds())
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.h == nil {
		r.h = hdrhistogram.New(1, time.Hour.Microseconds(), cmp.Or(r.digits, defaultDigits))
	}
	r.h.RecordValue(us) //nolint:errcheck // us is within the range
}

// Reset forgets what was observed so far.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.h = nil
}

// Summary tells how a stage did, in microseconds.
type Summary struct {
	Count int64 `json:"count"`
	P50   int64 `json:"p50_us"`
	P99   int64 `json:"p99_us"`
	Max   int64 `json:"max_us"`
}

// Summary returns the percentiles so far.
func (r *Recorder) Summary() Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.h == nil {
		return Summary{}
	}
	return Summary{
		Count: r.h.TotalCount(), P50: r.h.ValueAtQuantile(50), P99: r.h.ValueAtQuantile(99), Max: r.h.Max(),
	}
}
