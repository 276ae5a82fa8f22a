package ingest

import "detour/route"

const (
	// maxStep is how far engine time follows one record without a second
	// opinion: recordings hold single records with absurd times.
	maxStep = 10 * route.Minute
	// agreeing is how many records in a row must lie beyond maxStep until
	// engine time believes them.
	agreeing = 100
)

// Clock gives engine time to a recording: the running maximum of record times
// (DESIGN §4.1). The zero value takes the first time that it sees.
type Clock struct {
	now    route.Time
	beyond int
}

// Stamp returns the engine time of a record with collector time t.
func (c *Clock) Stamp(t route.Time) route.Time {
	switch {
	case c.now == 0:
		c.now = t
	case t > c.now+maxStep:
		if c.beyond++; c.beyond >= agreeing {
			c.now, c.beyond = t, 0
		}
		return c.now
	case t > c.now:
		c.now = t
	}
	c.beyond = 0
	return c.now
}

// Now returns the last stamp.
func (c *Clock) Now() route.Time { return c.now }
