package main

import (
	"detour/ingest/decode"
	"detour/ingest/live"
	"detour/internal/obs"
)

// emitLive tells of a source with sessions.
func emitLive(emit obs.Emit, ingester string, s *live.Stats) {
	for m, n := range map[obs.Metric]uint64{
		obs.IngestMessages:      s.Messages,
		obs.IngestReadBytes:     s.Bytes,
		obs.IngestConnects:      s.Connects,
		obs.IngestDisconnects:   s.Disconnects,
		obs.IngestStalls:        s.Stalls,
		obs.IngestTurnedAway:    s.Refused,
		obs.IngestSessionUps:    s.Ups,
		obs.IngestSessionDowns:  s.Downs,
		obs.IngestSessionResets: s.Resets,
		obs.IngestSourceGaps:    s.Gaps,
		obs.IngestEndsOfRIB:     s.EndsOfRIB,
		obs.IngestOwnAS:         s.OwnAS,
	} {
		emit(m, float64(n), ingester)
	}
	for reason, n := range s.Skipped {
		emit(obs.IngestSkipped, float64(n), ingester, reason)
	}
	for kind, n := range s.Kinds {
		emit(obs.IngestKinds, float64(n), ingester, kind)
	}
	for state, n := range map[string]int{"known": s.Sessions, "up": s.Up, "transferring": s.Transferring} {
		emit(obs.IngestSessions, float64(n), ingester, state)
	}
	if s.LastRead != 0 {
		emit(obs.IngestLastRead, unix(s.LastRead), ingester)
	}
	emitDecode(emit, ingester, &s.Decode)
}

// emitDecode tells what decoding UPDATE messages met.
func emitDecode(emit obs.Emit, ingester string, c *decode.Counters) {
	emit(obs.IngestDecoded, float64(c.Updates), ingester)
	emit(obs.IngestTreatAsWithdraw, float64(c.TreatAsWithdraw), ingester)
	emit(obs.IngestUndecodable, float64(c.Undecodable), ingester)
	for i := range decode.NumReasons {
		emit(obs.IngestDecodeErrors, float64(c.Reasons[i]), ingester, i.String())
	}
}
