// Package terminal shows flags and alerts to a person, one line each.
//
// It owns the wording and the colours. It never decides what is shown, keeps no
// history and does not know where the flags come from. Commands call it. A Sink
// belongs to one goroutine.
package terminal
