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

func TestTransposeSwapsRowsAndColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SliceOfN(rapid.Uint64(), 8, 8).Draw(t, "rows")
		var got [8]uint64
		got[0], got[1], got[2], got[3], got[4], got[5], got[6], got[7] = transpose(
			m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7])
		for i := range m {
			for k := range got {
				if byte(m[i]>>(8*k)) != byte(got[k]>>(8*i)) {
					t.Fatalf("row %d, column %d of %x", i, k, m)
				}
			}
		}
	})
}

// TestColumnsOfVarints holds what takes eight octets at a time against what
// takes one.
func TestColumnsOfVarints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]uint64{0, 1, 5, 126, 127, 128, 129, 300, 1 << 40, math.MaxUint64})
		vs := rapid.SliceOfN(value, 0, 40).Draw(t, "values")
		limit := rapid.SampledFrom([]uint64{0, 4, 5, 126, 127, 128, math.MaxUint64}).Draw(t, "limit")
		var b []byte
		var sum uint64
		fits := true
		for _, v := range vs {
			b = binary.AppendUvarint(b, v)
			sum += v
			fits = fits && v <= limit
		}
		if n := countVarints(b); n != len(vs) {
			t.Fatalf("%d varints, counted %d", len(vs), n)
		}
		var l lane
		got, err := l.read(b, len(vs), math.MaxUint64, limit, make([]byte, 40))
		if (err == nil) != fits || fits && got != sum {
			t.Fatalf("%v within %d: sum %d, %v", vs, limit, got, err)
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
	m := frameWith(t, values{"base": int64(5), "engine": i32{timeWide}, "collected": i32{timeWide}}, nil, nil)
	_, got := readFrame(t, marshal(t, m))
	if u := got[0]; u.Engine != 5+timeWide || u.Collected != 5+2*timeWide {
		t.Errorf("engine %d, collected %d", u.Engine, u.Collected)
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
	m := frameWith(t, values{
		"announced": u32{2}, "withdrawn": u32{2}, "prefix_length": []byte{20, 64 + 65, 64 + 3, 64 + 40},
		"prefix":   u32{0x0a01ffff, math.MaxUint32, math.MaxUint32, math.MaxUint32},
		"prefix64": u32{math.MaxUint32, math.MaxUint32}, "prefix128": []uint64{math.MaxUint64},
	}, nil, nil)
	_, updates := readFrame(t, marshal(t, m))
	if d := diff(nlri("10.1.240.0/20", "ffff:ffff:ffff:ffff:8000::/65"), updates[0].Announced); d != "" {
		t.Error(d)
	}
	if d := diff(nlri("e000::/3", "ffff:ffff:ff00::/40"), updates[0].Withdrawn); d != "" {
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
		if err := f.Decode(raw); (err == nil) != tt.want || err == nil && f.heads[0].flags != tt.flags {
			t.Errorf("%x: %v", tt.raw, err)
		}
	}
}
