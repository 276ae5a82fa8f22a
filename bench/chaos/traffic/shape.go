package traffic

import (
	"time"

	"detour/alert"
	"detour/internal/scenario/fulltable"
	"detour/route"
)

// seed makes every traffic of a shape the same.
const seed = 1

// Start is the engine time of the first update.
var Start = route.TimeOf(time.Date(2019, 6, 24, 10, 30, 0, 0, time.UTC))

// Ingesters is how many there are.
const Ingesters = 2

// Shape is the size of a traffic. Its times are those of the clock on the wall;
// the recordings' run faster by Speed, because a leak is judged only after whole
// minutes of ordinary traffic.
type Shape struct {
	Speed    int
	Prefixes int
	Peers    int // of each ingester
	Rate     int // route elements a second of churn, of both together
	Length   time.Duration
	Every    time.Duration // between two labelled events
	LeakAt   time.Duration // after the start
	Leaked   int           // prefixes
}

// Events never come before this, so that a run is under way.
const firstEvent = time.Second

// engine returns how much engine time passes in a time.
func (s *Shape) engine(d time.Duration) route.Time {
	return route.Time(d/time.Microsecond) * route.Time(s.Speed)
}

// events returns how many fit.
func (s *Shape) events() int { return int((s.Length - firstEvent) / s.Every) }

// Traffic is what was made.
type Traffic struct {
	Shape    Shape
	Events   []Event
	Elements [Ingesters]int // of the recordings
	Files    [Ingesters]Files
	Watch    string // files of the outside knowledge
	ASRel    string
}

// Files are an ingester's recordings. History and then Table prime it.
type Files struct{ History, Table, Updates string }

// Event is a hijack of a watched prefix.
type Event struct {
	Hijacker route.ASN
	Victim   route.ASN
	Prefix   route.Prefix
	Due      time.Duration // after the start: when its last update comes
	Ingester int           // whose peers tell of it
}

// Segment returns the leak's.
func Segment() alert.Segment {
	return alert.Segment{
		ExportedTo: fulltable.Propagator, Leaker: fulltable.Leaker, LearnedFrom: fulltable.Source,
	}
}
