// Package servers runs a cluster of NATS servers on this machine, each in a process
// of its own, for as long as a bench needs it.
//
// It owns the processes, their folders and the way in which a server ends: when its
// standard input closes, so that none outlives a parent that was killed. It must
// not know what is stored. Benches call it; cmd/detour lets Serve take the place of
// the program in a child. A Cluster belongs to one goroutine; Close returns when
// every process has ended.
package servers
