package rib_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"detour/internal/oracle"
	"detour/internal/snapshot"
	"detour/processor/detect"
	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// The peers of the comparison: an ordinary one, one with a private ASN, an
// internal session, a route server (its ASN is never first), one with ADD-PATH.
var oraclePeers = []route.Peer{
	{Collector: "c", Addr: netip.MustParseAddr("10.0.0.1"), ASN: 100},
	{Collector: "c", Addr: netip.MustParseAddr("10.0.0.2"), ASN: 64600},
	{Collector: "c", Addr: netip.MustParseAddr("10.0.0.3"), ASN: 3333, LocalASN: 3333},
	{Collector: "c", Addr: netip.MustParseAddr("10.0.0.4"), ASN: 6777},
	{Collector: "c", Addr: netip.MustParseAddr("10.0.0.5"), ASN: 200},
}

const addPathPeer = 4

var oraclePrefixes = []string{
	"10.0.0.0/7", "10.0.0.0/8", "10.32.0.0/14", "10.32.0.0/15", "10.34.0.0/15", "10.32.0.0/16", "10.32.0.0/17",
	"10.32.128.0/17", "10.32.0.0/22", "10.32.0.0/23", "10.32.2.0/24", "10.32.3.0/24", "192.0.2.0/25",
	"2a00::/12", "2a00::/16", "2a00:1450::/32", "2a00:1450:4000::/37", "2a00:1450:4001::/48",
}

// machine runs the rib and the oracle side by side.
type machine struct {
	who   []route.Peer
	r     *rib.RIB
	o     *oracle.Shard
	all   *oracle.Everything
	peers []rib.Peer
	now   route.Time

	told, due told // reports of the rib, and those that it owes
}

// told is what the correlator has learned, as sets: after a sweep a node may be
// reported again.
type told struct {
	Nodes map[oracle.NodeReport]bool
	Edges map[edge]bool
}

type edge struct {
	Peer int
	AS   route.ASN
}

func newTold() told { return told{map[oracle.NodeReport]bool{}, map[edge]bool{}} }

func newMachine(peers []route.Peer) *machine {
	m := &machine{
		who: peers,
		r:   rib.New(rib.Config{}), o: oracle.New(rib.PrefixHash), all: oracle.NewEverything(), now: 1e15,
		told: newTold(), due: newTold(),
	}
	for _, p := range peers {
		pe, _ := m.r.AddPeer(p)
		m.peers = append(m.peers, pe)
	}
	return m
}

var asnGen = rapid.SampledFrom([]route.ASN{
	100, 200, 3333, 6777, 10, 20, 30, 40, 50, 60, 70, 80, 64600, 23456, 0, 4200000001,
	901, 902, 903, 904, 905, 906, 907, 908, 909, 910, 911, 912, 913, 914, 915, 916, 917, 918,
})

func drawPath(t *rapid.T, peer route.Peer) route.Path {
	var p route.Path
	if rapid.IntRange(0, 9).Draw(t, "front") > 0 && !peer.Internal() && peer.ASN != 6777 {
		p.ASNs = append(p.ASNs, peer.ASN)
	}
	p.ASNs = append(p.ASNs, rapid.SliceOfN(asnGen, 0, 6).Draw(t, "hops")...)
	p.ASNs = append(p.ASNs, rapid.SampledFrom([]route.ASN{1, 2, 3, 64512}).Draw(t, "origin"))
	if rapid.IntRange(0, 30).Draw(t, "long") == 0 {
		for i := range 70 {
			p.ASNs = slices.Insert(p.ASNs, 1, route.ASN(3000+i))
		}
	}
	if rapid.IntRange(0, 6).Draw(t, "segmented") == 0 {
		left := len(p.ASNs)
		for left > 0 {
			n := rapid.IntRange(1, left).Draw(t, "run")
			typ := rapid.SampledFrom([]route.SegmentType{2, 2, 1, 3, 4}).Draw(t, "type")
			p.Segments = append(p.Segments, route.Segment{Type: typ, Count: uint16(n)})
			left -= n
		}
	}
	return p
}

func drawPrefix(t *rapid.T) route.Prefix {
	return route.MustPrefix(rapid.SampledFrom(oraclePrefixes).Draw(t, "prefix"))
}

func (m *machine) advance(t *rapid.T) {
	m.now += rapid.SampledFrom([]route.Time{
		0, 1, route.Second, 30 * route.Second, 64 * route.Second, 299 * route.Second, 300 * route.Second, route.Hour,
		6 * route.Hour, 40 * route.Hour, 31 * 24 * route.Hour,
	}).Draw(t, "later")
	m.r.Advance(m.now)
}

func (m *machine) announce(t *rapid.T) {
	m.advance(t)
	i := rapid.IntRange(0, len(m.peers)-1).Draw(t, "peer")
	p := drawPrefix(t)
	raw := drawPath(t, m.who[i])
	from := rapid.SampledFrom(sources).Draw(t, "source")
	id := uint32(0)
	if i == addPathPeer {
		id = rapid.Uint32Range(0, 3).Draw(t, "id")
	}
	m.show(t, i, p, id, raw, from)
}

var sources = []oracle.Source{oracle.Table, oracle.Transfer, oracle.News, oracle.News, oracle.News}

// show announces a route to both and reports whether its prefix's visibility
// turned.
func (m *machine) show(t *rapid.T, i int, p route.Prefix, id uint32, raw route.Path, from oracle.Source) bool {
	peer, addPath := m.who[i], i == addPathPeer
	path, _ := m.r.Path(m.peers[i], &raw, from == oracle.News)
	src := rib.FromUpdate
	if from == oracle.Table {
		src = rib.FromTable
	}
	var ch rib.Change
	m.r.Announce(m.peers[i], p.NLRI(id), addPath, path, src, &ch)
	got := m.facts(&ch)
	want := m.o.Announce(m.now, peer, p, id, addPath, raw, from)
	m.compare(t, fmt.Sprintf("%v announces %v id %d %v source=%d", peer.ASN, p, id, raw, from), got, want)
	m.report(t, i, &ch, &path)
	m.owe(i, raw, want.Outcome)
	m.checkTold(t)
	// The filter lets everything through that is new to all the world.
	fresh, units := m.all.Announce(raw, peer), m.all.Units(m.now, raw, peer, from)
	if want.Outcome != oracle.Changed && want.Outcome != oracle.Extra {
		return want.Turned
	}
	for _, hop := range fresh {
		if !slices.Contains(got.Reported, hop) {
			t.Fatalf("hop %d of %v is new to the world with its origin, yet not reported for %v", hop, got.Next, p)
		}
	}
	for _, hop := range units {
		if !slices.Contains(got.Young, hop) && !follow(got.Prev, got.Next[hop], got.Next[hop+1]) {
			t.Fatalf("the way from hop %d of %v is news, yet not young for %v", hop, got.Next, p)
		}
	}
	return want.Turned
}

// follow reports whether b stands right behind a.
func follow(tail []route.ASN, a, b route.ASN) bool {
	for i := range tail {
		if i+1 < len(tail) && tail[i] == a && tail[i+1] == b {
			return true
		}
	}
	return false
}

func (m *machine) withdraw(t *rapid.T) {
	m.advance(t)
	i := rapid.IntRange(0, len(m.peers)-1).Draw(t, "peer")
	p := drawPrefix(t)
	id := uint32(0)
	if i == addPathPeer {
		id = rapid.Uint32Range(0, 3).Draw(t, "id")
	}
	m.take(t, i, p, id)
}

// take withdraws a route from both and reports whether its prefix's visibility
// turned.
func (m *machine) take(t *rapid.T, i int, p route.Prefix, id uint32) bool {
	var ch rib.Change
	m.r.Withdraw(m.peers[i], p.NLRI(id), i == addPathPeer, &ch)
	got := m.facts(&ch)
	want := m.o.Withdraw(m.now, m.who[i], p, id, i == addPathPeer)
	m.compare(t, fmt.Sprintf("%v withdraws %v id %d", m.who[i].ASN, p, id), got, want)
	m.report(t, i, &ch, nil) // a path that takes over was told of when it came
	m.checkTold(t)
	return want.Turned
}

// report does what the shard does with a change, speaking for all prefixes.
func (m *machine) report(t *rapid.T, peer int, ch *rib.Change, path *rib.Path) {
	if ch.Outcome == rib.Unchanged || ch.Outcome == rib.Refused || ch.Next == 0 {
		return
	}
	m.r.Report(ch.Next, func(n rib.NodeReport) { m.told.Nodes[oracle.NodeReport(n)] = true })
	if path == nil {
		return
	}
	as, first := m.r.Edge(m.peers[peer], path)
	e := edge{peer, as}
	if first == (as == 0 || m.told.Edges[e]) {
		t.Fatalf("first hop %v of peer %v: first=%t, told before: %t", as, m.who[peer].ASN, first, m.told.Edges[e])
	}
	if first {
		m.told.Edges[e] = true
	}
}

// owe notes what the page wants reported of a path that is used.
func (m *machine) owe(peer int, raw route.Path, o oracle.Outcome) {
	if o != oracle.Changed && o != oracle.Extra && o != oracle.Filled {
		return
	}
	nodes, first := oracle.Reports(raw, m.who[peer])
	for _, n := range nodes {
		m.due.Nodes[n] = true
	}
	if first != 0 {
		m.due.Edges[edge{peer, first}] = true
	}
}

func (m *machine) checkTold(t *rapid.T) {
	if d := cmp.Diff(m.due, m.told); d != "" {
		t.Fatalf("reports differ (-oracle +rib):\n%s", d)
	}
}

func (m *machine) reset(t *rapid.T) { m.resetOne(t) }

// resetOne ends a session and returns of how many prefixes the visibility turned.
func (m *machine) resetOne(t *rapid.T) int {
	i := rapid.IntRange(0, len(m.peers)-1).Draw(t, "peer")
	m.r.Reset(m.peers[i])
	turned := m.o.Reset(m.who[i])
	m.turned(t, turned, 1+rapid.IntRange(0, 3).Draw(t, "at a time"))
	return len(turned)
}

// turned compares what a reset did to the visibility of prefixes, told some at
// a time.
func (m *machine) turned(t *rapid.T, want []oracle.Visibility, limit int) {
	var got []oracle.Visibility
	for more := true; more; {
		n := len(got)
		m.r.Turned(limit, func(v *rib.Visibility) {
			got = append(got, oracle.Visibility{Prefix: v.Prefix, Up: int(v.Up), Lost: int(v.Lost)})
		})
		more = len(got)-n == limit
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("visibility turned (-oracle +rib):\n%s", d)
	}
}

// restore goes on with a copy that came out of a snapshot.
func (m *machine) restore(t *rapid.T) {
	c, err := snapshot.For(m.r)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(m.r); err != nil {
		t.Fatal(err)
	}
	body, err := c.Append(nil, m.r)
	if err != nil {
		t.Fatal(err)
	}
	m.r = rib.New(rib.Config{})
	if err := c.Decode(body, m.r); err != nil {
		t.Fatal(err)
	}
	m.r.Restored()
}

func (m *machine) sweep(*rapid.T) {
	m.r.SweepNow()
	m.o.Sweep()
}

// facts puts a change into the oracle's words and notes what is stated.
func (m *machine) facts(ch *rib.Change) oracle.Facts {
	f := detect.Judge(m.r, ch)
	m.r.State(ch, f.Any())
	out := oracle.Facts{Raised: ch.Raised, Turned: ch.Turned, Up: int(ch.Up), Lost: int(ch.Lost)}
	switch ch.Outcome {
	case rib.Announced:
		out.Outcome = oracle.Changed
	case rib.Extra:
		out.Outcome = oracle.Extra
	case rib.Withdrawn:
		out.Outcome = oracle.Withdrawn
	case rib.Filled:
		out.Outcome = oracle.Filled
		return out
	case rib.Refused:
		return oracle.Facts{Outcome: oracle.Refused}
	default:
		return out
	}
	out.HasPrev = ch.Prev != 0
	out.Prev, out.Next = m.r.Tail(nil, ch.Prev), m.r.Tail(nil, ch.Next)
	out.NoBaseline, out.Inherited = !ch.Known, ch.Inherited
	out.Origins = m.r.Origins(nil, ch)
	out.Held = ch.Held
	out.Left = ch.WasStated && !f.Any()
	if ch.Outcome == rib.Withdrawn {
		out.Loss = ch.Held
		return out
	}
	out.Unique, out.Longest = int(ch.Unique), int(ch.Longest)
	out.Reported, out.Contrast, out.Newcomers = hops(f.Reported), hops(f.Contrast), hops(f.Unknown)
	out.Young = hops(f.Young)
	out.Inflated = f.Flags&wire.RecordInflated != 0
	out.Shortened = f.Flags&wire.RecordShortened != 0
	out.MoreSpecific = f.Flags&wire.RecordMoreSpecific != 0
	out.OriginNew = f.Flags&wire.RecordOriginNew != 0
	return out
}

func hops(mask uint64) (out []int) {
	for i := range 64 {
		if mask>>i&1 != 0 {
			out = append(out, i)
		}
	}
	return out
}

func (m *machine) compare(t *rapid.T, op string, got, want oracle.Facts) {
	quiet := map[oracle.Outcome]bool{oracle.Nothing: true, oracle.Unchanged: true, oracle.Forgotten: true}
	if quiet[want.Outcome] {
		want = oracle.Facts{}
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%s: rib differs from oracle (-oracle +rib):\n%s", op, d)
	}
}

func (m *machine) check(t *rapid.T) {
	if d := cmp.Diff(m.o.Dump(), m.r.Dump(m.who)); d != "" {
		t.Fatalf("state differs (-oracle +rib):\n%s", d)
	}
	for _, f := range []route.Family{route.IPv4, route.IPv6} {
		if got, want := m.r.Common(f), m.o.Common(f, rib.CommonFrom); got != want {
			t.Fatalf("%d prefixes of family %d are common, want %d", got, f, want)
		}
	}
}

// TestRIBIsTheOracle holds the fast state against the slow one, facts and whole
// state after each of many random operations, sweeps in between.
func TestRIBIsTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(oraclePeers)
		t.Repeat(map[string]func(*rapid.T){
			"announce":  m.announce,
			"announce2": m.announce,
			"announce3": m.announce,
			"withdraw":  m.withdraw,
			"reset":     m.reset,
			"sweep":     m.sweep,
			"restore":   m.restore,
			"":          m.check,
		})
	})
}
