package wire

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"
	"pgregory.net/rapid"

	"detour/route"
)

func oracleRecord(m *dynamicpb.Message, r, last *Record) {
	var none []byte
	prefix := map[route.Family][]byte{}
	if r.Prefix.Family != 0 {
		prefix[r.Prefix.Family] = oracleNLRI([]route.NLRI{r.Prefix.NLRI(0)}, r.Prefix.Family, false)
	}
	peer := uint32(0)
	if r.Peer != route.AllPeers {
		peer = r.Peer + 1
	}
	set(m, map[string]any{
		"kind": int(r.Kind), "flags": uint32(r.Flags), "peer": peer,
		"sequence_delta": r.Sequence - last.Sequence, "index": r.Index,
		"number_delta": int64(r.Number - last.Number), "engine_delta": int64(r.Engine - last.Engine),
		"received_delta": int64(r.Received - last.Received),
		"prefix4":        append(none, prefix[route.IPv4]...), "prefix6": append(none, prefix[route.IPv6]...),
		"prev": r.Prev, "next": r.Next, "newcomers": r.Newcomers, "contrast": r.Contrast,
		"unique": uint32(r.Unique), "longest": uint32(r.Longest), "ingester": r.Ingester, "event": int(r.Event),
		"otc": uint32(r.OTC), "as": uint32(r.AS), "next_as": uint32(r.NextAS), "origin": uint32(r.Origin),
		"young": r.Young, "third": uint32(r.Third), "routes": r.Routes, "raised": r.Raised, "delta": r.Delta,
	})
	setASNs(m, "origins", r.Origins)
}

// rangeContents copies all that a range yields.
func rangeContents(r *Range) (names []string, peers []rangePeer, paths [][]route.ASN, records []Record) {
	nr := r.Ingesters()
	for n, ok := nr.Next(); ok; n, ok = nr.Next() {
		names = append(names, string(n))
	}
	pr := r.Peers()
	for v := (PeerView{}); pr.Next(&v); {
		peers = append(peers, rangePeer{Ingester: v.Ingester, Session: v.Session()})
	}
	ar := r.Paths()
	for p, ok := ar.Append(nil); ok; p, ok = ar.Append(nil) {
		paths = append(paths, p)
	}
	return names, peers, paths, append(records, r.Records()...)
}

func TestRangeAgreesWithProtobufLibrary(t *testing.T) {
	fd := schema(t)
	b := NewRangeBuilder()
	rapid.Check(t, func(t *rapid.T) {
		h, names, peers, paths, records := genRange(t)
		m := newMessage(fd, "EvidenceRange")
		set(m, map[string]any{
			"shard": h.Shard, "shards": h.Shards, "stream_created": int64(h.StreamCreated), "from": h.From,
			"to": h.To, "engine": int64(h.Engine), "end": h.End, "elements": h.Elements, "degraded": h.Degraded,
		})
		b.Reset()
		for i, n := range names {
			list(m, "ingesters").Append(protoreflectString(n))
			if got := b.Ingester(n); got != uint32(i) || b.Ingester(n) != got {
				t.Fatalf("ingester %d has index %d", i, got)
			}
		}
		for i := range peers {
			p := &peers[i]
			oracleSession(appended(m, "peers"), &p.Session, p.Ingester)
			if got := b.Peer(p.Ingester, &p.Session); got != uint32(i) || b.Peer(p.Ingester, &p.Session) != got {
				t.Fatalf("peer %d has index %d", i, got)
			}
		}
		for i, p := range paths {
			setASNs(appended(m, "paths"), "asns", p)
			if got := b.Path(p); got != uint32(i)+1 {
				t.Fatalf("path %d has index %d", i, got)
			}
		}
		for i := range records {
			last := &Record{}
			if i > 0 {
				last = &records[i-1]
			}
			oracleRecord(appended(m, "records"), &records[i], last)
			b.Add(&records[i])
		}
		want, raw := marshal(t, m), b.Bytes(&h)
		if d := diff(want, raw); d != "" {
			t.Fatalf("bytes differ from the library's (-library +ours):\n%s", d)
		}
		if b.Len() < len(raw) || b.Records() != len(records) {
			t.Fatalf("Len %d of %d octets, %d records", b.Len(), len(raw), b.Records())
		}
		back := newMessage(fd, "EvidenceRange")
		if err := proto.Unmarshal(raw, back); err != nil || !proto.Equal(m, back) {
			t.Fatalf("library reads something else: %v", err)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for _, form := range [][]byte{raw, scramble(t, m.Descriptor(), want, r)} {
			var e Range
			if err := e.Decode(form); err != nil {
				t.Fatal(err)
			}
			gotNames, gotPeers, gotPaths, gotRecords := rangeContents(&e)
			for _, d := range []string{
				diff(h, e.Header), diff(names, gotNames), diff(peers, gotPeers), diff(paths, gotPaths),
				diff(records, gotRecords),
				diff([]int{len(names), len(peers), len(paths), len(records)},
					[]int{e.NumIngesters(), e.NumPeers(), e.NumPaths(), e.NumRecords()}),
			} {
				if d != "" {
					t.Fatal(d)
				}
			}
		}
	})
}

func oracleNLRI(ns []route.NLRI, f route.Family, ids bool) (out []byte) {
	for _, n := range ns {
		if n.Family != f {
			continue
		}
		if ids {
			out = binary.BigEndian.AppendUint32(out, n.PathID)
		}
		addr := n.Prefix().Addr().AsSlice()
		out = append(append(out, n.Bits), addr[:(n.Bits+7)/8]...)
	}
	return out
}
