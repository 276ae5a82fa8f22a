package wire

import (
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/dynamicpb"

	"detour/route"
)

// frameWith returns a frame of one session and one update that the given values
// have been put into.
func frameWith(t *testing.T, frame, session, upd map[string]any) *dynamicpb.Message {
	t.Helper()
	m := newMessage(schema(t), "Frame")
	set(m, frame)
	s := appended(m, "sessions")
	set(s, map[string]any{"id": uint32(1)})
	set(s, session)
	u := appended(m, "updates")
	set(u, map[string]any{"peer": uint32(1)})
	set(u, upd)
	return m
}

func TestFrameRefusesMalformedValues(t *testing.T) {
	type values = map[string]any
	badString := string([]byte{0xff})
	var wide [17]byte
	tests := []struct {
		name                string
		frame, session, upd values
		want                error
	}{
		{name: "sound", upd: values{"announced4": []byte{24, 192, 0, 2}}},
		{name: "ipv4 prefix above 32", upd: values{"announced4": []byte{33, 1, 2, 3, 4, 5}}, want: errNLRI},
		{name: "ipv6 prefix above 128", upd: values{"withdrawn6": append([]byte{129}, wide[:]...)}, want: errNLRI},
		{name: "cut prefix", upd: values{"withdrawn4": []byte{24, 192, 0}}, want: errNLRI},
		{name: "cut second prefix", upd: values{"announced6": []byte{0, 64, 1}}, want: errNLRI},
		{name: "path id without prefix", upd: values{"announced4": wide[:4], "flags": uint32(4)}, want: errNLRI},
		{name: "cut path id", upd: values{"announced4": []byte{0, 0, 0}, "flags": uint32(4)}, want: errNLRI},
		{name: "half a community", upd: values{"communities": []byte{1, 2}}, want: errCommunity},
		{name: "half a large community", upd: values{"large_communities": make([]byte, 8)}, want: errCommunity},
		{name: "next hop of 5", upd: values{"next_hop": make([]byte, 5)}, want: errNextHop},
		{name: "next hop of 48", upd: values{"mp_next_hop": make([]byte, 48)}, want: errNextHop},
		{name: "unknown kind", upd: values{"kind": 6}, want: errEnum},
		{name: "negative kind", upd: values{"kind": -1}, want: errEnum},
		{name: "update without peer", upd: values{"peer": uint32(0)}, want: errNoPeer},
		{name: "event without peer", upd: values{"peer": uint32(0), "kind": 4}},
		{name: "peer beyond the list", upd: values{"peer": uint32(2)}, want: errPeerIndex},
		{name: "largest peer", upd: values{"peer": ^uint32(0)}, want: errPeerIndex},
		{name: "origin code above an octet", upd: values{"origin": uint32(256)}, want: errUint8},
		{name: "address of 5", session: values{"address": make([]byte, 5)}, want: errAddress},
		{name: "router of 15", session: values{"router": make([]byte, 15)}, want: errAddress},
		{name: "reserved session id", session: values{"id": route.AllPeers}, want: errSessionID},
		{name: "unknown view", session: values{"view": 4}, want: errEnum},
		{name: "unknown feed", session: values{"feed6": 3}, want: errEnum},
		{name: "collector not UTF-8", session: values{"collector": badString}, want: errUTF8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := frameWith(t, tt.frame, tt.session, tt.upd)
			if u := list(m, "updates").Get(0).Message().(*dynamicpb.Message); tt.name == "event without peer" ||
				tt.name == "update without peer" {
				u.Clear(u.Descriptor().Fields().ByName("peer"))
			}
			var f Frame
			err := f.Decode(marshalLoose(t, m, badString))
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if err != nil && (f.NumSessions() != 0 || f.NumUpdates() != 0) {
				t.Error("a refused frame is not empty")
			}
		})
	}
}

// marshalLoose marshals m, which may hold bad as a string that is not UTF-8.
func marshalLoose(t *testing.T, m *dynamicpb.Message, bad string) []byte {
	t.Helper()
	sessions := list(m, "sessions")
	s := sessions.Get(0).Message()
	collector := s.Descriptor().Fields().ByName("collector")
	if s.Get(collector).String() != bad {
		return marshal(t, m)
	}
	s.Clear(collector)
	sub := marshal(t, s.Interface())
	sub = protowire.AppendString(protowire.AppendTag(sub, sesCollector, protowire.BytesType), bad)
	sessions.Truncate(0)
	return protowire.AppendBytes(protowire.AppendTag(marshal(t, m), frmSessions, protowire.BytesType), sub)
}

func TestFrameRefusesBadPaths(t *testing.T) {
	tests := []struct {
		name     string
		asns     int
		segments []uint32
		want     error
	}{
		{"covered", 3, []uint32{2<<3 | 2, 1<<3 | 1}, nil},
		{"none", 0, nil, nil},
		{"too short", 3, []uint32{2<<3 | 2}, errSegments},
		{"too long", 1, []uint32{2<<3 | 2}, errSegments},
		{"without ASNs", 0, []uint32{1<<3 | 2}, errSegments},
		{"empty segment", 2, []uint32{2<<3 | 2, 2}, errSegments},
		{"type 0", 1, []uint32{1 << 3}, errSegments},
		{"type 5", 1, []uint32{1<<3 | 5}, errSegments},
		{"above 65535", 1, []uint32{(1<<16+1)<<3 | 2}, errSegments},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := frameWith(t, nil, nil, nil)
			u := list(m, "updates").Get(0).Message().(*dynamicpb.Message)
			setASNs(u, "path", make([]route.ASN, tt.asns))
			for _, s := range tt.segments {
				setASNs(u, "segments", []route.ASN{route.ASN(s)})
			}
			var f Frame
			if err := f.Decode(marshal(t, m)); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestDecodeRefusesBrokenBytes(t *testing.T) {
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	u := testUpdate()
	u.Kind, u.Path.Segments = route.KindPeerUp, []route.Segment{{Type: route.ASSequence, Count: 5}}
	b.Add(&u, testSession(7), u.Announced, u.Withdrawn)
	raw := b.Bytes(1)
	whole := map[int]bool{}
	for i := 0; i < len(raw); { // a message may end behind any of its fields
		whole[i] = true
		_, _, next, err := readField(raw, i)
		if err != nil {
			t.Fatal(err)
		}
		i = next
	}
	var f Frame
	for n := range raw {
		if err := f.Decode(raw[:n]); (err == nil) != whole[n] && n != len(raw) {
			if whole[n] && errors.Is(err, errPeerIndex) {
				continue // the sessions are cut off
			}
			t.Errorf("cut to %d of %d octets: %v", n, len(raw), err)
		}
	}
	for _, bad := range [][]byte{{0}, {0, 0}, {7}, {0x0b}, {0x0c}, {0x80}, {1<<3 | 2, 0x80}, {1<<3 | 6}} {
		if f.Decode(bad) == nil {
			t.Errorf("% x is accepted as a frame", bad)
		}
		if new(Range).Decode(bad) == nil {
			t.Errorf("% x is accepted as a range", bad)
		}
	}
	for _, bad := range [][]byte{{0, 0}, {1}, {0x80, 0x80, 0x80, 0x80, 0x10, 0}, {1<<3 | 2, 1}, {9 << 3}, {0xfb, 1}} {
		update := append([]byte{updPeer << 3, 1}, bad...)
		raw := protowire.AppendBytes([]byte{frmSessions<<3 | typeBytes, 0, frmUpdates<<3 | typeBytes}, update)
		if f.Decode(raw) == nil {
			t.Errorf("% x is accepted within an update", bad)
		}
	}
	long := protowire.AppendBytes(protowire.AppendTag(nil, 999, protowire.BytesType), make([]byte, MaxFrame))
	if err := f.Decode(long); !errors.Is(err, errTooLong) {
		t.Errorf("frame above the limit: %v", err)
	}
	if err := new(Range).Decode(long); !errors.Is(err, errTooLong) {
		t.Errorf("range above the limit: %v", err)
	}
}

func TestRangeRefusesMalformedValues(t *testing.T) {
	type values = map[string]any
	tests := []struct {
		name                     string
		header, peer, rec, again values
		want                     error
	}{
		{name: "sound"},
		{name: "shard beyond shards", header: values{"shard": uint32(8)}, want: errHeader},
		{name: "from above to", header: values{"from": uint64(300)}, want: errHeader},
		{name: "peer's ingester", peer: values{"ingester": uint32(1)}, want: errIndex},
		{name: "peer's address", peer: values{"address": make([]byte, 3)}, want: errAddress},
		{name: "ingester", rec: values{"ingester": uint32(1)}, want: errIndex},
		{name: "peer", rec: values{"peer": uint32(2)}, want: errPeerIndex},
		{name: "largest peer", rec: values{"peer": ^uint32(0)}, want: errPeerIndex},
		{name: "prev", rec: values{"prev": uint32(2)}, want: errIndex},
		{name: "next", rec: values{"next": ^uint32(0)}, want: errIndex},
		{name: "kind 10", rec: values{"kind": 10}, want: errEnum},
		{name: "event 6", rec: values{"event": 6}, want: errEnum},
		{name: "unique", rec: values{"unique": uint32(256)}, want: errUint8},
		{name: "longest", rec: values{"longest": uint32(256)}, want: errUint8},
		{name: "prefix above 32", rec: values{"prefix4": []byte{33, 0, 0, 0, 0, 0}}, want: errNLRI},
		{name: "prefix with a tail", rec: values{"prefix6": []byte{8, 0, 0}}, want: errNLRI},
		{name: "cut prefix", rec: values{"prefix6": []byte{9, 0}}, want: errNLRI},
		{name: "two prefixes", rec: values{"prefix4": []byte{0}, "prefix6": []byte{0}}, want: errTwoFamily},
		{name: "newcomer beyond the path", rec: values{"next": uint32(1), "newcomers": uint64(4)}, want: errBits},
		{name: "newcomer without path", rec: values{"newcomers": uint64(1)}, want: errBits},
		{name: "young hop", rec: values{"next": uint32(1), "young": uint64(2)}},
		{name: "young hop beyond the path", rec: values{"next": uint32(1), "young": uint64(4)}, want: errBits},
		{name: "left judges prev", rec: values{"kind": 2, "prev": uint32(1), "newcomers": uint64(3)}},
		{name: "left without prev", rec: values{"kind": 2, "next": uint32(1), "newcomers": uint64(3)}, want: errBits},
		{
			name: "contrast beside newcomers",
			rec:  values{"next": uint32(1), "newcomers": uint64(1), "contrast": uint64(2)}, want: errBits,
		},
		{name: "sequence before the range", rec: values{"sequence_delta": uint64(99)}, want: errOrder},
		{name: "sequence behind the range", rec: values{"sequence_delta": uint64(200)}, want: errOrder},
		{name: "index goes back", again: values{"index": uint32(4)}, want: errOrder},
		{name: "index twice", again: values{"index": uint32(5)}, want: errOrder},
		{name: "index goes on", again: values{"index": uint32(6)}},
		{name: "next sequence", again: values{"sequence_delta": uint64(1)}},
		{name: "sequence goes back", again: values{"sequence_delta": ^uint64(0)}, want: errOrder},
		{
			name: "sequence goes back within the range", rec: values{"sequence_delta": uint64(150)},
			again: values{"sequence_delta": ^uint64(0)}, want: errOrder,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMessage(schema(t), "EvidenceRange")
			set(m, values{"shard": uint32(1), "shards": uint32(8), "from": uint64(100), "to": uint64(200)})
			set(m, tt.header)
			list(m, "ingesters").Append(protoreflectString("c"))
			set(appended(m, "peers"), tt.peer)
			setASNs(appended(m, "paths"), "asns", []route.ASN{1, 2})
			r := appended(m, "records")
			set(r, values{"kind": 1, "peer": uint32(1), "sequence_delta": uint64(100), "index": uint32(5)})
			set(r, tt.rec)
			if tt.again != nil {
				again := appended(m, "records")
				set(again, values{"kind": 1, "peer": uint32(1)})
				set(again, tt.again)
			}
			err := new(Range).Decode(marshal(t, m))
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestOnlyEventsAndCountsGoWithoutAPeer(t *testing.T) {
	for kind := RecordChange; kind <= RecordVisibility; kind++ {
		m := newMessage(schema(t), "EvidenceRange")
		set(m, map[string]any{"shards": uint32(1), "to": uint64(1)})
		list(m, "ingesters").Append(protoreflectString("c"))
		set(appended(m, "records"), map[string]any{"kind": int(kind)})
		want := errNoPeer
		if kind >= RecordEvent {
			want = ""
		}
		if err := new(Range).Decode(marshal(t, m)); want == "" && err != nil || want != "" && !errors.Is(err, want) {
			t.Errorf("record of kind %d without peer: %v", kind, err)
		}
	}
}
