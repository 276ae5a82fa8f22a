package main

import (
	"detour/ingest/mrt"
	"detour/ingest/node"
	"detour/ingest/replay"
	"detour/internal/obs"
	"detour/route"
	"detour/stream"
)

// ingestMetrics tells of an ingester process's sources and publishers; spill is
// the bound of each publisher's buffer.
func ingestMetrics(stats func() []node.FeedStats, spill int64) obs.Source {
	return func(emit obs.Emit) {
		for _, f := range stats() {
			if f.Replay != nil {
				emitReplay(emit, f.Ingester, f.Replay)
			}
			if f.Live != nil {
				emitLive(emit, f.Ingester, f.Live)
			} else if f.Replay != nil {
				emit(obs.IngestReadBytes, float64(f.Replay.Done), f.Ingester)
				emitDecode(emit, f.Ingester, &f.Replay.Read.Decode)
			}
			emitPublisher(emit, f.Ingester, f.Log, spill)
		}
	}
}

// emitReplay tells of recordings. An archive's sessions tell of octets and decoding.
func emitReplay(emit obs.Emit, ingester string, p *replay.Progress) {
	emit(obs.IngestSizeBytes, float64(p.Total), ingester)
	emit(obs.IngestReplayed, float64(p.Updates), ingester)
	emit(obs.IngestPriming, obs.Bool(p.Priming), ingester)
	if p.Engine != 0 {
		emit(obs.IngestEngine, unix(p.Engine), ingester)
	}
	emitRecords(emit, ingester, &p.Read)
}

// unix is a time in seconds since 1970.
func unix(t route.Time) float64 { return float64(t) / float64(route.Second) }

func emitPublisher(emit obs.Emit, ingester string, s stream.PublisherStats, spill int64) {
	for m, n := range map[obs.Metric]uint64{
		obs.IngestUpdates:      s.Updates,
		obs.IngestElements:     s.Elements,
		obs.LogFrames:          s.Frames,
		obs.LogBytes:           s.Bytes,
		obs.LogResends:         s.Resends,
		obs.LogTimeouts:        s.Timeouts,
		obs.LogRefusals:        s.Refusals,
		obs.LogHoldbacks:       s.Holdbacks,
		obs.LogDroppedUpdates:  s.DroppedUpdates,
		obs.LogDroppedElements: s.DroppedElements,
		obs.LogGaps:            s.Gaps,
		obs.LogOversize:        s.OversizeFrames,
		obs.LogEpoch:           s.Epoch,
	} {
		emit(m, float64(n), ingester)
	}
	if spill == 0 {
		spill = stream.DefaultSpillBytes
	}
	emit(obs.LogSpill, float64(s.SpilledBytes), ingester)
	emit(obs.LogSpillLimit, float64(spill), ingester)
}

// emitRecords tells what reading recordings met.
func emitRecords(emit obs.Emit, ingester string, t *mrt.Totals) {
	emit(obs.IngestRecords, float64(t.Records), ingester)
	emit(obs.IngestResyncs, float64(t.Resyncs), ingester)
	for i, n := range t.Bad {
		emit(obs.IngestRecordsBad, float64(n), ingester, mrt.Reason(i).String())
	}
}
