package main

import (
	"encoding/json"
	"fmt"

	"detour/alert"
	"detour/sink/terminal"
)

// shownSink shows alerts on a terminal, as detour replay does.
type shownSink struct {
	shown shownAlerts
	term  *terminal.Sink
}

// Write implements feed.Sink.
func (s *shownSink) Write(data []byte) error {
	var a alert.Alert
	if err := json.Unmarshal(data, &a); err != nil {
		return s.term.Note(0, fmt.Sprintf("an alert that cannot be read: %v", err))
	}
	if s.shown.of(&a) == showNothing {
		return nil
	}
	return s.term.Alert(&a)
}

// Flush implements feed.Sink.
func (s *shownSink) Flush() error { return nil }
