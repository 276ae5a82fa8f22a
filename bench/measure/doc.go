// Package measure holds what the benches share: how a process is run and what
// it cost, and how the results of several rounds are told.
//
// It owns no figure and must not know what is measured. The packages under bench
// call it. Process may be called from one goroutine at a time; the rest is
// values.
package measure
