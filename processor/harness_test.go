package processor

import (
	"encoding/json"
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

// split lays an ingester's updates out as the frames of each shard; cut says
// after which update a shard's frame ends.
func split(ingester string, updates []route.Update, shards int, cut func() bool) []*shardLog {
	return splitOf(sessions, ingester, updates, shards, cut)
}

func splitOf(
	sessions []route.Session, ingester string, updates []route.Update, shards int, cut func() bool,
) []*shardLog {
	logs := make([]*shardLog, shards)
	for n := range logs {
		logs[n] = &shardLog{b: wire.NewFrameBuilder(ingester, 1)}
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
	nodes   map[string]moments
	flags   []string
	held    uint64   // flags held back
	counts  []string // what the counts of all shards sum up to, where a sum changes
	shards  []counted
}

// moments is when something was told first.
type moments struct {
	engine route.Time
	number uint64
}

func (m moments) less(n moments) bool {
	return m.engine < n.engine || m.engine == n.engine && m.number < n.number
}

// drive runs one engine over frames and gathers what it told.
func (o *told) drive(t testing.TB, cfg Config, frames [][]byte) *engine {
	t.Helper()
	cfg.Flags = func(f *Flag) {
		if f.Shard != cfg.Shard || f.Sequence == 0 {
			t.Errorf("flag of shard %d, sequence %d", f.Shard, f.Sequence)
		}
		o.flags = append(o.flags, string(f.Line))
	}
	e := newEngine(cfg)
	for i, f := range frames {
		if err := e.apply(uint64(i)+1, 0, f); err != nil {
			t.Fatal(err)
		}
		o.collect(t, e.finishRange(1, uint64(i)+1, uint64(i)+2))
		e.startRange()
	}
	o.held += e.counters.FlagsHeld
	return e
}

// line is a record and its text.
type line struct {
	wire.Record
	text string
}

// lines reads one range.
func lines(t testing.TB, data []byte) (h wire.RangeHeader, out []line) {
	t.Helper()
	var r wire.Range
	if err := r.Decode(data); err != nil {
		t.Fatalf("range of the engine is refused: %v", err)
	}
	var peers []wire.PeerView
	var v wire.PeerView
	for p := r.Peers(); p.Next(&v); {
		peers = append(peers, v)
	}
	paths := []string{"-"}
	for p := r.Paths(); ; {
		hops, ok := p.Append(nil)
		if !ok {
			break
		}
		paths = append(paths, fmt.Sprint(hops))
	}
	for _, rec := range r.Records() {
		peer := "all"
		if rec.Peer != route.AllPeers {
			p := &peers[rec.Peer]
			peer = fmt.Sprintf("%v/%d%d", p.Peer().ASN, p.Feed4, p.Feed6)
			if p.Ingester != rec.Ingester {
				t.Errorf("record of ingester %d names a peer of ingester %d", rec.Ingester, p.Ingester)
			}
		}
		text := fmt.Sprintf("%020d %08d %v kind %d event %d flags %x peer %s %s to %s %s%s",
			rec.Engine, rec.Number, rec.Prefix, rec.Kind, rec.Event, rec.Flags, peer, paths[rec.Prev], paths[rec.Next],
			fmt.Sprintf("new %b contrast %b length %d/%d otc %v expected %v told %v %v %v %v", rec.Newcomers,
				rec.Contrast, rec.Unique, rec.Longest, rec.OTC, rec.Origins, rec.AS, rec.NextAS, rec.Third, rec.Origin),
			fmt.Sprintf(" routes %d raised %d young %b", rec.Routes, rec.Raised, rec.Young))
		if rec.Flags&(wire.RecordInflated|wire.RecordShortened|wire.RecordOriginNew) != 0 {
			text = strings.Replace(text, " new ", " fact new ", 1)
		}
		out = append(out, line{rec, text})
	}
	return r.Header, out
}

// collect adds one range. Which shard tells of a node or edge first, and how
// often, depends on sharding; that and when it is first told does not.
func (o *told) collect(t testing.TB, data []byte) wire.RangeHeader {
	t.Helper()
	h, all := lines(t, data)
	if o.nodes == nil {
		o.nodes = map[string]moments{}
	}
	for _, l := range all {
		key := fmt.Sprintf("node %v %v %v %v", l.AS, l.NextAS, l.Third, l.Origin)
		switch l.Kind {
		case wire.RecordEdge:
			_, peer, _ := strings.Cut(l.text, "peer ")
			peer, _, _ = strings.Cut(peer, " ")
			key = fmt.Sprintf("edge %s %v", peer, l.AS)
		case wire.RecordNode:
		case wire.RecordCensus, wire.RecordOrigin:
			o.shards = append(o.shards, counts(h.Shard, &l)...)
			continue
		default:
			o.records = append(o.records, l.text)
			continue
		}
		at := moments{l.Engine, l.Number}
		if first, known := o.nodes[key]; !known || at.less(first) {
			o.nodes[key] = at
		}
	}
	return h
}

// all runs every shard of a split. A gap concerns a shard's own log, so each
// shard tells of it; one line of them is kept.
func all(t testing.TB, logs []*shardLog, flagsPerBlock int) (o told, elements uint64) {
	t.Helper()
	for n, l := range logs {
		cfg := Config{Shard: n, Shards: len(logs), FlagsPerBlock: flagsPerBlock}
		elements += o.drive(t, cfg, l.frames).counters.Elements
	}
	place := func(text string) string {
		place, _, _ := strings.Cut(text, " kind")
		return place
	}
	slices.SortStableFunc(o.records, func(a, b string) int { return strings.Compare(place(a), place(b)) })
	o.records = slices.CompactFunc(o.records, func(a, b string) bool { return a == b && isGap(a) })
	slices.Sort(o.flags)
	o.counts, o.shards = sums(t, o.shards), nil
	return o, elements
}

// forgetYoung drops what is told only of young ways and the end of such routes.
func (o *told) forgetYoung() {
	o.records = slices.DeleteFunc(o.records, func(text string) bool {
		return strings.Contains(text, " new 0 ") && strings.Contains(text, fmt.Sprintf("kind %d ", wire.RecordChange)) &&
			!strings.Contains(text, " fact ") || strings.Contains(text, fmt.Sprintf("kind %d ", wire.RecordLeft))
	})
	for i, text := range o.records {
		o.records[i], _, _ = strings.Cut(text, " young ")
	}
}

func isGap(text string) bool {
	return strings.Contains(text, fmt.Sprintf("kind %d event %d ", wire.RecordEvent, route.KindGap))
}

var testPrefixes = []string{
	"10.0.0.0/8", "10.32.0.0/14", "10.32.0.0/15", "10.32.0.0/16", "10.32.0.0/22", "10.32.1.0/24", "10.33.0.0/16",
	"10.200.0.0/17", "0.0.0.0/0", "192.0.2.0/25", "2a00::/12", "2a00::/16", "2a00:1450::/29", "2a00:1450:4000::/37",
	"2a00:1450:4001::/48", "::/0",
}

var (
	testEvents = []route.Kind{
		route.KindPeerUp, route.KindPeerDown, route.KindEndOfRIB, route.KindGap, route.KindTick,
	}
	testTables = []route.Flags{
		route.FlagTableDump, route.FlagInitialTransfer, route.FlagTableDump | route.FlagInitialTransfer,
	}
)

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
			u.Kind = rapid.SampledFrom(testEvents).Draw(t, "event")
			if u.Kind == route.KindGap || rapid.Bool().Draw(t, "all peers") {
				u.Peer = route.AllPeers
			}
		case 1, 2, 3, 4:
			u.Flags = rapid.SampledFrom(testTables).Draw(t, "table")
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
	// Ticks reach all shards, in the end at least.
	return append(updates, route.Update{
		Kind: route.KindTick, Peer: route.AllPeers, Number: uint64(len(updates)), Engine: now + censusEvery,
	})
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

// flagOf reads a flag as a listener does and checks it.
func flagOf(t testing.TB, text string) (flag alert.Flag) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &flag); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if err := flag.Validate(); err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return flag
}
