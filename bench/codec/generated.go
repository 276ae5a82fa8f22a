package codec

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/proto"

	"detour/bench/codec/codecpb"
	"detour/route"
)

// generated is a codec of generated code. Messages are made anew for each batch,
// as that code is used; the buffer is used again.
type generated struct {
	buf []byte
	u   route.Update
}

// batches divides traffic as the frames were, by the number of updates in each.
func batches(t *traffic, sizes []int) (out []*codecpb.Batch) {
	at := 0
	for i, n := range sizes {
		out = append(out, batch(t, t.updates[at:at+n], uint64(i+1)))
		at += n
	}
	return out
}

// batch makes a message of updates, with the sessions that it mentions.
func batch(t *traffic, updates []route.Update, number uint64) *codecpb.Batch {
	b := &codecpb.Batch{
		Ingester: "bench", Epoch: 1, Number: number, ReceivedUs: int64(updates[0].Engine),
		Updates: make([]*codecpb.Update, len(updates)),
	}
	known := make([]bool, len(t.sessions))
	for i := range updates {
		u := &updates[i]
		b.Updates[i] = toMessage(u)
		if !known[u.Peer] {
			known[u.Peer] = true
			b.Sessions = append(b.Sessions, toSession(t.sessions[u.Peer]))
		}
	}
	return b
}

func toSession(s *route.Session) *codecpb.Session {
	return &codecpb.Session{
		Id: s.ID, StartUs: int64(s.Start), Collector: s.Collector, Address: s.Addr.AsSlice(), Asn: uint32(s.ASN),
		LocalAsn: uint32(s.LocalASN), View: uint32(s.View),
	}
}

func toMessage(u *route.Update) *codecpb.Update {
	m := &codecpb.Update{
		Kind: uint32(u.Kind), Number: u.Number, Session: u.Peer, EngineUs: int64(u.Engine),
		CollectedUs: int64(u.Collected), Flags: uint32(u.Flags), Origin: uint32(u.Origin),
		OnlyToCustomer: uint32(u.OTC), NextHop: u.NextHop.Bytes[:u.NextHop.Len],
		MpNextHop: u.MPNextHop.Bytes[:u.MPNextHop.Len], Path: make([]uint32, len(u.Path.ASNs)),
		Announced: toPrefixes(u.Announced), Withdrawn: toPrefixes(u.Withdrawn),
	}
	for i, a := range u.Path.ASNs {
		m.Path[i] = uint32(a)
	}
	for _, s := range u.Path.Segments {
		m.Segments = append(m.Segments, &codecpb.Segment{Type: uint32(s.Type), Count: uint32(s.Count)})
	}
	for c := u.Communities; len(c) >= 4; c = c[4:] {
		m.Communities = append(m.Communities, binary.BigEndian.Uint32(c))
	}
	for c := u.LargeCommunities; len(c) >= 12; c = c[12:] {
		m.LargeCommunities = append(m.LargeCommunities, &codecpb.LargeCommunity{
			Global: binary.BigEndian.Uint32(c), Local1: binary.BigEndian.Uint32(c[4:]), Local2: binary.BigEndian.Uint32(c[8:]),
		})
	}
	return m
}

func toPrefixes(list []route.NLRI) []*codecpb.Prefix {
	out := make([]*codecpb.Prefix, len(list))
	for i := range list {
		n := &list[i]
		var b [16]byte
		binary.BigEndian.PutUint64(b[:], n.Hi)
		binary.BigEndian.PutUint64(b[8:], n.Lo)
		out[i] = &codecpb.Prefix{
			Address: b[:(n.Bits+7)/8], Length: uint32(n.Bits), Ipv6: n.Family == route.IPv6, PathId: n.PathID,
		}
	}
	return out
}

// encode turns traffic into messages and those into bytes.
func (g *generated) encode(t *traffic, sizes []int) error { return g.marshal(batches(t, sizes), nil) }

// marshal is the library's part of encode.
func (g *generated) marshal(list []*codecpb.Batch, use func([]byte)) (err error) {
	for _, b := range list {
		if g.buf, err = (proto.MarshalOptions{}).MarshalAppend(g.buf[:0], b); err != nil {
			return fmt.Errorf("marshal: %w", err)
		}
		if use != nil {
			use(g.buf)
		}
	}
	return nil
}

// decode reads bytes into messages and those into updates, and gives each to
// use, which may be nil.
func (g *generated) decode(all [][]byte, use func(*route.Update)) error {
	return g.unmarshal(all, func(b *codecpb.Batch) {
		for _, m := range b.Updates {
			fromMessage(&g.u, m)
			if use != nil {
				use(&g.u)
			}
		}
	})
}

// unmarshal is the library's part of decode.
func (g *generated) unmarshal(all [][]byte, use func(*codecpb.Batch)) error {
	for _, raw := range all {
		b := new(codecpb.Batch)
		if err := proto.Unmarshal(raw, b); err != nil {
			return fmt.Errorf("unmarshal: %w", err)
		}
		if use != nil {
			use(b)
		}
	}
	return nil
}

// fromMessage fills u, whose memory it uses again.
func fromMessage(u *route.Update, m *codecpb.Update) {
	communities, large := u.Communities[:0], u.LargeCommunities[:0]
	u.Reset()
	u.Kind, u.Flags, u.Origin, u.Peer = route.Kind(m.Kind), route.Flags(m.Flags), uint8(m.Origin), m.Session
	u.Number, u.Engine, u.Collected = m.Number, route.Time(m.EngineUs), route.Time(m.CollectedUs)
	u.OTC = route.ASN(m.OnlyToCustomer)
	u.NextHop.Len = uint8(copy(u.NextHop.Bytes[:], m.NextHop))
	u.MPNextHop.Len = uint8(copy(u.MPNextHop.Bytes[:], m.MpNextHop))
	for _, a := range m.Path {
		u.Path.ASNs = append(u.Path.ASNs, route.ASN(a))
	}
	for _, s := range m.Segments {
		u.Path.Segments = append(u.Path.Segments, route.Segment{Type: route.SegmentType(s.Type), Count: uint16(s.Count)})
	}
	for _, c := range m.Communities {
		communities = binary.BigEndian.AppendUint32(communities, c)
	}
	for _, c := range m.LargeCommunities {
		large = binary.BigEndian.AppendUint32(large, c.Global)
		large = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(large, c.Local1), c.Local2)
	}
	u.Communities, u.LargeCommunities = communities, large
	u.Announced = fromPrefixes(u.Announced, m.Announced)
	u.Withdrawn = fromPrefixes(u.Withdrawn, m.Withdrawn)
}

func fromPrefixes(to []route.NLRI, list []*codecpb.Prefix) []route.NLRI {
	for _, p := range list {
		var b [16]byte
		copy(b[:], p.Address)
		n := route.NLRI{
			Hi: binary.BigEndian.Uint64(b[:]), Lo: binary.BigEndian.Uint64(b[8:]), Bits: uint8(p.Length),
			Family: route.IPv4, PathID: p.PathId,
		}
		if p.Ipv6 {
			n.Family = route.IPv6
		}
		to = append(to, n)
	}
	return to
}
