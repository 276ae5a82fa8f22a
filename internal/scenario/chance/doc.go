// Package chance draws what follows from numbers alone, so that whatever is made
// from a seed is the same for ever. It holds no state; anybody may call it, from
// any goroutine.
package chance
