package wire

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"detour/route"
)

type values = map[string]any

// frameWith returns a frame of one session, one head and one update that the
// given values have been put into. A value that is a list is a whole column; a
// value named in small or times stands in the row.
func frameWith(t *testing.T, frame, session, head values) *dynamicpb.Message {
	t.Helper()
	m := newMessage(schema(t), "Frame")
	s := appended(m, "sessions")
	set(s, values{"id": uint32(1)})
	set(s, session)
	set(appended(m, "heads"), head)
	all := values{"head_session": u32{1}}
	row := [2]uint64{}
	for name, v := range frame {
		if shift, ok := small[name]; ok {
			row[0] |= uint64(v.(int)) << shift
		} else if shift, ok := times[name]; ok {
			row[1] |= uint64(uint32(v.(int))) << shift
		} else {
			all[name] = v
		}
	}
	if all["rows"] == nil {
		all["rows"] = row[:]
	}
	for name, v := range all {
		rv := reflect.ValueOf(v)
		if _, octets := v.([]byte); octets || rv.Kind() != reflect.Slice {
			set(m, values{name: v})
			continue
		}
		for i := range rv.Len() {
			list(m, name).Append(protoreflect.ValueOf(rv.Index(i).Interface()))
		}
	}
	return m
}

// Where values stand in the two words of a row.
var (
	small = map[string]int{
		"head": 0, "number": 16, "hops": 24, "communities' count": 32, "large count": 40, "announced": 48, "withdrawn": 56,
	}
	times = map[string]int{"engine": 0, "collected": 32}
)

type (
	u32 = []uint32
	u64 = []uint64
)

func TestFrameRefusesMalformedValues(t *testing.T) {
	badString := string([]byte{0xff})
	one := u32{1}
	tests := []struct {
		name                 string
		frame, session, head values
		want                 error
	}{
		{name: "sound", frame: values{"announced": 1, "prefix": u32{0xc0000200 | 24}}},
		{name: "no update", frame: values{"rows": u64{}}},
		{name: "half a row", frame: values{"rows": u64{0}}, want: errColumn},
		{name: "short row", frame: values{"rows": u64{}, "short_rows": u32{0, 0, 7}}},
		{name: "part of a short row", frame: values{"rows": u64{}, "short_rows": u32{0, 0}}, want: errColumn},
		{name: "rows of both kinds", frame: values{"short_rows": u32{0, 0, 7}}, want: errColumn},
		{name: "ipv4 prefix above 32", frame: values{"announced": 1, "prefix": u32{33}, "prefix56": one}, want: errNLRI},
		{name: "between the families", frame: values{"announced": 1, "prefix": u32{63}, "prefix56": one}, want: errNLRI},
		{
			name:  "ipv6 prefix above 128",
			frame: values{"withdrawn": 1, "prefix": u32{64 + 129}, "prefix56": one, "prefix128": u64{1, 2}}, want: errNLRI,
		},
		{name: "no octets 4 to 7", frame: values{"withdrawn": 1, "prefix": u32{64 + 25}}, want: errNLRI},
		{name: "no octets 4 to 7 of ipv4", frame: values{"withdrawn": 1, "prefix": u32{25}}, want: errNLRI},
		{name: "no whole address", frame: values{"withdrawn": 1, "prefix": u32{64 + 57}, "prefix56": one}, want: errNLRI},
		{
			name:  "half an address",
			frame: values{"withdrawn": 1, "prefix": u32{64 + 57}, "prefix56": one, "prefix128": u64{1}}, want: errNLRI,
		},
		{
			name:  "octets 4 to 7 of a short prefix",
			frame: values{"withdrawn": 1, "prefix": u32{64 + 24}, "prefix56": one}, want: errColumn,
		},
		{
			name:  "whole address of a short prefix",
			frame: values{"withdrawn": 1, "prefix": u32{64 + 56}, "prefix56": one, "prefix128": u64{1, 2}}, want: errColumn,
		},
		{name: "no prefix", frame: values{"announced": 1}, want: errColumn},
		{name: "two prefixes", frame: values{"announced": 1, "prefix": u32{24, 24}}, want: errColumn},
		{name: "prefix without update", frame: values{"prefix": u32{24}}, want: errColumn},
		{
			name:  "no path id",
			frame: values{"announced": 1, "prefix": u32{0}}, head: values{"flags": uint32(4)}, want: errColumn,
		},
		{
			name:  "path id without flag",
			frame: values{"announced": 1, "prefix": u32{0}, "path_id": one}, want: errColumn,
		},
		{
			name:  "two path ids",
			frame: values{"announced": 1, "prefix": u32{0}, "path_id": u32{1, 2}},
			head:  values{"flags": uint32(4)}, want: errColumn,
		},
		{name: "half a community", frame: values{"communities": []byte{1, 2}}, want: errColumn},
		{name: "missing community", frame: values{"communities' count": 2, "communities": make([]byte, 4)}, want: errColumn},
		{name: "community of nobody", frame: values{"communities": make([]byte, 4)}, want: errColumn},
		{
			name:  "half a large community",
			frame: values{"large count": 1, "large_communities": make([]byte, 8)}, want: errColumn,
		},
		{name: "path too short", frame: values{"hops": 2, "path": u32{1}}, want: errColumn},
		{name: "path too long", frame: values{"hops": 2, "path": u32{1, 2, 3}}, want: errColumn},
		{name: "head without session", frame: values{"head_session": u32{}}, want: errColumn},
		{name: "session without head", frame: values{"head_session": u32{1, 1}}, want: errColumn},
		{name: "wide value", frame: values{"communities' count": 128, "wide": u64{1}, "communities": make([]byte, 4)}},
		{name: "wide number", frame: values{"number": 128, "wide": u64{math.MaxUint64}}},
		{name: "wide head", frame: values{"head": 1 << 15, "wide": u64{0}}},
		{name: "value above the bit that says wide", frame: values{"hops": 129, "path": make(u32, 129)}},
		{name: "wide value of nobody", frame: values{"wide": u64{1}}, want: errColumn},
		{name: "no wide value", frame: values{"number": 128}, want: errColumn},
		{name: "two wide values", frame: values{"number": 128, "wide": u64{1, 2}}, want: errColumn},
		{name: "count above 32 bits", frame: values{"hops": 128, "wide": u64{1 << 62}}, want: errIndex},
		{name: "wide time of nobody", frame: values{"wide_times": []int64{1}}, want: errColumn},
		{
			name:  "fewer wide times",
			frame: values{"wide_times": []int64{1}, "engine": timeWide, "collected": timeWide}, want: errColumn,
		},
		{name: "otc", frame: values{"otc": one}, head: values{"flags": uint32(8)}},
		{name: "no otc", head: values{"flags": uint32(8)}, want: errColumn},
		{name: "otc without flag", frame: values{"otc": one}, want: errColumn},
		{name: "head beyond the list", frame: values{"head": 1}, want: errIndex},
		{name: "largest head", frame: values{"head": math.MaxUint16}, want: errIndex},
		{name: "wide head beyond the list", frame: values{"head": 1 << 15, "wide": u64{1}}, want: errIndex},
		{name: "next hop of 5", head: values{"next_hop": make([]byte, 5)}, want: errNextHop},
		{name: "next hop of 48", head: values{"mp_next_hop": make([]byte, 48)}, want: errNextHop},
		{name: "unknown kind", head: values{"kind": 6}, want: errEnum},
		{name: "negative kind", head: values{"kind": -1}, want: errEnum},
		{name: "update without session", frame: values{"head_session": u32{0}}, want: errNoPeer},
		{name: "event without session", frame: values{"head_session": u32{0}}, head: values{"kind": 4}},
		{name: "session beyond the list", frame: values{"head_session": u32{2}}, want: errIndex},
		{name: "largest session", frame: values{"head_session": u32{math.MaxUint32}}, want: errIndex},
		{name: "origin code above an octet", head: values{"origin": uint32(256)}, want: errUint8},
		{name: "address of 5", session: values{"address": make([]byte, 5)}, want: errAddress},
		{name: "router of 15", session: values{"router": make([]byte, 15)}, want: errAddress},
		{name: "reserved session id", session: values{"id": route.AllPeers}, want: errSessionID},
		{name: "unknown view", session: values{"view": 4}, want: errEnum},
		{name: "unknown feed", session: values{"feed6": 3}, want: errEnum},
		{name: "longest collector", session: values{"collector": strings.Repeat("c", MaxName)}},
		{name: "longer collector", session: values{"collector": strings.Repeat("c", MaxName+1)}, want: errName},
		{name: "longer ingester", frame: values{"ingester": strings.Repeat("c", MaxName+1)}, want: errName},
		{name: "longest zone", session: values{"address": make([]byte, maxAddr)}},
		{name: "longer zone", session: values{"router": make([]byte, maxAddr+1)}, want: errAddress},
		{name: "collector not UTF-8", session: values{"collector": badString}, want: errUTF8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := frameWith(t, tt.frame, tt.session, tt.head)
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
		name      string
		asns      uint32
		segmented []uint32
		segments  []uint32
		want      error
	}{
		{"covered", 3, u32{0}, u32{2<<3 | 2, 1<<3 | 1}, nil},
		{"none", 0, nil, nil, nil},
		{"too short", 3, u32{0}, u32{2<<3 | 2}, errSegments},
		{"too long", 1, u32{0}, u32{2<<3 | 2}, errSegments},
		{"without ASNs", 0, u32{0}, u32{1<<3 | 2}, errSegments},
		{"none, but named", 0, u32{0}, nil, errSegments},
		{"of nobody", 1, nil, u32{1<<3 | 2}, errSegments},
		{"beyond the updates", 1, u32{1}, u32{1<<3 | 2}, errIndex},
		{"far beyond the updates", 1, u32{math.MaxUint32}, u32{1<<3 | 2}, errIndex},
		{"named twice", 1, u32{0, 0}, u32{1<<3 | 2, 1<<3 | 2}, errIndex},
		{"one too many", 1, u32{0}, u32{1<<3 | 2, 1<<3 | 2}, errSegments},
		{"empty segment", 2, u32{0}, u32{2<<3 | 2, 2}, errSegments},
		{"type 0", 1, u32{0}, u32{1 << 3}, errSegments},
		{"type 5", 1, u32{0}, u32{1<<3 | 5}, errSegments},
		{"above 65535", 1, u32{0}, u32{(1<<16+1)<<3 | 2}, errSegments},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := frameWith(t, values{
				"hops": int(tt.asns), "path": make(u32, tt.asns), "segmented": tt.segmented, "segments": tt.segments,
			}, nil, nil)
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
	rows, segmented := len(raw), 0 // where these begin
	for i := 0; i < len(raw); {
		tag, _, next, err := readField(raw, i)
		if err != nil {
			t.Fatal(err)
		}
		switch tag >> 3 {
		case frmRows:
			rows = i
		case frmSegmented:
			segmented = i
		}
		i = next
	}
	var f Frame
	for n := rows + 1; n < len(raw); n++ { // any column that is missing contradicts another
		if err := f.Decode(raw[:n]); err == nil && n != segmented {
			t.Errorf("cut to %d of %d octets", n, len(raw))
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
		for _, num := range []protowire.Number{frmHeads, frmSessions} {
			if f.Decode(protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), bad)) == nil {
				t.Errorf("% x is accepted within field %d", bad, num)
			}
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

// A piece must hold whole elements: two halves make no element.
func TestFrameRefusesCutElements(t *testing.T) {
	for num := uint64(frmHeadSession); num < frmColumns; num++ {
		width, native := elementOf(num)
		if native == typeBytes {
			continue
		}
		half := []byte{0x80}
		if width != 0 {
			half = make([]byte, width/2)
		}
		piece := protowire.AppendBytes(protowire.AppendTag(nil, protowire.Number(num), protowire.BytesType), half)
		var f Frame
		if err := f.Decode(append(piece, piece...)); !errors.Is(err, errColumn) {
			t.Errorf("field %d: %v", num, err)
		}
	}
}

func TestRangeRefusesMalformedValues(t *testing.T) {
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
		{name: "event 8", rec: values{"event": 8}, want: errEnum},
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
