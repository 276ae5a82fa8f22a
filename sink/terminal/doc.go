// Package terminal shows flags and alerts to a person, one line each.
//
// It owns the layout and the colours; the sentence about an alert is its summary.
// It never decides what is shown, and of what it has shown it remembers only
// whether an alert was firing, so that it can say "again". It does not know where
// flags and alerts come from. Commands call it. A Sink belongs to one goroutine.
package terminal
