package wire

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"

	"detour/route"
)

// TestRowsAreSummed holds what takes the counts of a row at once against what
// takes one.
func TestRowsAreSummed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Frame{heads: make([]head, rapid.SampledFrom([]int{0, 1, 2, 300, 1 << 15, 1 << 16}).Draw(t, "heads"))}
		var want [lanes]uint64
		plain := true
		limit := uint64(len(f.heads))
		for range rapid.SampledFrom([]int{0, 1, 5, 255, 256, 257, 700}).Draw(t, "rows") {
			var w uint64
			if rapid.IntRange(0, 200).Draw(t, "odd") == 0 {
				w = rapid.Uint64().Draw(t, "row")
			} else if limit != 0 {
				w = min(limit, wideHead) - 1 | 0x7f7f7f7f7f7f<<16
			}
			v := lanesOf(w)
			plain = plain && v[laneHead] < min(limit, wideHead)
			for k := range v {
				plain = plain && (k == laneHead || v[k] < wideLane)
				want[k] += v[k]
			}
			f.rows = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(f.rows, w), math.MaxUint64)
		}
		want[laneHead] = 0
		if got, ok := f.sumRows(); got != want || ok != plain {
			t.Fatalf("sums %v, want %v; plain %v, want %v", got, want, ok, plain)
		}
	})
}

// Every time stands, however far from the frame's others.
func TestTimesFarApart(t *testing.T) {
	far := []route.Time{
		0, 1, -1, 1 << 31, 1<<31 - 1, -1 << 31, -1<<31 + 1, -1<<31 + 2, math.MaxInt64, math.MinInt64,
	}
	b := NewFrameBuilder("c", 1)
	for _, base := range far {
		b.Reset(0)
		want := []route.Update{{Kind: route.KindTick, Peer: route.AllPeers, Engine: base}}
		for _, d := range far {
			for _, c := range far {
				want = append(want, route.Update{
					Kind: route.KindTick, Peer: route.AllPeers, Number: math.MaxUint64 - uint64(len(want)),
					Engine: base + d, Collected: base + d + c,
				})
			}
		}
		for i := range want {
			b.Add(&want[i], nil, nil, nil)
		}
		raw := b.Bytes(1)
		if len(raw) > b.Len() {
			t.Errorf("Len %d of %d octets", b.Len(), len(raw))
		}
		if _, got := readFrame(t, raw); diff(want, got) != "" {
			t.Error(diff(want, got))
		}
	}
}

// A frame without wide times has the offset that would stand for one.
func TestLargestOffsetIsOneWithoutWideTimes(t *testing.T) {
	m := frameWith(t, values{"base": int64(5), "engine": timeWide, "collected": timeWide}, nil, nil)
	_, got := readFrame(t, marshal(t, m))
	if u := got[0]; u.Engine != 5+timeWide || u.Collected != 5+2*timeWide {
		t.Errorf("engine %d, collected %d", u.Engine, u.Collected)
	}
}

// A session that becomes again what it was stands a third time: the last entry
// counts, whatever heads named it before.
func TestSessionThatChangesBackStandsAgain(t *testing.T) {
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	u, s := testUpdate(), testSession(7)
	var want []route.Session
	for _, feed := range []route.Feed{route.FeedPartial, route.FeedFull, route.FeedPartial} {
		s.Feed4 = feed
		b.Add(&u, s, nil, nil)
		b.Add(&u, s, nil, nil)
		want = append(want, *s)
	}
	got, updates := readFrame(t, b.Bytes(1))
	if d := diff(want, got); d != "" || len(updates) != 6 {
		t.Errorf("%d updates; %s", len(updates), d)
	}
}

// What a Frame remembers of a session counts for the same message only.
func TestKnownSessionIsComparedWhole(t *testing.T) {
	field := func(num protowire.Number, v []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), v)
	}
	sound := append([]byte{sesID << 3, 7}, field(1000, make([]byte, knownLen-5))...)
	long := append(bytes.Clone(sound), sesStart<<3, 1)
	var f Frame
	for _, tt := range []struct {
		raw   []byte
		start route.Time
		want  bool
	}{
		{long, 1, true},
		{sound, 0, true},
		{long, 1, true},
		{long[:len(long)-1], 0, false},
		{sound, 0, true},
		{[]byte{sesID << 3, 7, sesView << 3, 9}, 0, false},
		{[]byte{sesID << 3, 7, sesView << 3, 1}, 0, true},
	} {
		err := f.Decode(field(frmSessions, tt.raw))
		if (err == nil) != tt.want {
			t.Fatalf("%x: %v", tt.raw, err)
		}
		var v SessionView
		if r := f.Sessions(); err == nil && (!r.Next(&v) || v.Start != tt.start || v.ID != 7) {
			t.Errorf("%x: %+v", tt.raw, v)
		}
	}
}

func TestHostBitsOfForeignPrefixesAreMasked(t *testing.T) {
	const ones = 0xffffff00
	m := frameWith(t, values{
		"announced": 2, "withdrawn": 3,
		"prefix":   u32{0x0a01ff00 | 20, ones | 64 + 65, ones | 64 + 3, ones | 64 + 40, ones | 25},
		"prefix56": u32{math.MaxUint32, math.MaxUint32, math.MaxUint32}, "prefix128": u64{math.MaxUint64, math.MaxUint64},
	}, nil, nil)
	_, updates := readFrame(t, marshal(t, m))
	if d := diff(nlri("10.1.240.0/20", "ffff:ffff:ffff:ffff:8000::/65"), updates[0].Announced); d != "" {
		t.Error(d)
	}
	if d := diff(nlri("e000::/3", "ffff:ffff:ff00::/40", "255.255.255.128/25"), updates[0].Withdrawn); d != "" {
		t.Error(d)
	}
}

// More sessions and heads than the builder finds again at once, and of heads
// more than an octet counts.
func TestFrameOfManyHeads(t *testing.T) {
	b := NewFrameBuilder("c", 1)
	b.Reset(5)
	var want []route.Update
	sessions := map[uint32]*route.Session{}
	for i := range 3000 {
		u := testUpdate()
		u.Peer, u.Announced, u.Withdrawn = uint32(i%700), nil, nil
		binary.BigEndian.PutUint16(u.MPNextHop.Bytes[14:], uint16(i%1000))
		if sessions[u.Peer] == nil {
			sessions[u.Peer] = testSession(u.Peer)
		}
		b.Add(&u, sessions[u.Peer], nil, nil)
		want = append(want, u)
	}
	raw := b.Bytes(1)
	if len(raw) > b.Len() {
		t.Errorf("Len %d of %d octets", b.Len(), len(raw))
	}
	got, updates := readFrame(t, raw)
	if len(got) != 700 || diff(want, updates) != "" {
		t.Errorf("%d sessions; %s", len(got), diff(want, updates))
	}
}

// So do heads, of which the empty one is sound.
func TestKnownHeadIsComparedWhole(t *testing.T) {
	long := append([]byte{headFlags << 3, 1}, protowire.AppendBytes([]byte{15<<3 | typeBytes}, make([]byte, headLen))...)
	named := []byte{frmSessions<<3 | typeBytes, 0, frmHeadSession<<3 | typeBytes, 1, 1}
	var f Frame
	for _, tt := range []struct {
		raw   []byte
		flags route.Flags
		want  bool
	}{
		{nil, 0, true},
		{long, 1, true},
		{long[:headLen], 0, false},
		{long, 1, true},
		{[]byte{headFlags << 3, 2}, 2, true},
		{[]byte{headFlags << 3, 1}, 1, true},
		{[]byte{headKind << 3, 6}, 0, false},
		{nil, 0, true},
	} {
		raw := protowire.AppendBytes(protowire.AppendTag(nil, frmHeads, protowire.BytesType), tt.raw)
		raw = append(raw, named...)
		if err := f.Decode(raw); (err == nil) != tt.want || err == nil && f.heads[0].flags != tt.flags {
			t.Errorf("%x: %v", tt.raw, err)
		}
	}
}
