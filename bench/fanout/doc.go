// Package fanout tells alerts to many subscribers and measures how late they come
// and what a delivery costs.
//
// It owns its server, its connections and the check that every subscriber heard
// every alert, once and in order: otherwise there is no figure. Alerts are stored
// as the correlator stores them. cmd/detour calls it. Run returns when all of its
// goroutines have ended.
package fanout
