// Package jsonl writes flags and alerts to a file or standard output, one JSON
// object a line (JSON Lines).
//
// It owns the file and its buffer. It never changes bytes that come from the
// bus and never reads the clock; its caller decides when to flush. Commands
// call it. A Sink belongs to one goroutine.
package jsonl
