package firehose

import (
	"errors"
	"fmt"
	"sync"

	"detour/route"
)

var errEvents = errors.New("no watched prefix is left for a labelled event")

// events keeps what is labelled: when the deciding update of each event was due,
// and when its alert came. The feeder begins them, the ear of alerts ends them.
type events struct {
	targets []target

	mu    sync.Mutex
	due   []route.Time // by event
	told  []bool
	heard int
	twice int // alerts beyond the first of an event
}

func newEvents(w *world) *events { return &events{targets: w.targets} }

// begin returns the target of the next event, nil when there is none left.
func (e *events) begin(due route.Time) *target {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(e.due)
	if n == len(e.targets) {
		return nil
	}
	e.due, e.told = append(e.due, due), append(e.told, false)
	return &e.targets[n]
}

// end takes note of the alert about a hijacker, and returns when its deciding
// update was due; false where it is none of ours, or not the first.
func (e *events) end(hijacker route.ASN) (due route.Time, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := int(hijacker) - firstHijacker
	if n < 0 || n >= len(e.due) {
		return 0, false
	}
	if e.told[n] {
		e.twice++
		return 0, false
	}
	e.told[n] = true
	e.heard++
	return e.due[n], true
}

// counts returns how many events began, and of how many an alert told.
func (e *events) counts() (begun, heard int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.due), e.heard
}

// check fails if an alert is missing or came twice.
func (e *events) check() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.heard != len(e.due) || e.twice > 0 {
		return fmt.Errorf("%d labelled events made %d alerts, and %d more", len(e.due), e.heard, e.twice)
	}
	return nil
}
