package main

import (
	"detour/ingest/decode"
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
			emitSource(emit, f.Ingester, f.Source)
			emitPublisher(emit, f.Ingester, f.Log, spill)
		}
	}
}

func emitSource(emit obs.Emit, ingester string, p replay.Progress) {
	emit(obs.IngestReadBytes, float64(p.Done), ingester)
	emit(obs.IngestSizeBytes, float64(p.Total), ingester)
	emit(obs.IngestReplayed, float64(p.Updates), ingester)
	emit(obs.IngestPriming, obs.Bool(p.Priming), ingester)
	if p.Engine != 0 {
		emit(obs.IngestEngine, unix(p.Engine), ingester)
	}
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

// recordMetrics tells what reading recordings met. reports must be safe to call
// at any time: replay's are once its Run has ended.
func recordMetrics(ingester string, reports func() []*mrt.Report) obs.Source {
	return func(emit obs.Emit) {
		var records, resyncs, decoded, treated, undecodable uint64
		var bad [mrt.NumReasons]uint64
		var wrong [decode.NumReasons]uint64
		list := reports()
		for _, r := range list {
			records += r.Records
			resyncs += r.Resyncs.N
			decoded += r.Decode.Updates
			treated += r.Decode.TreatAsWithdraw
			undecodable += r.Decode.Undecodable
			for i := range bad {
				bad[i] += r.Bad[i].N
			}
			for i, n := range r.Decode.Reasons {
				wrong[i] += n
			}
		}
		emit(obs.IngestRecords, float64(records), ingester)
		emit(obs.IngestResyncs, float64(resyncs), ingester)
		emit(obs.IngestDecoded, float64(decoded), ingester)
		emit(obs.IngestTreatAsWithdraw, float64(treated), ingester)
		emit(obs.IngestUndecodable, float64(undecodable), ingester)
		for i, n := range bad {
			emit(obs.IngestRecordsBad, float64(n), ingester, mrt.Reason(i).String())
		}
		for i := range decode.NumReasons {
			emit(obs.IngestDecodeErrors, float64(wrong[i]), ingester, i.String())
		}
	}
}
