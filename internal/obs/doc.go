// Package obs is how detour is watched: metrics, health, the admin listener and
// the logger.
//
// It owns the names and words of every metric (families*.go), the state of health
// and the HTTP server that tells both. It must not know any other package of
// detour: who has counters hands in a Source, which is asked at each scrape, so
// that no hot path ever looks up a label. It is called by cmd. Everything here may
// be used from several goroutines.
package obs
