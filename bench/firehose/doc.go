// Package firehose drives a whole detour, from the publisher to the alerts, with
// more traffic than the Internet has, and tells how late flags and alerts come and
// where the processor time goes.
//
// It owns the traffic (made before the clock starts), the schedule, the ears that
// listen as any subscriber would, and the check that nothing was lost: a run that
// lost something gives an error and no figure. It must not know how anything is
// detected beyond its own labelled events. cmd/detour calls it. A world is
// read-only once made; each run has its own server and goroutines, which have ended
// when it returns.
package firehose
