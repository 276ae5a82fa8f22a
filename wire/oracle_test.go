package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"pgregory.net/rapid"

	"detour/route"
)

// The oracle builds the same messages through the protobuf library, by field
// name and without any of the package's own encoding.

// set gives fields of m by name; zero values stay unset, as proto3 has it.
func set(m *dynamicpb.Message, values map[string]any) {
	for name, v := range values {
		if b, ok := v.([]byte); ok && len(b) == 0 {
			continue
		}
		fd := m.Descriptor().Fields().ByName(protoreflect.Name(name))
		if fd.Kind() == protoreflect.EnumKind {
			v = protoreflect.EnumNumber(v.(int))
		}
		if value := protoreflect.ValueOf(v); fd.HasPresence() || !value.Equal(fd.Default()) {
			m.Set(fd, value)
		}
	}
}

func list(m *dynamicpb.Message, name string) protoreflect.List {
	return m.Mutable(m.Descriptor().Fields().ByName(protoreflect.Name(name))).List()
}

func setASNs(m *dynamicpb.Message, name string, asns []route.ASN) {
	for _, a := range asns {
		list(m, name).Append(protoreflect.ValueOfUint32(uint32(a)))
	}
}

func oracleSession(m *dynamicpb.Message, s *route.Session, ingester uint32) {
	addr := func(a netip.Addr) []byte { return append(a.AsSlice(), a.Zone()...) }
	set(m, map[string]any{
		"id": s.ID, "start": int64(s.Start), "collector": s.Collector, "address": addr(s.Addr),
		"asn": uint32(s.ASN), "local_asn": uint32(s.LocalASN), "view": int(s.View),
		"feed4": int(s.Feed4), "feed6": int(s.Feed6), "router": addr(s.Router),
		"distinguisher": s.Distinguisher, "ingester": ingester,
	})
}

// frameOracle builds a frame as FrameBuilder is said to.
type frameOracle struct {
	m       *dynamicpb.Message
	base    route.Time
	last    uint64
	updates int
	behind  int // the last update with segments
	places  map[uint32]uint32
	heads   map[string]int
}

func newFrameOracle(fd protoreflect.FileDescriptor, header map[string]any) *frameOracle {
	o := &frameOracle{m: newMessage(fd, "Frame"), places: map[uint32]uint32{}, heads: map[string]int{}}
	set(o.m, header)
	return o
}

func (o *frameOracle) add(u *route.Update, s *route.Session) {
	if o.updates == 0 {
		o.base = u.Engine
		o.last = u.Number
		set(o.m, map[string]any{"base": int64(u.Engine), "base_number": u.Number})
	}
	o.row(u, s)
	setASNs(o.m, "path", u.Path.ASNs)
	o.join("communities", u.Communities)
	o.join("large_communities", u.LargeCommunities)
	o.rare(u)
	for _, n := range append(slices.Clone(u.Announced), u.Withdrawn...) {
		o.prefix(n, u.Flags&route.FlagPathIDs != 0)
	}
	o.last = u.Number
	o.updates++
}

// row appends the two words of u, in the order in which the schema tells them.
func (o *frameOracle) row(u *route.Update, s *route.Session) {
	word, shift := uint64(0), 0
	for _, v := range []struct{ bits, value int }{
		{16, o.head(u, s)},
		{8, int(u.Number - o.last)},
		{8, len(u.Path.ASNs)},
		{8, len(u.Communities) / 4},
		{8, len(u.LargeCommunities) / 12},
		{8, len(u.Announced)},
		{8, len(u.Withdrawn)},
	} {
		if limit := 1 << (v.bits - 1); v.value < 0 || v.value >= limit {
			list(o.m, "wide").Append(protoreflect.ValueOfUint64(uint64(v.value)))
			v.value = limit
		}
		word |= uint64(v.value) << shift
		shift += v.bits
	}
	times := uint64(uint32(o.time(u.Engine, o.base, false)))
	times |= uint64(uint32(o.time(u.Collected, u.Engine, u.Collected == 0))) << 32
	for _, w := range []uint64{word, times} {
		list(o.m, "rows").Append(protoreflect.ValueOfUint64(w))
	}
}

// time returns the offset of t.
func (o *frameOracle) time(t, from route.Time, unknown bool) int32 {
	switch d := int64(t - from); {
	case unknown:
		return math.MinInt32 + 1
	case d >= math.MinInt32+2 && d <= math.MaxInt32:
		return int32(d)
	}
	list(o.m, "wide_times").Append(protoreflect.ValueOfInt64(int64(t)))
	return math.MinInt32
}

// head returns the place of the head of u. FrameBuilder may have forgotten one
// that another displaced, and write it again.
func (o *frameOracle) head(u *route.Update, s *route.Session) int {
	peer := uint32(0)
	if s != nil {
		if o.places[s.ID] == 0 {
			oracleSession(appended(o.m, "sessions"), s, 0)
			o.places[s.ID] = uint32(len(o.places) + 1)
		}
		peer = o.places[s.ID]
	}
	h := dynamicpb.NewMessage(o.m.Descriptor().Fields().ByName("heads").Message())
	set(h, map[string]any{
		"flags": uint32(u.Flags), "kind": int(u.Kind), "origin": uint32(u.Origin),
		"next_hop": u.NextHop.Bytes[:u.NextHop.Len], "mp_next_hop": u.MPNextHop.Bytes[:u.MPNextHop.Len],
	})
	key := fmt.Sprint(peer, prototext.Format(h))
	place, ok := o.heads[key]
	if !ok {
		place = list(o.m, "heads").Len()
		o.heads[key] = place
		list(o.m, "heads").Append(protoreflect.ValueOfMessage(h))
		list(o.m, "head_session").Append(protoreflect.ValueOfUint32(peer))
	}
	return place
}

func (o *frameOracle) rare(u *route.Update) {
	if u.Flags&route.FlagHasOTC != 0 {
		setASNs(o.m, "otc", []route.ASN{u.OTC})
	}
	if len(u.Path.Segments) != 0 {
		setASNs(o.m, "segmented", []route.ASN{route.ASN(o.updates - o.behind)})
		o.behind = o.updates + 1
	}
	for _, s := range u.Path.Segments {
		setASNs(o.m, "segments", []route.ASN{route.ASN(s.Count)*8 + route.ASN(s.Type)})
	}
}

func (o *frameOracle) prefix(n route.NLRI, id bool) {
	addr, length := append(n.Prefix().Addr().AsSlice(), make([]byte, 3)...), n.Bits
	if n.Family == route.IPv6 {
		length += 64
	}
	setASNs(o.m, "prefix", []route.ASN{route.ASN(binary.BigEndian.Uint32(addr)&^0xff | uint32(length))})
	if n.Bits > 24 {
		setASNs(o.m, "prefix56", []route.ASN{route.ASN(binary.BigEndian.Uint32(addr[3:]))})
	}
	for k := 0; k < 16 && n.Bits > 56; k += 8 {
		list(o.m, "prefix128").Append(protoreflect.ValueOfUint64(binary.BigEndian.Uint64(addr[k:])))
	}
	if id {
		setASNs(o.m, "path_id", []route.ASN{route.ASN(n.PathID)})
	}
}

// join appends to a field of bytes.
func (o *frameOracle) join(name string, b []byte) {
	fd := o.m.Descriptor().Fields().ByName(protoreflect.Name(name))
	set(o.m, map[string]any{name: append(bytes.Clone(o.m.Get(fd).Bytes()), b...)})
}

// finish leaves out the collectors' times if all are engine times.
func (o *frameOracle) finish() {
	rows := list(o.m, "rows")
	for i := 1; i < rows.Len(); i += 2 {
		if rows.Get(i).Uint()>>32 != 0 {
			return
		}
	}
	var short []route.ASN
	for i := 0; i < rows.Len(); i += 2 {
		w := rows.Get(i).Uint()
		short = append(short, route.ASN(w), route.ASN(w>>32), route.ASN(rows.Get(i+1).Uint()))
	}
	rows.Truncate(0)
	o.m.Clear(o.m.Descriptor().Fields().ByName("rows"))
	setASNs(o.m, "short_rows", short)
}

func appended(m *dynamicpb.Message, name string) *dynamicpb.Message {
	return list(m, name).AppendMutable().Message().(*dynamicpb.Message)
}

// tb is what testing.T and rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
}

func marshal(t tb, m proto.Message) []byte {
	t.Helper()
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// scramble rewrites a message in another legal form: fields in another order,
// packed fields in pieces or unpacked, unknown fields between, scalar and bytes
// fields preceded by a value that the later one overrides.
func scramble(t tb, md protoreflect.MessageDescriptor, raw []byte, r *rand.Rand) []byte {
	t.Helper()
	chunks := map[protowire.Number][][]byte{} // the order within a repeated field must stay
	var order []protowire.Number
	for len(raw) > 0 {
		num, typ, tagLen := protowire.ConsumeTag(raw)
		n := protowire.ConsumeFieldValue(num, typ, raw[tagLen:])
		if tagLen < 0 || n < 0 {
			t.Fatal("oracle wrote a broken message")
		}
		field, value := raw[:tagLen+n], raw[tagLen:tagLen+n]
		raw = raw[tagLen+n:]
		fd := md.Fields().ByNumber(num)
		switch {
		case fd.Message() != nil:
			v, _ := protowire.ConsumeBytes(value)
			sub := scramble(t, fd.Message(), v, r)
			field = protowire.AppendBytes(protowire.AppendTag(nil, num, typ), sub)
		case fd.IsPacked() && typ == protowire.BytesType:
			field = unpack(fd, value, r)
		case !fd.IsList() && r.IntN(4) == 0:
			field = append(decoy(fd), field...)
		}
		chunks[num] = append(chunks[num], field)
		order = append(order, num)
	}
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	var out []byte
	for _, num := range order {
		if r.IntN(3) == 0 {
			out = append(out, unknown(r)...)
		}
		out = append(out, chunks[num][0]...)
		chunks[num] = chunks[num][1:]
	}
	return append(out, unknown(r)...)
}

// decoy is an earlier value of a field that occurs again.
func decoy(fd protoreflect.FieldDescriptor) []byte {
	switch fd.Kind() {
	case protoreflect.StringKind, protoreflect.BytesKind:
		return protowire.AppendString(protowire.AppendTag(nil, fd.Number(), protowire.BytesType), "decoy")
	default:
		return protowire.AppendVarint(protowire.AppendTag(nil, fd.Number(), protowire.VarintType), 12345)
	}
}

func unpack(fd protoreflect.FieldDescriptor, value []byte, r *rand.Rand) (out []byte) {
	payload, _ := protowire.ConsumeBytes(value)
	for len(payload) > 0 {
		typ, n := protowire.Fixed32Type, 4
		switch fd.Kind() {
		case protoreflect.Uint32Kind, protoreflect.Uint64Kind:
			_, n = protowire.ConsumeVarint(payload)
			typ = protowire.VarintType
		case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
			typ, n = protowire.Fixed64Type, 8
		}
		if r.IntN(2) == 0 {
			out = append(protowire.AppendTag(out, fd.Number(), typ), payload[:n]...)
		} else {
			out = protowire.AppendBytes(protowire.AppendTag(out, fd.Number(), protowire.BytesType), payload[:n])
		}
		payload = payload[n:]
	}
	return out
}

// unknown returns a field that no message has, or one of a known number whose
// wire type is not the known one.
func unknown(r *rand.Rand) []byte {
	switch num := protowire.Number(1000 + r.IntN(1000)); r.IntN(6) {
	case 0:
		return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), r.Uint64())
	case 1:
		return protowire.AppendFixed64(protowire.AppendTag(nil, num, protowire.Fixed64Type), r.Uint64())
	case 2:
		return protowire.AppendFixed32(protowire.AppendTag(nil, num, protowire.Fixed32Type), r.Uint32())
	case 3:
		return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), make([]byte, r.IntN(200)))
	case 4:
		group := protowire.AppendTag(nil, num, protowire.StartGroupType)
		group = protowire.AppendVarint(protowire.AppendTag(group, 1, protowire.VarintType), 1)
		return protowire.AppendTag(group, num, protowire.EndGroupType)
	default:
		num = protowire.Number(1 + r.IntN(9)) // none of them has eight octets
		return protowire.AppendFixed64(protowire.AppendTag(nil, num, protowire.Fixed64Type), 1)
	}
}

func TestFrameAgreesWithProtobufLibrary(t *testing.T) {
	fd := schema(t)
	b := NewFrameBuilder("ingester-ü", 7)
	rapid.Check(t, func(t *rapid.T) {
		sessions := genSessions(t)
		byID := map[uint32]*route.Session{}
		for _, s := range sessions {
			byID[s.ID] = s
		}
		received, number := genTime(t, "received"), rapid.Uint64().Draw(t, "frame number")
		o := newFrameOracle(fd, map[string]any{
			"ingester": "ingester-ü", "epoch": uint64(7), "number": number, "received": int64(received),
		})
		b.Reset(received)
		replayed := rapid.Bool().Draw(t, "replayed")
		var updates []route.Update
		var named []route.Session
		for range rapid.SampledFrom([]int{0, 1, 2, 3, 4, 4, 9, 20}).Draw(t, "updates") {
			u := genUpdate(t, sessions)
			if replayed && u.Engine != 0 {
				u.Collected = u.Engine
			}
			s := byID[u.Peer]
			if s != nil && o.places[s.ID] == 0 {
				named = append(named, *s)
			}
			b.Add(&u, s, u.Announced, u.Withdrawn)
			o.add(&u, s)
			updates = append(updates, u)
		}
		o.finish()
		want := marshal(t, o.m)
		raw := b.Bytes(number)
		if b.Len() < len(raw) || b.Len() > len(raw)+300 {
			t.Fatalf("Len %d of %d octets", b.Len(), len(raw))
		}
		back := newMessage(fd, "Frame")
		if err := proto.Unmarshal(raw, back); err != nil {
			t.Fatalf("library refuses the bytes: %v", err)
		}
		if list(back, "heads").Len() == len(o.heads) { // none has displaced another
			if d := diff(want, raw); d != "" {
				t.Fatalf("bytes differ from the library's (-library +ours):\n%s", d)
			}
			if !proto.Equal(o.m, back) {
				t.Fatal("library reads something else")
			}
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for _, form := range [][]byte{raw, scramble(t, o.m.Descriptor(), want, r)} {
			var f Frame
			if err := f.Decode(form); err != nil {
				t.Fatal(err)
			}
			if string(f.Ingester) != "ingester-ü" || f.Epoch != 7 || f.Number != number || f.Received != received ||
				f.Base != o.base {
				t.Fatalf("header %q %d %d %d %d", f.Ingester, f.Epoch, f.Number, f.Received, f.Base)
			}
			gotSessions, gotUpdates := frameContents(&f)
			if d := diff(named, gotSessions); d != "" {
				t.Fatal(d)
			}
			if d := diff(updates, gotUpdates); d != "" {
				t.Fatal(d)
			}
		}
	})
}

func protoreflectString(s string) protoreflect.Value { return protoreflect.ValueOfString(s) }
