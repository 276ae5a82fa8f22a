// Package pause waits for a while that may be cut short.
//
// It owns nothing and keeps no state. Whoever has to wait between two attempts, or
// for a moment, calls it, from any goroutine.
package pause
