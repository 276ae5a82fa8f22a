package wire

import (
	"bytes"
	"testing"

	"detour/route"
)

// fuzzLimit keeps what is encoded again below MaxFrame: another base time can
// lengthen it.
const fuzzLimit = 64 << 10

// rebuildFrame encodes what f yields. The last entry of a session id counts.
func rebuildFrame(f *Frame) []byte {
	sessions, updates := frameContents(f)
	byID := map[uint32]*route.Session{}
	for i := range sessions {
		byID[sessions[i].ID] = &sessions[i]
	}
	b := NewFrameBuilder(string(f.Ingester), f.Epoch)
	b.Reset(f.Received)
	for i := range updates {
		u := &updates[i]
		b.Add(u, byID[u.Peer], u.Announced, u.Withdrawn)
	}
	return b.Bytes(f.Number)
}

func FuzzFrame(f *testing.F) {
	b := NewFrameBuilder("collector-1", 3)
	b.Reset(1_561_375_000 * route.Second)
	f.Add(bytes.Clone(b.Bytes(1)))
	u := testUpdate()
	b.Add(&u, testSession(7), u.Announced, u.Withdrawn)
	u.Path.Segments = []route.Segment{{Type: route.ASSequence, Count: 4}, {Type: route.ASSet, Count: 1}}
	b.Add(&u, testSession(8), u.Announced, nil)
	b.Add(&route.Update{Kind: route.KindGap, Peer: route.AllPeers, Number: 9}, nil, nil, nil)
	f.Add(bytes.Clone(b.Bytes(1 << 60)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var frame Frame
		if frame.Decode(raw) != nil || len(raw) > fuzzLimit {
			return
		}
		_, updates := frameContents(&frame)
		checkBounds(t, raw, &frame, updates)
		again := rebuildFrame(&frame)
		var second Frame
		if err := second.Decode(again); err != nil {
			t.Fatalf("own bytes are refused: %v", err)
		}
		_, back := frameContents(&second)
		if d := diff(updates, back); d != "" {
			t.Fatal(d)
		}
		if third := rebuildFrame(&second); !bytes.Equal(again, third) {
			t.Fatalf("encoding is not stable:\n%x\n%x", again, third)
		}
	})
}

// checkBounds holds what a frame yields against the length of its bytes: no
// element without at least an octet of its own.
func checkBounds(t *testing.T, raw []byte, f *Frame, updates []route.Update) {
	t.Helper()
	elements, hops, segments, views := 0, 0, 0, 0
	for i := range updates {
		u := &updates[i]
		elements += u.Elements()
		hops += 4 * len(u.Path.ASNs)
		segments += len(u.Path.Segments)
		views += len(u.Communities) + len(u.LargeCommunities)
		for _, n := range append(u.Announced, u.Withdrawn...) {
			if hi, lo := route.Mask(n.Bits); int(n.Bits) > n.Family.MaxBits() || n.Hi&^hi|n.Lo&^lo != 0 {
				t.Fatalf("prefix %+v", n)
			}
		}
	}
	if elements+hops+segments+views+2*f.NumSessions()+f.NumUpdates() > len(raw) || cap(f.ids) > len(raw)+64 {
		t.Fatalf("%d octets grew to %d elements, %d octets of path, %d segments, %d sessions, %d updates",
			len(raw), elements, hops, segments, f.NumSessions(), f.NumUpdates())
	}
}

// rebuildRange encodes what r yields and returns its records with the indexes
// of the rebuilt tables, which hold each ingester and session once.
func rebuildRange(r *Range) ([]byte, []Record) {
	names, peers, paths, records := rangeContents(r)
	b := NewRangeBuilder()
	var nameAt, peerAt []uint32
	for _, n := range names {
		nameAt = append(nameAt, b.Ingester(n))
	}
	for i := range peers {
		peerAt = append(peerAt, b.Peer(nameAt[peers[i].Ingester], &peers[i].Session))
	}
	for _, p := range paths {
		b.Path(p)
	}
	for i := range records {
		rec := &records[i]
		rec.Ingester = nameAt[rec.Ingester]
		if rec.Peer != route.AllPeers {
			rec.Peer = peerAt[rec.Peer]
		}
		b.Add(rec)
	}
	return b.Bytes(&r.Header), records
}

func FuzzRange(f *testing.F) {
	b := NewRangeBuilder()
	f.Add(bytes.Clone(b.Bytes(&RangeHeader{Shards: 8, From: 7, To: 9, End: true})))
	h := fillRange(b, []*route.Session{testSession(1), testSession(2)}, testRecord(), 3)
	f.Add(bytes.Clone(b.Bytes(&h)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r Range
		if r.Decode(raw) != nil || len(raw) > fuzzLimit {
			return
		}
		if entries := r.NumIngesters() + r.NumPeers() + r.NumPaths() + r.NumRecords(); 2*entries > len(raw) {
			t.Fatalf("%d octets grew to %d entries", len(raw), entries)
		}
		again, want := rebuildRange(&r)
		var second Range
		if err := second.Decode(again); err != nil {
			t.Fatalf("own bytes are refused: %v", err)
		}
		_, _, _, got := rangeContents(&second)
		if d := diff(want, got) + diff(r.Header, second.Header); d != "" {
			t.Fatal(d)
		}
		if third, _ := rebuildRange(&second); !bytes.Equal(again, third) {
			t.Fatalf("encoding is not stable:\n%x\n%x", again, third)
		}
	})
}
