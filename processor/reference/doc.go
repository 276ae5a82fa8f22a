// Package reference holds what detour may be told about the world beside the
// routes: AS relationships, validated ROA payloads, names and organisations,
// short lists of special networks, and what a user watches.
//
// It owns the reading of these files and look-ups in them. It must not fetch
// anything, keep a clock or know NATS; each file is optional and only evidence,
// so that a nil value answers "unknown". The correlator asks it for every fact,
// commands load it. A value never changes once it is loaded, so any number of
// goroutines may read it.
package reference
