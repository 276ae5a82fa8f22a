// Package named retells incidents that happened, over a made-up Internet that
// has the networks of the incident in their places.
//
// It owns the definitions: what accounts of each incident state and where, what
// is by construction, which inputs a detector is given (a table,
// relationships, RPKI data, watched prefixes), what it can know with them and
// must say, or why it cannot. A definition turns into the updates of one
// incident over a World. The package must not know how anything is detected;
// the evaluation runs what it gives and counts.
//
// Everything follows from the definition alone. Definitions and a World are
// read-only once made and serve any number of goroutines; an Event belongs to
// whoever made it, its paths are shared.
package named
