package route

import "time"

// Time is a moment in microseconds since 1970-01-01 UTC. Zero means "not
// known". Engine time and collector time are both of this type; only engine
// time orders events (DESIGN §4.1).
type Time int64

// Second, Minute and Hour are lengths of Time.
const (
	Millisecond Time = 1e3
	Second      Time = 1e6
	Minute           = 60 * Second
	Hour             = 60 * Minute
)

// Std returns t as a time.Time in UTC.
func (t Time) Std() time.Time { return time.UnixMicro(int64(t)).UTC() }

// TimeOf returns the Time of t, cut to microseconds.
func TimeOf(t time.Time) Time { return Time(t.UnixMicro()) }
