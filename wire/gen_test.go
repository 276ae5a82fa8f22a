package wire

import (
	"net/netip"
	"strings"

	"pgregory.net/rapid"

	"detour/route"
)

// Generators of valid values, small ones and extreme ones alike.

func genTime(t *rapid.T, label string) route.Time {
	return route.Time(rapid.OneOf(
		rapid.Int64Range(1_561_374_000_000_000, 1_561_374_010_000_000), rapid.Just(int64(0)), rapid.Int64(),
	).Draw(t, label))
}

func genASNs(t *rapid.T, label string, limit int) []route.ASN {
	return rapid.SliceOfN(rapid.Map(rapid.Uint32(), func(v uint32) route.ASN { return route.ASN(v) }), 0, limit).
		Draw(t, label)
}

func genAddr(t *rapid.T, label string) netip.Addr {
	switch b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, label); rapid.IntRange(0, 3).Draw(t, label+" form") {
	case 0:
		return netip.Addr{}
	case 1:
		return netip.AddrFrom4([4]byte(b))
	case 2:
		return netip.AddrFrom16([16]byte(b)).WithZone("eth0")
	default:
		return netip.AddrFrom16([16]byte(b))
	}
}

var longName = strings.Repeat("x", 200)

func genSession(t *rapid.T, id uint32) *route.Session {
	return &route.Session{
		Peer: route.Peer{
			Collector:     rapid.SampledFrom([]string{"", "rrc00", "straße", longName}).Draw(t, "collector"),
			Router:        genAddr(t, "router"),
			Distinguisher: rapid.Uint64().Draw(t, "distinguisher"),
			Addr:          genAddr(t, "address"),
			ASN:           route.ASN(rapid.Uint32().Draw(t, "asn")),
			LocalASN:      route.ASN(rapid.Uint32().Draw(t, "local asn")),
			View:          route.View(rapid.IntRange(0, int(route.ViewAdjRIBOut)).Draw(t, "view")),
		},
		ID:    id,
		Start: genTime(t, "start"),
		Feed4: route.Feed(rapid.IntRange(0, 2).Draw(t, "feed4")),
		Feed6: route.Feed(rapid.IntRange(0, 2).Draw(t, "feed6")),
	}
}

func genPrefix(t *rapid.T, f route.Family) route.Prefix {
	p := route.Prefix{Family: f, Bits: uint8(rapid.IntRange(0, f.MaxBits()).Draw(t, "bits"))}
	hi, lo := route.Mask(p.Bits)
	p.Hi = rapid.Uint64().Draw(t, "hi") & hi
	if p.Lo = rapid.Uint64().Draw(t, "lo") & lo; f == route.IPv4 {
		p.Lo = 0
	}
	return p
}

// genNLRI returns prefixes, IPv4 before IPv6.
func genNLRI(t *rapid.T, ids bool) []route.NLRI {
	var out []route.NLRI
	for _, f := range []route.Family{route.IPv4, route.IPv6} {
		for range rapid.SampledFrom([]int{0, 0, 1, 2, 3, 40}).Draw(t, "prefixes") {
			id := uint32(0)
			if ids {
				id = rapid.Uint32().Draw(t, "path id")
			}
			out = append(out, genPrefix(t, f).NLRI(id))
		}
	}
	return out
}

func genNextHop(t *rapid.T, label string) (h route.NextHop) {
	h.Len = rapid.SampledFrom([]uint8{0, 4, 16, 32}).Draw(t, label)
	copy(h.Bytes[:h.Len], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, label+" bytes"))
	return h
}

func genPath(t *rapid.T) (p route.Path) {
	p.ASNs = genASNs(t, "path", rapid.SampledFrom([]int{0, 6, 6, 40, 300}).Draw(t, "path limit"))
	if rapid.IntRange(0, 3).Draw(t, "segmented") != 0 {
		return p
	}
	for left := len(p.ASNs); left > 0; {
		n := rapid.IntRange(1, left).Draw(t, "segment")
		typ := route.SegmentType(rapid.IntRange(1, 4).Draw(t, "segment type"))
		p.Segments = append(p.Segments, route.Segment{Type: typ, Count: uint16(n)})
		left -= n
	}
	return p
}

// genUpdate returns an update of one of the sessions, as a frame carries it.
func genUpdate(t *rapid.T, sessions []*route.Session) route.Update {
	u := route.Update{
		Kind:      route.Kind(rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2, 3, 4, 5}).Draw(t, "kind")),
		Flags:     route.Flags(rapid.Uint16().Draw(t, "flags")) & carriedFlags,
		Number:    rapid.OneOf(rapid.Uint64Range(0, 1000), rapid.Uint64()).Draw(t, "number"),
		Engine:    genTime(t, "engine"),
		Collected: genTime(t, "collected"),
		Path:      genPath(t),
		NextHop:   genNextHop(t, "next hop"),
		MPNextHop: genNextHop(t, "mp next hop"),

		Communities:      make([]byte, 4*rapid.SampledFrom([]int{0, 4, 40}).Draw(t, "communities")),
		LargeCommunities: make([]byte, 12*rapid.SampledFrom([]int{0, 1, 12}).Draw(t, "large communities")),
	}
	u.Announced = genNLRI(t, u.Flags&route.FlagPathIDs != 0)
	u.Withdrawn = genNLRI(t, u.Flags&route.FlagPathIDs != 0)
	if u.Flags&route.FlagHasOrigin != 0 {
		u.Origin = uint8(rapid.IntRange(0, 2).Draw(t, "origin"))
	}
	if u.Flags&route.FlagHasOTC != 0 {
		u.OTC = route.ASN(rapid.Uint32().Draw(t, "otc"))
	}
	u.Peer = route.AllPeers
	if len(sessions) > 0 && (u.Kind == route.KindUpdate || rapid.Bool().Draw(t, "one peer")) {
		u.Peer = rapid.SampledFrom(sessions).Draw(t, "session").ID
	} else if u.Kind == route.KindUpdate {
		u.Kind = route.KindTick
	}
	return u
}

func genSessions(t *rapid.T) []*route.Session {
	ids := rapid.SliceOfNDistinct(rapid.OneOf(rapid.Uint32Range(0, 300), rapid.Uint32Max(route.AllPeers-1)), 0, 5,
		rapid.ID).Draw(t, "session ids")
	sessions := make([]*route.Session, len(ids))
	for i, id := range ids {
		sessions[i] = genSession(t, id)
	}
	return sessions
}

// genRange returns a valid range: header, tables and records.
func genRange(t *rapid.T) (h RangeHeader, names []string, peers []rangePeer, paths [][]route.ASN, records []Record) {
	h = RangeHeader{
		Shards: rapid.Uint32Range(1, 1<<31).Draw(t, "shards"), StreamCreated: genTime(t, "created"),
		From:   rapid.OneOf(rapid.Uint64Range(1, 1000), rapid.Uint64Max(1<<63)).Draw(t, "from"),
		Engine: genTime(t, "engine"), End: rapid.Bool().Draw(t, "end"), Elements: rapid.Uint64().Draw(t, "elements"),
		Degraded: rapid.Bool().Draw(t, "degraded"),
	}
	h.Shard = rapid.Uint32Max(h.Shards-1).Draw(t, "shard")
	h.To = h.From + rapid.Uint64Max(1<<62).Draw(t, "to")
	names = rapid.SliceOfNDistinct(rapid.StringN(0, 20, 40), 0, 3, rapid.ID).Draw(t, "ingesters")
	if len(names) == 0 {
		return h, nil, nil, nil, nil
	}
	for id := range rapid.Uint32Range(0, 4).Draw(t, "peers") {
		peers = append(peers, rangePeer{
			Ingester: rapid.Uint32Max(uint32(len(names)-1)).Draw(t, "ingester"), Session: *genSession(t, id),
		})
	}
	for range rapid.IntRange(0, 4).Draw(t, "paths") {
		paths = append(paths, genASNs(t, "path", 100))
	}
	for seq, index := h.From, uint32(0); seq < h.To && len(records) < 8; {
		records = append(records, genRecord(t, names, peers, paths, seq, index))
		seq += rapid.SampledFrom([]uint64{0, 0, 1, 1 << 40}).Draw(t, "step")
		index += rapid.Uint32Range(1, 3).Draw(t, "index step")
	}
	return h, names, peers, paths, records
}

type rangePeer struct {
	Ingester uint32
	Session  route.Session
}

func genRecord(
	t *rapid.T, names []string, peers []rangePeer, paths [][]route.ASN, seq uint64, index uint32,
) Record {
	r := Record{
		Kind:     RecordKind(rapid.IntRange(1, 9).Draw(t, "kind")),
		Flags:    RecordFlags(rapid.Uint16().Draw(t, "flags")),
		Event:    route.Kind(rapid.IntRange(0, 5).Draw(t, "event")),
		Ingester: rapid.Uint32Max(uint32(len(names)-1)).Draw(t, "ingester"),
		Sequence: seq, Index: index,
		Number: rapid.Uint64().Draw(t, "number"), Engine: genTime(t, "engine"), Received: genTime(t, "received"),
		Prev: rapid.Uint32Max(uint32(len(paths))).Draw(t, "prev"),
		Next: rapid.Uint32Max(uint32(len(paths))).Draw(t, "next"),

		Unique: rapid.Uint8().Draw(t, "unique"), Longest: rapid.Uint8().Draw(t, "longest"),
		OTC: route.ASN(rapid.Uint32().Draw(t, "otc")), Origins: genASNs(t, "origins", 3),
		AS: route.ASN(rapid.Uint32().Draw(t, "as")), NextAS: route.ASN(rapid.Uint32().Draw(t, "next as")),
		Origin: route.ASN(rapid.Uint32().Draw(t, "origin")),
		Third:  route.ASN(rapid.Uint32().Draw(t, "third")),
		Routes: rapid.Uint64().Draw(t, "routes"), Raised: rapid.Uint64().Draw(t, "raised"),
		Delta: rapid.Int64().Draw(t, "delta"),
	}
	if f := rapid.SampledFrom([]route.Family{0, route.IPv4, route.IPv6}).Draw(t, "family"); f != 0 {
		r.Prefix = genPrefix(t, f)
	}
	r.Peer = uint32(len(peers)) - 1 // without any, AllPeers
	if len(peers) > 0 {
		r.Peer = rapid.Uint32Max(uint32(len(peers)-1)).Draw(t, "peer")
	} else {
		r.Kind = rapid.SampledFrom([]RecordKind{RecordEvent, RecordCensus, RecordOrigin, RecordVisibility}).Draw(t, "kind")
	}
	judged := r.Next
	if r.Kind == RecordLeft {
		judged = r.Prev
	}
	if judged != 0 {
		mask := uint64(1)<<min(len(paths[judged-1]), 64) - 1
		r.Newcomers = rapid.Uint64().Draw(t, "newcomers") & mask
		r.Contrast = rapid.Uint64().Draw(t, "contrast") & r.Newcomers
		r.Young = rapid.Uint64().Draw(t, "young") & mask
	}
	return r
}
