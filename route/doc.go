// Package route holds the domain as plain values: AS numbers, prefixes, AS
// paths, peers and updates.
//
// It owns the words of DESIGN §2 and nothing else: no I/O, no broker, no
// third-party import. Every other package calls it. Its values carry no locks;
// whoever holds one owns it, and slices inside an Update belong to whoever
// filled it and are overwritten by the next fill.
package route
