// Package live is what all live sources share: the desk at which the sessions of
// one ingester hand in what they receive, and the small things that keep a
// connection honest (waits between attempts, a watch on silence, reading ahead).
//
// It owns engine time (the receipt clock, never backwards), the numbers of updates,
// the lives of sessions and the log of what befell them. It must not know how a
// source gets its bytes. The sources under ingest call it, from as many goroutines
// as they like: sessions take turns at the desk, and each is served in the order in
// which it hands in.
package live
