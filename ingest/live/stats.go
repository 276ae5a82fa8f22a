package live

import (
	"maps"
	"time"

	"detour/ingest/decode"
	"detour/route"
)

// Counters only grow, but for LastRead.
type Counters struct {
	Messages, Bytes       uint64 // read, of the source's own kind
	Updates, Elements     uint64 // handed on, events included
	EndsOfRIB             uint64
	Connects, Disconnects uint64
	Stalls                uint64 // connections that were given up for their silence
	Refused               uint64 // connections and peers that were turned away
	Ups, Downs            uint64 // of BGP sessions
	Resets                uint64 // Ups of sessions that were up
	Gaps                  uint64
	OwnAS                 uint64            // paths that a router wrote as if it sent them
	Skipped               map[string]uint64 // messages that were not used, by reason
	LastRead              route.Time        // when anything was last read; 0 never
}

// Stats is how a source fares.
type Stats struct {
	Counters
	Decode       decode.Counters
	Sessions     int // known
	Up           int // of those that say so
	Transferring int // still sending their first table
	Events       []Event
	Kinds        map[string]uint64 // messages read, by kind, of sources that have such
}

// SessionStats is how one session fares.
type SessionStats struct {
	Peer         route.Peer
	Up           bool
	Transferring bool
	Since        route.Time // when it came up; 0 not seen
	Heard        route.Time
	Updates      uint64
	Elements     uint64
	Resets       uint64
}

// Stats may be called from any goroutine.
func (d *Desk) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Stats{Counters: d.counts, Decode: d.dec.Counters, Sessions: len(d.all), Events: d.events.last()}
	s.Skipped = maps.Clone(d.counts.Skipped)
	for _, se := range d.all {
		if se.up {
			s.Up++
		}
		if se.transfer.on() {
			s.Transferring++
		}
	}
	return s
}

// Sessions may be called from any goroutine.
func (d *Desk) Sessions() []SessionStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]SessionStats, len(d.all))
	for i, s := range d.all {
		list[i] = SessionStats{
			Peer: s.se.Peer, Up: s.up, Transferring: s.transfer.on(), Since: s.se.Start, Heard: s.lastAt,
			Updates: s.updates, Elements: s.elements, Resets: s.resets,
		}
	}
	return list
}

// Silence returns for how long nothing was read; 0 where nothing ever was.
func (s *Stats) Silence(now time.Time) time.Duration {
	if s.LastRead == 0 {
		return 0
	}
	return max(0, now.Sub(s.LastRead.Std()))
}

// LastEvent returns the last event, if there was any.
func (d *Desk) LastEvent() (Event, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.events.newest()
}
