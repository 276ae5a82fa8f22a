package stream

import "time"

// How long one request to JetStream's API may take. While a stream has no leader
// nobody answers, so that a short wait finds the new one soon; a server that is
// merely slow is given more each time.
const (
	patienceMin = 250 * time.Millisecond
	patienceMax = 2 * time.Second
)

// patience is the time that the next request may take.
type patience struct{ lost uint }

func (p *patience) wait() time.Duration { return min(patienceMin<<min(p.lost, 8), patienceMax) }

// done takes note of how a request went.
func (p *patience) done(err error) {
	if p.lost++; err == nil {
		p.lost = 0
	}
}
