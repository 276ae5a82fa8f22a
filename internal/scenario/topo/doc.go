// Package topo is a model of the Internet for labelled stories: networks and
// their relationships, the paths that policy routing gives, and the full table
// that a collector's peers would send.
//
// It owns a Graph (read from relationships or made up from a seed), a Solver
// that finds every network's best path for one announcement under Gao–Rexford
// preferences, and a Table of a million prefixes over it. Relationships and
// prefixes of named networks stand in one file each and are by construction:
// chosen so that a story fits, not measured. It must not read files, tell
// stories (package scenario does), or know how anything is detected.
//
// Everything follows from configuration and seed. A Graph and a Table are
// read-only once made and serve any number of goroutines; a Solver and an
// iteration belong to one goroutine each.
package topo
