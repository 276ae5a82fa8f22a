// Package flock keeps two processes from writing the same files.
//
// It owns nothing: a lock belongs to the open file, and ends with it or with the
// process. It must not wait; whoever wants to tries again. ingest/archive and the
// embedded server of cmd/detour call it, from any goroutine.
package flock
