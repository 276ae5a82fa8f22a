package wire

import (
	"testing"

	"detour/route"
)

func testRecord() Record {
	return Record{
		Kind: RecordChange, Flags: RecordInflated | RecordHeld, Sequence: 100, Index: 1, Number: 5000,
		Engine: 1_561_375_000 * route.Second, Received: 1_561_375_001 * route.Second,
		Prefix: route.MustPrefix("104.20.0.0/21"), Prev: 1, Next: 2, Newcomers: 0b110, Contrast: 0b010,
		Unique: 5, Longest: 3, Origins: []route.ASN{13335},
	}
}

// fillRange puts a range of n records into b.
func fillRange(b *RangeBuilder, s []*route.Session, r Record, n int) RangeHeader {
	b.Reset()
	in := b.Ingester("collector-1")
	b.Path([]route.ASN{701, 13335})
	b.Path([]route.ASN{701, 396531, 33154, 13335})
	for i := range n {
		r.Peer = b.Peer(in, s[i%len(s)])
		r.Index++
		r.Number += 3
		b.Add(&r)
	}
	return RangeHeader{Shard: 1, Shards: 8, From: 100, To: 101}
}

func TestRangeDoesNotAllocate(t *testing.T) {
	sessions := []*route.Session{testSession(1), testSession(2), testSession(3)}
	b := NewRangeBuilder()
	first := testRecord()
	var e Range
	var peer PeerView
	path := make([]route.ASN, 0, 16)
	allocs := testing.AllocsPerRun(50, func() {
		h := fillRange(b, sessions, first, 50)
		if e.Decode(b.Bytes(&h)) != nil || e.NumRecords() != 50 || e.NumPeers() != 3 {
			t.Fatal("bad range")
		}
		for r := e.Ingesters(); ; {
			if _, ok := r.Next(); !ok {
				break
			}
		}
		for r := e.Peers(); r.Next(&peer); {
		}
		for r := e.Paths(); ; {
			var ok bool
			if path, ok = r.Append(path[:0]); !ok {
				break
			}
		}
		if len(e.Records()) != 50 {
			t.Fatal("records are missing")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations per range", allocs)
	}
}

func TestEventOfAllPeersNeedsNoPeer(t *testing.T) {
	b := NewRangeBuilder()
	b.Ingester("c")
	want := Record{Kind: RecordEvent, Event: route.KindGap, Peer: route.AllPeers, Sequence: 1}
	b.Add(&want)
	var e Range
	if err := e.Decode(b.Bytes(&RangeHeader{Shards: 1, From: 1, To: 2})); err != nil {
		t.Fatal(err)
	}
	_, _, _, got := rangeContents(&e)
	if d := diff([]Record{want}, got); d != "" {
		t.Error(d)
	}
}

func TestPeersOfTwoIngestersWithOneIDAreApart(t *testing.T) {
	b := NewRangeBuilder()
	s := testSession(1)
	x, y := b.Ingester("x"), b.Ingester("y")
	if b.Peer(x, s) == b.Peer(y, s) || b.Peer(x, s) != 0 || b.Peer(y, s) != 1 {
		t.Error("peers of different ingesters share a place")
	}
	b.Reset()
	if b.Ingester("y") != 0 || b.Peer(0, testSession(9)) != 0 {
		t.Error("Reset keeps places")
	}
}

func BenchmarkRange(b *testing.B) {
	sessions := []*route.Session{testSession(1), testSession(2), testSession(3)}
	rb := NewRangeBuilder()
	first := testRecord()
	var e Range
	const n = 200
	b.ReportAllocs()
	for b.Loop() {
		h := fillRange(rb, sessions, first, n)
		if e.Decode(rb.Bytes(&h)) != nil {
			b.Fatal("bad range")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/record")
}
