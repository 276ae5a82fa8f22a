package correlate

import (
	"detour/alert"
	"detour/wire"
)

// Correlator judges evidence ranges. It belongs to one goroutine.
type Correlator struct {
	cfg    Config
	shards []progress
}

// New returns a Correlator that has seen nothing.
func New(cfg Config) *Correlator {
	cfg = cfg.withDefaults()
	return &Correlator{cfg: cfg, shards: make([]progress, cfg.Shards)}
}

// Range takes one evidence range and calls emit for each alert that follows
// from it, in order. r is read during the call only; an alert is the callee's.
// After an error the Correlator is as it was before: see ErrFuture, ErrStale
// and ErrFull. A range that was taken before is no error.
func (c *Correlator) Range(r *wire.Range, emit func(*alert.Alert)) error {
	if err := checkHeader(&r.Header, len(c.shards)); err != nil {
		return err
	}
	_ = emit // judging follows
	return nil
}

// Stats returns the counters. It may be called between two calls of Range.
func (c *Correlator) Stats() Stats { return Stats{} }
