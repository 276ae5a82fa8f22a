package firehose

import "time"

// Bursts of a schedule: updates arrive as a socket is read, a few at a time.
const (
	burstMin = 500 * time.Microsecond
	burstMax = 10 * time.Millisecond
)

// schedule says what is due when, whatever became of what was due before.
type schedule struct {
	rate, events float64 // a second
	burst        time.Duration
	steps        int
}

func newSchedule(rate, events float64, d time.Duration) schedule {
	burst := burstMax
	if rate > 0 {
		burst = min(max(time.Duration(float64(time.Second)/rate), burstMin), burstMax)
	}
	return schedule{rate, events, burst, int(d / burst)}
}

// at returns when a step is due after the start.
func (s schedule) at(step int) time.Duration { return time.Duration(step) * s.burst }

// elements returns how many are due by a step, and events how many events.
func (s schedule) elements(step int) int { return int(s.rate * s.at(step).Seconds()) }

func (s schedule) eventsBy(step int) int { return int(s.events * s.at(step).Seconds()) }
