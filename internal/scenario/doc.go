// Package scenario makes labelled events to lay over a background: leaks,
// hijacks and outages that a detector should find, and everyday events that it
// should not speak of.
//
// It owns the stories of the evaluation: what an event looks like at each peer,
// which part of it is bad, and what is expected to be said. An event is spliced
// from what the background shows: real ways to a network, real ways from it to
// the origins, real neighbours. A case follows from its background, its
// parameters and its seed alone. The package must not read files, know how
// anything is detected, or import ingest or processor; whoever runs the
// evaluation brings the recordings in and counts.
//
// What the cases do not show: the sizes are as asked, every listed peer takes a
// leaked route unless it would see a loop, there is one event at a time, and a
// network knows only the ways that the background shows. Figures from them are
// not figures of the Internet. Every fifth seed is held out (HeldOut).
//
// A Knowledge is read-only once made, so any number of goroutines may make cases
// from it at once; a Case belongs to whoever made it, its paths are shared.
package scenario
