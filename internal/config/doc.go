// Package config is detour's one configuration file: its keys, their defaults,
// and how they are read, checked, shown and documented.
//
// It owns the syntax and what can be said of a value by itself. It must not open
// what the keys name, nor know what a role does with them. cmd/detour calls it. A
// Config is plain data: whoever loaded it may read it from any goroutine, and
// nobody changes it. Functions here start no goroutine and keep no state.
package config
