package processor

import (
	"context"
	"time"

	"detour/alert"
	"detour/stream"
)

// begin prepares for the message at hand: the first of all says where the evidence
// begins, the first that may be told of is when what fires is compared.
func (j *Judge) begin(ctx context.Context, at stream.AlertPosition) {
	if j.counters.Messages == 1+j.counters.BadRanges && !j.restored {
		first := j.rng.Header.Engine
		if records := j.rng.Records(); len(records) > 0 {
			first = min(first, records[0].Engine)
		}
		j.teller.evidenceBegins(first)
		if at.Sequence > 1 {
			j.c.Late()
		}
	}
	if !j.compared && !j.teller.mutes(at) {
		j.compared = true
		j.teller.compare(ctx, j.c)
	}
}

// settle tells what follows from the message at hand.
func (j *Judge) settle(ctx context.Context, at stream.AlertPosition, start time.Time) {
	watch := j.cfg.Correlate.Outside.Watch
	tell := func(a *alert.Alert) {
		at.Index++
		j.teller.give(ctx, &telling{alert: a, at: at, watch: watch, correlated: start})
	}
	for _, a := range j.pending {
		tell(a)
	}
	for _, a := range j.teller.expire(ctx, j.c) {
		tell(a)
	}
}

// count returns the counters with what was told.
func (j *Judge) count() JudgeCounters {
	c, told := j.counters, &j.teller.counts
	c.Alerts, c.Muted, c.Known = told.stored.Load(), told.muted.Load(), told.known.Load()
	return c
}
