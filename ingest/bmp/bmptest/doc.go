// Package bmptest builds BMP streams by hand and plays routers for tests and
// measurements. It knows the layouts of RFC 7854, 9069 and 4271 and nothing of the
// listener that is tested with them. Builders keep no state; a Load owns its
// goroutines and waits for them.
package bmptest
