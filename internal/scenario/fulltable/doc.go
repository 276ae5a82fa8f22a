// Package fulltable tells stories over the full table of package topo: the leak
// of 2019-06-24 at its real size, and the ordinary churn of a quiet hour.
//
// It owns what the peers of such a table send from moment to moment, and labels
// the part that a detector should find. It must not know how anything is
// detected. The evaluation and the demo call it. A story is read-only once made
// and follows from its table, configuration and seed; each iteration over one
// keeps its own state, so several goroutines may iterate at once.
package fulltable
