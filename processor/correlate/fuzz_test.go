package correlate

import (
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// FuzzRange gives any range that the codec accepts to a fresh correlator,
// twice: it must not panic, must come to an end, and must only emit alerts that
// hold to their schema.
func FuzzRange(f *testing.F) {
	for _, flags := range []wire.RecordFlags{inflated, inflated | wire.RecordVirtualFirst, 0} {
		f.Add(fuzzSeed(f, flags))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r wire.Range
		if r.Decode(b) != nil {
			return
		}
		r.Header.Shard, r.Header.Shards = 0, 1
		for _, mode := range []Mode{Replay, Live} {
			c := New(Config{Mode: mode})
			for range 2 {
				err := c.Range(&r, func(a *alert.Alert) {
					if err := a.Validate(); err != nil {
						t.Errorf("invalid alert: %v", err)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				r.Header.StreamCreated++
			}
			if s := c.Stats(); s.Records+s.Skipped != 2*uint64(r.NumRecords()) && r.Header.To > r.Header.From {
				t.Errorf("%d records of twice %d: %+v", s.Records, r.NumRecords(), s)
			}
		}
	})
}

// fuzzSeed returns a range that opens and closes an alert.
func fuzzSeed(f *testing.F, flags wire.RecordFlags) []byte {
	b := wire.NewRangeBuilder()
	in := b.Ingester("ris")
	prev, next := b.Path(before), b.Path(bad)
	number := uint64(0)
	add := func(at route.Time, p *route.Session, r wire.Record) {
		number++
		r.Sequence, r.Number, r.Engine, r.Ingester, r.Peer = number, number, at, in, b.Peer(in, p)
		b.Add(&r)
	}
	for i := range uint32(9) {
		p := peerSession(i%3+1, route.ASN(10*(i%3+1)))
		switch i / 3 {
		case 0:
			add(1, p, wire.Record{Kind: wire.RecordEvent, Event: route.KindEndOfRIB})
		case 1:
			add(2, p, wire.Record{
				Kind: wire.RecordChange, Prefix: testPrefix, Prev: prev, Next: next, Flags: flags,
				Newcomers: 2, Contrast: 2, Unique: 4, Longest: 2, Origins: asns(64500, 64501),
			})
		case 2:
			add(3, p, wire.Record{Kind: wire.RecordLeft, Prefix: testPrefix, Prev: next, Newcomers: 2})
		}
	}
	return append([]byte(nil), b.Bytes(&wire.RangeHeader{
		Shards: 1, StreamCreated: created, From: 1, To: number + 1, Engine: route.Hour,
	})...)
}
