package latency

import "time"

// Distribution tells how a stage did, tail included.
type Distribution struct {
	Count                    int64
	P50, P90, P99, P999, Max time.Duration
}

// Distribution returns the percentiles so far; all are zero while there is
// nothing.
func (r *Recorder) Distribution() Distribution {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.h == nil {
		return Distribution{}
	}
	at := func(q float64) time.Duration { return time.Duration(r.h.ValueAtQuantile(q)) * time.Microsecond }
	return Distribution{
		Count: r.h.TotalCount(), P50: at(50), P90: at(90), P99: at(99), P999: at(99.9),
		Max: time.Duration(r.h.Max()) * time.Microsecond,
	}
}
