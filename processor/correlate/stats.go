package correlate

import "detour/route"

// Stats are totals since New and, below the line, present fills.
type Stats struct {
	Ranges     uint64 // taken
	Heartbeats uint64 // empty ranges at the mark: progress only
	Duplicates uint64 // ranges that were known already
	Future     uint64 // ranges beyond the mark, refused with ErrFuture
	Stale      uint64 // ranges of an older stream, refused with ErrStale
	Passed     uint64 // ranges that were passed without their records
	Restarts   uint64 // a shard's stream was created anew
	Records    uint64 // taken
	Skipped    uint64 // records below the mark
	Late       uint64 // Replay: records earlier than their shard had promised
	Hurried    uint64 // Live: records that waited for a slower shard, until there were too many
	Groups     uint64 // updates judged
	Elements   uint64 // route elements that the shards have applied, as they say
	Gaps       uint64 // times that updates of an ingester were lost
	Lost       uint64 // frames whose evidence was lost
	Distrusted uint64 // times that a peer came to be
	Repeats    uint64 // sessions that gave their table again without having said that they were reset
	Opened     uint64
	Resolved   uint64
	FreshFacts uint64 // changed routes with a pair or an edge that was fresh
	NearMisses uint64 // candidates that passed all tests of a rule but one, each half-window
	Migrations uint64 // new ASes that took the place of old ones
	HeldBack   uint64 // prefix alerts beyond Limits.Firing
	Refused    Refused

	Watermark                             route.Time // every shard has come this far
	Pending, Sessions, Paths, Cases, Open int
	ASNs, Pairs, Edges, Triples, Fresh    int
	Incidents, Routes, Noise, Transits    int
	Mature                                bool
}

// Refused counts what the Limits of the same name turned away.
type Refused struct {
	Ingesters, Sessions, Paths, ASNs, Pairs, Edges, FirstHops, Triples, Fresh, Cases, Routes, Firing,
	Thirds, Windows, Recent, Prefixes, Incidents, Affected, Watched, Shown uint64
}

// Degraded returns how often any limit refused anything.
func (r Refused) Degraded() uint64 {
	return r.Ingesters + r.Sessions + r.Paths + r.ASNs + r.Pairs + r.Edges + r.FirstHops + r.Triples + r.Fresh +
		r.Cases + r.Routes + r.Firing +
		r.Thirds + r.Windows + r.Recent + r.Prefixes + r.Incidents + r.Affected + r.Watched + r.Shown
}

// Stats returns the counters. It may be called between two calls of Range.
func (c *Correlator) Stats() Stats {
	s := c.stats
	s.Refused = *c.refused
	for i := range c.shards {
		s.Elements += c.shards[i].elements
	}
	s.Watermark, _ = c.watermark()
	s.Pending = c.merge.pending
	s.Sessions = len(c.sessions.list)
	s.Paths = c.paths.count()
	s.Cases = len(c.cases)
	s.Open = c.firing
	s.Incidents, s.Routes = c.incidents.open, c.routes.len()
	s.Noise, s.Transits, s.Mature = c.leaks.noise.value, c.known.transits, c.mature
	s.ASNs = len(c.known.as.numbers) - 1
	s.Pairs = c.known.npairs
	s.Edges = len(c.known.edges) - 1
	s.Triples = c.known.triples.Len()
	s.Fresh = c.known.fresh.at.Len()
	return s
}
