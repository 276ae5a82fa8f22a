// Package mrttest builds MRT recordings by hand for tests. It knows the layouts
// of RFC 6396, 8050 and 4271 and nothing of the reader that is tested with
// them. Its functions keep no state and panic on malformed prefixes.
package mrttest
