// Package decode turns raw BGP messages and attribute blocks into
// route.Update values.
//
// It owns the reading of UPDATE bytes: RFC 4271, 4760, 6793, 7606, 7911, 8092,
// 8654, 8950 and 9234. It does no I/O, keeps no clock, knows no collector or
// peer and never guesses how wide an AS number is. The sources under ingest
// call it, each goroutine with a Decoder of its own; a Decoder must not be
// shared.
//
// What cannot be decoded is an error and leaves the Update empty: its routes
// are unknown and never become withdrawals. What RFC 7606 says to treat as a
// withdrawal does become one, with route.FlagTreatAsWithdraw.
package decode
