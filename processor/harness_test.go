package processor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"detour/alert"
	"detour/route"
	"detour/stream"
	"detour/wire"
)

// sessions of the tests: two ordinary peers, a route server, an internal
// session, one with ADD-PATH.
var sessions = []route.Session{
	{Peer: route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.1"), ASN: 100}, ID: 0},
	{Peer: route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.2"), ASN: 200}, ID: 1},
	{Peer: route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.3"), ASN: 6777}, ID: 2},
	{Peer: route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.4"), ASN: 3333, LocalASN: 3333}, ID: 3},
	{Peer: route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.5"), ASN: 300}, ID: 4},
}

// shardLog is the frames of one shard.
type shardLog struct {
	b      *wire.FrameBuilder
	frames [][]byte
	number uint64
}

// split lays updates out as the frames of each shard; cut says after which
// update a shard's frame ends.
func split(updates []route.Update, shards int, cut func() bool) []*shardLog {
	logs := make([]*shardLog, shards)
	for n := range logs {
		logs[n] = &shardLog{b: wire.NewFrameBuilder("i", 1)}
		logs[n].b.Reset(1)
	}
	for i := range updates {
		u := &updates[i]
		for n, l := range logs {
			part := func(all []route.NLRI) (own []route.NLRI) {
				for _, p := range all {
					if stream.Owners(p.Prefix(), shards)>>n&1 != 0 {
						own = append(own, p)
					}
				}
				return own
			}
			ann, wd := part(u.Announced), part(u.Withdrawn)
			if u.Kind == route.KindUpdate && len(ann)+len(wd) == 0 {
				continue
			}
			var s *route.Session
			if u.Peer != route.AllPeers {
				s = &sessions[u.Peer]
			}
			l.b.Add(u, s, ann, wd)
			if cut() {
				l.flush()
			}
		}
	}
	for _, l := range logs {
		l.flush()
	}
	return logs
}

func (l *shardLog) flush() {
	if l.b.Updates() == 0 {
		return
	}
	l.number++
	l.frames = append(l.frames, slices.Clone(l.b.Bytes(l.number)))
	l.b.Reset(1)
}

// told is what engines told, in words that do not depend on sharding.
type told struct {
	records []string // Change, Left, Loss and events
	nodes   map[string]bool
	flags   []string
}

// drive runs one engine over frames and gathers what it told.
func (o *told) drive(t testing.TB, shard, shards int, frames [][]byte) *engine {
	t.Helper()
	flags := func(f *Flag) { o.flags = append(o.flags, string(f.Line)) }
	e := newEngine(Config{Shard: shard, Shards: shards, Flags: flags})
	for i, f := range frames {
		if err := e.apply(uint64(i)+1, 0, f); err != nil {
			t.Fatal(err)
		}
		o.collect(t, e.finishRange(1, uint64(i)+1, uint64(i)+2))
		e.startRange()
	}
	return e
}

// collect reads one range.
func (o *told) collect(t testing.TB, data []byte) wire.RangeHeader {
	t.Helper()
	var r wire.Range
	if err := r.Decode(data); err != nil {
		t.Fatalf("range of the engine is refused: %v", err)
	}
	var peers []route.Peer
	var v wire.PeerView
	for p := r.Peers(); p.Next(&v); {
		peers = append(peers, v.Peer())
	}
	paths := []string{"-"}
	for p := r.Paths(); ; {
		hops, ok := p.Next(nil)
		if !ok {
			break
		}
		paths = append(paths, fmt.Sprint(hops))
	}
	if o.nodes == nil {
		o.nodes = map[string]bool{}
	}
	var rec wire.Record
	for rs := r.Records(); rs.Next(&rec); {
		peer := "all"
		if rec.Peer != route.AllPeers {
			peer = fmt.Sprint(peers[rec.Peer].ASN)
		}
		switch rec.Kind {
		case wire.RecordNode:
			o.nodes[fmt.Sprintf("node %v %v %v", rec.AS, rec.NextAS, rec.Origin)] = true
		case wire.RecordEdge:
			o.nodes[fmt.Sprintf("edge %s %v", peer, rec.AS)] = true
		default:
			o.records = append(o.records, fmt.Sprintf("%020d %08d %v kind %d event %d flags %x peer %s %s to %s %s",
				rec.Engine, rec.Number, rec.Prefix, rec.Kind, rec.Event, rec.Flags, peer, paths[rec.Prev], paths[rec.Next],
				fmt.Sprintf("new %b contrast %b length %d/%d otc %v expected %v",
					rec.Newcomers, rec.Contrast, rec.Unique, rec.Longest, rec.OTC, rec.Origins)))
		}
	}
	return r.Header
}

// all runs every shard of a split.
func all(t testing.TB, logs []*shardLog) (o told, elements uint64) {
	t.Helper()
	for n, l := range logs {
		elements += o.drive(t, n, len(logs), l.frames).counters.Elements
	}
	slices.Sort(o.records)
	slices.Sort(o.flags)
	return o, elements
}

var testPrefixes = []string{
	"10.0.0.0/8", "10.32.0.0/14", "10.32.0.0/15", "10.32.0.0/16", "10.32.0.0/22", "10.32.1.0/24", "10.33.0.0/16",
	"10.200.0.0/17", "0.0.0.0/0", "192.0.2.0/25", "2a00::/12", "2a00::/16", "2a00:1450::/29", "2a00:1450:4000::/37",
	"2a00:1450:4001::/48", "::/0",
}

// drawUpdates makes a log of one ingester.
func drawUpdates(t *rapid.T) []route.Update {
	now := route.Time(1e15)
	var updates []route.Update
	for i := range rapid.IntRange(1, 60).Draw(t, "updates") {
		now += rapid.SampledFrom([]route.Time{0, 1e3, route.Second, 301 * route.Second, 7 * route.Hour}).Draw(t, "later")
		peer := rapid.Uint32Range(0, uint32(len(sessions)-1)).Draw(t, "peer")
		u := route.Update{Number: uint64(i) + 1, Peer: peer, Engine: now, Collected: now}
		switch rapid.IntRange(0, 19).Draw(t, "kind") {
		case 0:
			u.Kind = rapid.SampledFrom([]route.Kind{route.KindPeerUp, route.KindPeerDown, route.KindEndOfRIB}).Draw(t, "event")
		case 1, 2, 3, 4:
			u.Flags = route.FlagTableDump
			u.Announced = drawNLRI(t, &u)
		case 5, 6, 7:
			u.Withdrawn = drawNLRI(t, &u)
		default:
			u.Announced = drawNLRI(t, &u)
		}
		if len(u.Announced) > 0 {
			u.Path = drawPath(t, &sessions[peer])
			u.Flags |= route.FlagHasPath
			if rapid.IntRange(0, 9).Draw(t, "blackhole") == 0 {
				u.Communities = []byte{0xff, 0xff, 0x02, 0x9a}
			}
		}
		updates = append(updates, u)
	}
	return updates
}

func drawNLRI(t *rapid.T, u *route.Update) (out []route.NLRI) {
	for _, s := range rapid.SliceOfNDistinct(rapid.SampledFrom(testPrefixes), 1, 5, rapid.ID).Draw(t, "prefixes") {
		id := uint32(0)
		if u.Peer == 4 {
			u.Flags |= route.FlagPathIDs
			id = rapid.Uint32Range(0, 2).Draw(t, "id")
		}
		out = append(out, route.MustPrefix(s).NLRI(id))
	}
	// The wire carries IPv4 first.
	slices.SortStableFunc(out, func(a, b route.NLRI) int { return int(a.Family) - int(b.Family) })
	return out
}

func drawPath(t *rapid.T, s *route.Session) route.Path {
	var p route.Path
	if !s.Internal() && s.ASN != 6777 {
		p.ASNs = append(p.ASNs, s.ASN)
	}
	hop := rapid.SampledFrom([]route.ASN{10, 20, 30, 40, 50, 60, 64512, 100, 200})
	p.ASNs = append(p.ASNs, rapid.SliceOfN(hop, 0, 6).Draw(t, "hops")...)
	p.ASNs = append(p.ASNs, rapid.SampledFrom([]route.ASN{1, 2, 3}).Draw(t, "origin"))
	return p
}

// flagsAreValid checks lines against the published schema's rules.
func flagsAreValid(t testing.TB, lines []string) {
	t.Helper()
	for _, l := range lines {
		if !strings.HasPrefix(l, fmt.Sprintf(`{"version":%d,`, alert.Version)) {
			t.Fatalf("flag %s", l)
		}
	}
}
