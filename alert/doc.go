// Package alert holds what detour tells the world: flags and alerts, and their
// one JSON form.
//
// It owns the field names, the words they may hold, the ids and the schema
// (schema.json); streams, files and webhooks carry the same bytes. It does no
// I/O, knows nothing of NATS, reads no clock and keeps no state. The shards
// write flags, the correlator writes alerts, sinks and commands read both; a
// value belongs to one goroutine at a time.
package alert
