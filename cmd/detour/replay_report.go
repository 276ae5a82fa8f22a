package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"detour/ingest/dump"
	"detour/ingest/mrt"
	"detour/internal/latency"
	"detour/route"
)

// replayReport is what --report writes; docs/reference/replay.md explains the
// names. They are stable: new ones may come, none goes or changes its meaning.
type replayReport struct {
	Version  int            `json:"version"`
	First    route.Time     `json:"first"` // engine time of the first and last update
	Last     route.Time     `json:"last"`
	Updates  uint64         `json:"updates"`
	Elements reportElements `json:"elements"`
	Frames   reportFrames   `json:"frames"`
	State    reportState    `json:"state"`
	Evidence reportEvidence `json:"evidence"`
	Flags    reportFlags    `json:"flags"`
	Alerts   reportAlerts   `json:"alerts"`
	Judge    reportJudge    `json:"correlator"`
	Input    []reportInput  `json:"input"`
	SentOut  uint64         `json:"messages_sent_by_collector"`

	Latency map[string]latency.Summary `json:"latency"`

	WallSeconds float64 `json:"wall_seconds"`
	CPUSeconds  float64 `json:"cpu_seconds"`
	PerElement  float64 `json:"cpu_ns_per_element"`
	Rate        float64 `json:"elements_per_second"`
}

type reportElements struct {
	Sent     uint64 `json:"sent"`
	Applied  uint64 `json:"applied"`
	Judged   uint64 `json:"judged"`
	Replicas uint64 `json:"replicas"`
}

type reportFrames struct {
	Sent    uint64 `json:"sent"`
	Bytes   uint64 `json:"bytes"`
	Applied uint64 `json:"applied"`
	Copies  uint64 `json:"copies"`
	Resends uint64 `json:"resends"`
	Bad     uint64 `json:"bad"`
	Holes   uint64 `json:"holes"`
	Gaps    uint64 `json:"gaps"`
}

type reportState struct {
	Peers    int    `json:"peers"`
	IPv4     uint64 `json:"ipv4_prefixes"`
	IPv6     uint64 `json:"ipv6_prefixes"`
	Degraded bool   `json:"degraded"`
}

type reportEvidence struct {
	Ranges  uint64 `json:"ranges"`
	Records uint64 `json:"records"`
	Judged  uint64 `json:"judged"`
	Copies  uint64 `json:"copies"` // ranges that were known already
	Pairs   int    `json:"pairs"`
	Edges   int    `json:"edges"`
}

type reportFlags struct {
	Told     uint64            `json:"told"`
	ByKind   map[string]uint64 `json:"by_kind"`
	HeldBack uint64            `json:"held_back"`
	Lost     uint64            `json:"lost"`
}

type reportInput struct {
	Name            string   `json:"name"`
	Records         uint64   `json:"records"`
	BadRecords      uint64   `json:"bad_records"`
	TreatAsWithdraw uint64   `json:"treat_as_withdraw"`
	Resyncs         uint64   `json:"resyncs"`
	TailBytes       int64    `json:"tail_bytes"`
	AddPathUnmarked uint64   `json:"unmarked_add_path"`
	Damaged         bool     `json:"damaged"`
	Damage          []string `json:"damage,omitempty"`
}

// report gathers the report after the end.
func (p *pipeline) report(wall, cpu time.Duration, lost uint64) *replayReport {
	sent, judge := p.pub.Stats(), p.judge.Stats()
	r := &replayReport{
		Version: 1, First: p.recordings.First(), Last: p.source.Progress().Engine,
		Updates:  sent.Updates,
		Elements: reportElements{Sent: sent.Elements, Judged: judge.Correlate.Elements},
		Frames:   reportFrames{Sent: sent.Frames, Bytes: sent.Bytes, Resends: sent.Resends},
		Evidence: reportEvidence{
			Ranges: judge.Messages, Judged: judge.Correlate.Records,
			Copies: judge.Correlate.Duplicates,
			Pairs:  judge.Correlate.Pairs, Edges: judge.Correlate.Edges,
		},
		Flags:  reportFlags{ByKind: p.flags.byKind, Lost: lost},
		Alerts: alertsReport(&p.alerts.tally, p.alerts.lost),
		Judge:  judgeReport(&judge.Correlate),
		Latency: map[string]latency.Summary{
			"received_to_applied": p.stages.applied.Summary(),
			"frame_stored":        p.stages.stored.Summary(),
			"frame_applied":       p.stages.apply.Summary(),
			"range_judged":        p.stages.judged.Summary(),
		},
		WallSeconds: wall.Seconds(), CPUSeconds: cpu.Seconds(),
	}
	p.addShards(r)
	r.State.Peers = p.recordings.Peers()
	for _, n := range p.flags.byKind {
		r.Flags.Told += n
	}
	if p.opts.live {
		r.Latency["received_to_flag"] = p.flags.latency.Summary()
		r.Latency["received_to_alert"] = p.alerts.latency.Summary()
		r.Latency["received_to_alert_stored"] = p.stages.told.Summary()
	}
	if n := float64(r.Elements.Sent); n > 0 {
		r.PerElement, r.Rate = float64(cpu.Nanoseconds())/n, n/wall.Seconds()
	}
	inputs, own := p.recordings.Reports()
	r.SentOut = own
	for _, in := range inputs {
		r.Input = append(r.Input, inputReport(in))
	}
	return r
}

// addShards adds up what the shards counted.
func (p *pipeline) addShards(r *replayReport) {
	for _, s := range p.shards {
		st := s.Stats()
		r.Elements.Applied += st.Elements
		r.Elements.Replicas += st.Replicas
		r.Frames.Applied += st.Frames
		r.Frames.Copies += st.Copies
		r.Frames.Bad += st.BadFrames
		r.Frames.Holes += st.Holes
		r.Frames.Gaps += st.Gaps
		r.Evidence.Records += st.Records
		r.Flags.HeldBack += st.FlagsHeld
		r.Flags.Lost += st.FlagsLost
		r.State.IPv4 += st.IPv4
		r.State.IPv6 += st.IPv6
		r.State.Degraded = r.State.Degraded || st.RIB.Degraded() || st.RecordsRefused > 0
	}
}

func inputReport(in *mrt.Report) reportInput {
	return reportInput{
		Name: in.Name, Records: in.Records, BadRecords: in.BadRecords(),
		TreatAsWithdraw: in.Decode.TreatAsWithdraw, Resyncs: in.Resyncs.N, TailBytes: in.TailBytes,
		AddPathUnmarked: in.AddPathUnmarked(), Damaged: in.Damaged(), Damage: dump.Damage(in),
	}
}

// conclude prints the closing table, writes the report, and says whether the
// input was whole.
func (p *pipeline) conclude(wall, cpu time.Duration, lost uint64) error {
	r := p.report(wall, cpu, lost)
	printReport(p.out.err, r)
	if p.opts.table != "" {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return fmt.Errorf("encode report: %w", err)
		}
		if err := os.WriteFile(p.opts.table, append(data, '\n'), 0o644); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	whole := !p.fetched.lacks
	for _, in := range r.Input {
		if in.Damaged {
			whole = false
			p.fetched.tell(p.out.err, in.Name)
		}
	}
	if !whole {
		return errDamaged
	}
	return nil
}
