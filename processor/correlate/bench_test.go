package correlate

import (
	"fmt"
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// benchRange returns a range as a shard sends it in quiet times: per update a
// new node or two and a change that no alert comes of.
func benchRange(t testing.TB, shard, shards uint32, records int) *wire.Range {
	var sessions []*route.Session
	for i := range uint32(20) {
		sessions = append(sessions, peerSession(i+1, route.ASN(100+i)))
	}
	var frames []frame
	for n := 0; n < records; {
		var f frame
		for range 16 {
			i := n / 3
			p := route.MustPrefix(fmt.Sprintf("10.%d.%d.0/24", i>>8&255, i&255))
			origin := route.ASN(1000 + i%500)
			next := asns(route.ASN(64000+i%7), route.ASN(701+i%50), origin)
			e := changeOf(p, sessions[i%20], asns(64000, 3356, origin), next, wire.RecordFlags(i%10/9)*inflated)
			node := e
			node.Record = wire.Record{Kind: wire.RecordNode, Prefix: p, AS: next[1], NextAS: origin, Origin: origin}
			node.prev, node.next = nil, nil
			loss := e
			loss.Record = wire.Record{Kind: wire.RecordLoss, Prefix: p, Origins: e.Origins}
			loss.next = nil
			for _, r := range []entry{node, e, loss} {
				r.ingester, r.Number, r.Engine = "ris", uint64(i), route.Time(i)*1000
				f = append(f, r)
				n++
			}
		}
		frames = append(frames, f)
	}
	h := wire.RangeHeader{Shard: shard, Shards: shards, From: 1, Engine: frames[len(frames)-1][47].Engine + 1}
	return encode(t, h, frames)
}

// again lets a range be taken once more: as the first one of a new stream.
func again(r *wire.Range) { r.Header.StreamCreated++ }

func BenchmarkRange(b *testing.B) {
	for name, mode := range map[string]Mode{"replay": Replay, "live": Live} {
		b.Run(name, func(b *testing.B) {
			c := New(Config{Mode: mode, Shards: 2})
			ranges := []*wire.Range{benchRange(b, 0, 2, 3000), benchRange(b, 1, 2, 3000)}
			records, alerts := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				for _, r := range ranges {
					if err := c.Range(r, func(*alert.Alert) { alerts++ }); err != nil {
						b.Fatal(err)
					}
					records += r.NumRecords()
					again(r)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// TestSteadyEvidenceDoesNotAllocate holds repeated evidence to a small number
// of allocations per range: those of its peer table, none per record.
func TestSteadyEvidenceDoesNotAllocate(t *testing.T) {
	const peers, records = 20, 3000
	for name, mode := range map[string]Mode{"replay": Replay, "live": Live} {
		t.Run(name, func(t *testing.T) {
			c := New(Config{Mode: mode})
			r := benchRange(t, 0, 1, records)
			give := func() {
				if err := c.Range(r, none); err != nil {
					t.Fatal(err)
				}
				again(r)
			}
			for range 5 {
				give()
			}
			taken := c.Stats().Records
			if n := testing.AllocsPerRun(20, give); n > 2*peers+8 {
				t.Errorf("%v allocations for %d records and %d peers", n, records, peers)
			}
			if c.Stats().Records == taken {
				t.Fatal("the ranges were not taken")
			}
		})
	}
}
