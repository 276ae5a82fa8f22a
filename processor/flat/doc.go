// Package flat holds hash tables without pointers of their own, for state that
// is large and changes with every update.
//
// It owns the layout and nothing else; packages rib and correlate keep their
// state in it. A Table belongs to one goroutine.
package flat
