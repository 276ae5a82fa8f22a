// Package chaos starts a whole cluster of detour on this machine (three NATS
// servers, two ingesters, three processors and a sink, as processes of their own),
// gives it recordings of which everything is known, does something bad to one of
// them, and compares what was told with what is told when nothing happens.
//
// It owns the cases, what each must hold, and the processes. It must not know how
// anything is detected beyond its labelled events. cmd/detour-bench calls it. Cases
// run one after the other, each on a cluster of its own in a folder of its own,
// which are gone when it is over.
package chaos
