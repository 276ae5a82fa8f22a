// Package prime measures how a detour that listens to RIS Live is told what was
// before: a whole table of many peers goes through the log into the state, while the
// live source goes on.
//
// It owns the made-up table and the process that is measured, and checks that every
// route of the table was applied: otherwise there is no figure. cmd/detour-bench calls
// it. Run returns when the process has ended.
package prime
