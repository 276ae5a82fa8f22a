package mrt

import "detour/ingest/decode"

// Totals are what the reports of several inputs come to.
type Totals struct {
	Records uint64
	Resyncs uint64
	Bad     [NumReasons]uint64
	Decode  decode.Counters
}

// Add adds the report of one input.
func (t *Totals) Add(r *Report) {
	t.Records += r.Records
	t.Resyncs += r.Resyncs.N
	for i := range r.Bad {
		t.Bad[i] += r.Bad[i].N
	}
	t.Decode.Add(&r.Decode)
}
