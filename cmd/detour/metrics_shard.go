package main

import (
	"strconv"
	"sync/atomic"
	"time"

	"detour/internal/obs"
	"detour/processor"
	"detour/processor/rib"
	"detour/stream"
)

// shardMeter takes a shard's observations: it is what Config.Observe calls.
type shardMeter struct {
	since, apply *obs.Histogram
	age, at      atomic.Int64 // of the last frame: its age when applied, and when that was
}

func newShardMeter(r *obs.Registry, shard int) *shardMeter {
	label := strconv.Itoa(shard)
	return &shardMeter{
		since: r.Histogram(obs.ShardReceiveToApplied, label),
		apply: r.Histogram(obs.ShardApplyFrame, label),
	}
}

func (m *shardMeter) observe(since, apply time.Duration) {
	m.since.Observe(since)
	m.apply.Observe(apply)
	m.age.Store(int64(since))
	m.at.Store(time.Now().UnixNano())
}

// lag is how old the frame at hand is, by now: that of the last one, and the time
// since it was applied, in which the shard should have come further.
func (m *shardMeter) lag(now time.Time) time.Duration {
	at := m.at.Load()
	if at == 0 {
		return 0
	}
	return max(0, time.Duration(m.age.Load())+now.Sub(time.Unix(0, at)))
}

// shardSource is a shard as its metrics see it.
type shardSource interface {
	Stats() processor.ShardStats
	Place() (sequence, end uint64, open bool)
}

// shardMetrics tells of a shard.
func shardMetrics(shard int, s shardSource, m *shardMeter) obs.Source {
	return func(emit obs.Emit) {
		st, label, unit := s.Stats(), strconv.Itoa(shard), stream.UnitName(shard)
		sequence, end, open := s.Place()
		emitPlace(emit, unit, sequence, end, open)
		emitReader(emit, unit, st.Reader)
		emitShard(emit, label, &st)
		emitShardTables(emit, unit, &st)
		lag := time.Duration(0)
		if sequence < end {
			lag = m.lag(time.Now())
		}
		emit(obs.ShardLag, lag.Seconds(), label)
		for i := range st.Ingesters {
			in := &st.Ingesters[i]
			emit(obs.ShardFramesBad, float64(in.BadFrames), label, in.Name)
			emit(obs.ShardFramesRefused, float64(in.Refused), label, in.Name)
			emit(obs.ShardFramesSkipped, float64(in.Skipped), label, in.Name)
		}
	}
}

// emitPlace tells how far a unit has read, once it has found its stream.
func emitPlace(emit obs.Emit, unit string, sequence, end uint64, open bool) {
	if !open {
		return
	}
	emit(obs.ReaderPosition, float64(sequence), unit)
	emit(obs.ReaderEnd, float64(end), unit)
	emit(obs.ReaderLag, float64(end-min(sequence, end)), unit)
}

func emitReader(emit obs.Emit, unit string, s stream.ReaderStats) {
	for m, n := range map[obs.Metric]uint64{
		obs.ReaderMessages:   s.Messages,
		obs.ReaderBytes:      s.Bytes,
		obs.ReaderDuplicates: s.Duplicates,
		obs.ReaderHoles:      s.Holes,
		obs.ReaderMissing:    s.Missing,
		obs.ReaderOpens:      s.Opens,
		obs.ReaderLost:       s.Lost,
		obs.ReaderSilences:   s.Silences,
		obs.ReaderStalls:     s.Stalls,
		obs.ReaderFailures:   s.Failures,
	} {
		emit(m, float64(n), unit)
	}
}

func emitShard(emit obs.Emit, shard string, s *processor.ShardStats) {
	for m, n := range map[obs.Metric]uint64{
		obs.ShardFrames:             s.Frames,
		obs.ShardFramesCopies:       s.Copies,
		obs.ShardFramesBehind:       s.Behind,
		obs.ShardFramesAhead:        s.AheadFrames,
		obs.ShardFramesHeavy:        s.HeavyFrames,
		obs.ShardFramesKept:         s.Quarantined,
		obs.ShardUpdates:            s.Updates,
		obs.ShardUpdatesUnknownPeer: s.UnknownPeer,
		obs.ShardElements:           s.Elements,
		obs.ShardElementsCover:      s.Replicas,
		obs.ShardGaps:               s.Gaps,
		obs.ShardPeers:              uint64(s.Peers),
		obs.ShardRecords:            s.Records,
		obs.ShardRecordsRefused:     s.RecordsRefused,
		obs.ShardPathsCut:           s.RIB.PathsCut,
		obs.ShardSweeps:             s.RIB.Sweeps,
		obs.TellFlags:               s.Flags,
		obs.TellFlagsHeld:           s.FlagsHeld,
		obs.TellFlagsLost:           s.FlagsLost,
		obs.TellFlagsOld:            s.FlagsOld,
	} {
		emit(m, float64(n), shard)
	}
	emit(obs.ShardPrefixes, float64(s.IPv4), shard, "ipv4")
	emit(obs.ShardPrefixes, float64(s.IPv6), shard, "ipv6")
	emit(obs.ShardApply, time.Duration(s.ApplyNanos).Seconds(), shard)
	emit(obs.ShardApplySlowest, s.SlowestApply.Seconds(), shard)
}

func emitShardTables(emit obs.Emit, unit string, s *processor.ShardStats) {
	for _, f := range s.Fills {
		emitFill(emit, unit, f)
	}
	for table, n := range map[string]uint64{
		"nodes":     s.RIB.NodesRefused,
		"prefixes":  s.RIB.PrefixesRefused,
		"peers":     s.RIB.PeersRefused,
		"recent":    s.RIB.RecentRefused,
		"newcomers": s.RIB.NewcomersRefused,
		"path-ids":  s.RIB.PathIDsRefused,
		"edges":     s.RIB.EdgesRefused,
		"baselines": s.RIB.BasesRefused,
		"ingesters": s.IngestersRefused,
		"sessions":  s.SessionsRefused,
		"raw":       s.RawRefused,
	} {
		emit(obs.TableRefused, float64(n), unit, table)
	}
}

func emitFill(emit obs.Emit, unit string, f rib.Fill) {
	if f.Limit == 0 {
		return // nothing was told yet
	}
	emit(obs.TableEntries, float64(f.Used), unit, f.Table)
	emit(obs.TableLimit, float64(f.Limit), unit, f.Table)
}
