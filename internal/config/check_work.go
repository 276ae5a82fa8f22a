package config

import (
	"fmt"
	"time"
)

const (
	spillLeast = 1 << 20 // bytes
	spillMost  = 16 << 30
	speedMax   = 1e9
)

func (k *checker) ingest() {
	in := &k.c.Ingest
	k.size("ingest.spill_bytes", in.SpillBytes, spillLeast)
	if in.SpillBytes > spillMost {
		k.fail("ingest.spill_bytes", "is %s, must be at most %s: all of it may come to lie in memory", in.SpillBytes,
			Bytes(spillMost))
	}
	if in.sources() == 0 {
		const do = "has no source; list one in ingest.rislive, bmp, bgp, archive or replay"
		switch k.role {
		case RoleIngest:
			k.fail("ingest", do)
		case RoleRun:
			k.warn("ingest", do)
		default:
		}
	}
	k.liveSources()
	waits := len(in.Archive) > 0
	for i := range in.Replay {
		r := &in.Replay[i]
		k.replay(fmt.Sprintf("ingest.replay[%d]", i), r)
		waits = waits || r.Speed == 0
	}
	if limit := k.c.Streams.Updates.MaxBytes; waits && limit < logLeast && k.is(RoleIngest, RoleRun) {
		k.warn("streams.updates.max_bytes", "is %s; for a source of speed 0 it should be at least %s, or processors that "+
			"are behind lose updates", limit, Bytes(logLeast))
	}
}

func (k *checker) replay(at string, r *Replay) {
	k.need(at+".collector", r.Collector, "write the name under which the recordings' peers are known, such as rrc00")
	if len(r.Collector) > nameMax {
		k.fail(at+".collector", "has %d bytes, must have at most %d", len(r.Collector), nameMax)
	}
	if len(r.Prime)+len(r.Files) == 0 {
		k.fail(at+".files", "is empty; list recordings, or take the source out")
	}
	k.named(at+".prime", r.Prime)
	k.named(at+".files", r.Files)
	if r.Speed < 0 || r.Speed > speedMax {
		k.fail(at+".speed", "is %g, must be 0 or a multiple of real time, such as 1 or 60", r.Speed)
	}
	if r.Speed == 0 && !r.Begin.IsZero() {
		k.warn(at+".begin", "is of no use with speed 0, which is as fast as it goes")
	}
}

const (
	elementsLeast, elementsMost = 1000, 1 << 31
	intervalLeast, intervalMost = time.Second, 24 * time.Hour
)

func (k *checker) process() {
	p := &k.c.Process
	k.between("process.replicas", p.Replicas, 1, 2)
	k.between("process.checkpoint.elements", p.Checkpoint.Elements, elementsLeast, elementsMost)
	if d := p.Checkpoint.Interval; d < intervalLeast || d > intervalMost {
		k.fail("process.checkpoint.interval", "is %s, must be from %s to %s", FormatDuration(d),
			FormatDuration(intervalLeast), FormatDuration(intervalMost))
	}
}
