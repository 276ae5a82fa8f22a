package main

import (
	"time"

	"detour/internal/obs"
	"detour/processor"
	"detour/processor/correlate"
	"detour/processor/rib"
	"detour/stream"
)

// judgeSource is the correlator as its metrics see it.
type judgeSource interface {
	Stats() processor.JudgeStats
	Place() (sequence, end uint64, open bool)
}

// judgeMetrics tells of the correlator; cfg is what it was made with.
func judgeMetrics(j judgeSource, cfg correlate.Config) obs.Source {
	limits, unit := cfg.Bounds(), stream.UnitName(stream.CorrelatorUnit)
	return func(emit obs.Emit) {
		s := j.Stats()
		sequence, end, open := j.Place()
		emitPlace(emit, unit, sequence, end, open)
		emit(obs.ReaderMessages, float64(s.Messages), unit)
		emit(obs.ReaderMissing, float64(s.Holes), unit)
		emitJudge(emit, &s)
		emitJudgeTables(emit, unit, &s.Correlate, &limits)
		emitFill(emit, unit, rib.Fill{Table: "alerts-waiting", Used: s.Waiting, Limit: processor.MaxTelling})
	}
}

func emitJudge(emit obs.Emit, s *processor.JudgeStats) {
	c := &s.Correlate
	for m, n := range map[obs.Metric]uint64{
		obs.JudgeRanges:         c.Ranges,
		obs.JudgeRangesBad:      s.BadRanges,
		obs.JudgeRecords:        c.Records,
		obs.JudgeRecordsSkipped: c.Skipped,
		obs.JudgeRecordsLate:    c.Late,
		obs.JudgeRecordsHurried: c.Hurried,
		obs.JudgeGroups:         c.Groups,
		obs.JudgeElements:       c.Elements,
		obs.JudgeGaps:           c.Gaps,
		obs.JudgeRestarts:       c.Restarts,
		obs.JudgeOpened:         c.Opened,
		obs.JudgeResolved:       c.Resolved,
		obs.JudgeHeldBack:       c.HeldBack,
		obs.JudgeNearMisses:     c.NearMisses,
		obs.JudgeFreshFacts:     c.FreshFacts,
		obs.JudgeMigrations:     c.Migrations,
		obs.JudgeIncidents:      uint64(c.Incidents),
		obs.JudgeFiring:         uint64(c.Open),
		obs.JudgeNoise:          uint64(c.Noise),
		obs.TellAlerts:          s.Alerts,
		obs.TellAlertsMuted:     s.Muted,
		obs.TellAlertsKnown:     s.Known,
	} {
		emit(m, float64(n))
	}
	for reason, n := range map[string]uint64{
		"heartbeat": c.Heartbeats, "duplicate": c.Duplicates, "future": c.Future, "stale": c.Stale,
	} {
		emit(obs.JudgeRangesSkipped, float64(n), reason)
	}
	emit(obs.JudgeMature, obs.Bool(c.Mature))
	emit(obs.JudgeBusy, time.Duration(s.Nanos).Seconds())
	if c.Watermark > 0 {
		emit(obs.JudgeWatermark, unix(c.Watermark))
	}
}

// emitJudgeTables tells how full the tables are, as far as that is counted, and
// what each of them refused.
func emitJudgeTables(emit obs.Emit, unit string, s *correlate.Stats, l *correlate.Limits) {
	for _, f := range []rib.Fill{
		{Table: "pending", Used: s.Pending, Limit: l.Pending},
		{Table: "sessions", Used: s.Sessions, Limit: l.Sessions},
		{Table: "paths", Used: s.Paths, Limit: l.Paths},
		{Table: "cases", Used: s.Cases, Limit: l.Cases},
		{Table: "firing", Used: s.Open, Limit: l.Firing},
		{Table: "ases", Used: s.ASNs, Limit: l.ASNs},
		{Table: "pairs", Used: s.Pairs, Limit: l.Pairs},
		{Table: "edges", Used: s.Edges, Limit: l.Edges},
		{Table: "triples", Used: s.Triples, Limit: l.Triples},
		{Table: "fresh", Used: s.Fresh, Limit: l.Fresh},
		{Table: "incidents", Used: s.Incidents, Limit: l.Incidents},
		{Table: "routes", Used: s.Routes, Limit: l.Routes},
	} {
		emitFill(emit, unit, f)
	}
	r := &s.Refused
	for table, n := range map[string]uint64{
		"ingesters": r.Ingesters, "sessions": r.Sessions, "paths": r.Paths, "ases": r.ASNs, "pairs": r.Pairs,
		"edges": r.Edges, "first-hops": r.FirstHops, "triples": r.Triples, "fresh": r.Fresh, "cases": r.Cases,
		"routes": r.Routes, "firing": r.Firing, "thirds": r.Thirds, "windows": r.Windows, "recent": r.Recent,
		"prefixes": r.Prefixes, "incidents": r.Incidents, "affected": r.Affected, "watched": r.Watched,
	} {
		emit(obs.TableRefused, float64(n), unit, table)
	}
}
