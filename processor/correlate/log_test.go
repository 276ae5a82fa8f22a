package correlate

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// entry is a record with what its indexes stand for.
type entry struct {
	wire.Record
	ingester   string
	session    *route.Session // nil: all peers
	prev, next []route.ASN    // nil: none
}

// frame is what one sequence of a shard's stream led to.
type frame []entry

const created route.Time = 1000

// encode builds the evidence range of frames, the first of which has sequence
// from, and reads it back.
func encode(t testing.TB, h wire.RangeHeader, frames []frame) *wire.Range {
	t.Helper()
	b := wire.NewRangeBuilder()
	paths := map[string]uint32{}
	path := func(p []route.ASN) uint32 {
		if p == nil {
			return 0
		}
		key := fmt.Sprint(p)
		if paths[key] == 0 {
			paths[key] = b.Path(p)
		}
		return paths[key]
	}
	for i, f := range frames {
		for j, e := range f {
			r := e.Record
			r.Sequence, r.Index = h.From+uint64(i), uint32(j)
			r.Ingester, r.Peer = b.Ingester(e.ingester), route.AllPeers
			if e.session != nil {
				r.Peer = b.Peer(r.Ingester, e.session)
			}
			r.Prev, r.Next = path(e.prev), path(e.next)
			b.Add(&r)
		}
	}
	h.To = h.From + uint64(len(frames))
	if h.StreamCreated == 0 {
		h.StreamCreated = created
	}
	var out wire.Range
	if err := out.Decode(slices.Clone(b.Bytes(&h))); err != nil {
		t.Fatal(err)
	}
	return &out
}

func peerSession(id uint32, asn route.ASN) *route.Session {
	addr := netip.AddrFrom4([4]byte{192, 0, byte(id >> 8), byte(id)})
	return &route.Session{
		Peer: route.Peer{Collector: "rrc00", Addr: addr, ASN: asn}, ID: id,
		Feed4: route.FeedFull, Feed6: route.FeedFull,
	}
}

// scene feeds a correlator of one shard with one record at a time.
type scene struct {
	testing.TB
	c      *Correlator
	next   uint64
	number uint64
	alerts []alert.Alert
}

// plain fills in what keeps scenes about watched prefixes small: sessions learn
// for 300 s, three peers make a quorum however many there are, and an alert ends
// with its routes. What the defaults do instead has tests of its own.
func plain(cfg Config) Config {
	def(&cfg.Learn, 300*route.Second)
	def(&cfg.Quorum, 3)
	def(&cfg.Settle, atOnce)
	return cfg
}

// atOnce is the shortest time to settle.
const atOnce route.Time = 1

// newScene returns a scene, with a plain configuration, in which the peers of
// these ASNs are long established, session i being that of asns[i].
func newScene(t *testing.T, cfg Config, asns ...route.ASN) (*scene, []*route.Session) {
	s := &scene{TB: t, c: New(plain(cfg)), next: 1}
	sessions := make([]*route.Session, len(asns))
	for i, asn := range asns {
		sessions[i] = peerSession(uint32(i+1), asn)
		s.edge(0, sessions[i], 64000)
	}
	return s, sessions
}

const established = 301 * route.Second

func (s *scene) add(at route.Time, e entry) {
	s.Helper()
	s.number++
	e.Engine, e.Number = at, s.number
	if e.ingester == "" {
		e.ingester = "ris"
	}
	s.give(wire.RangeHeader{Shards: 1, From: s.next, Engine: at}, []frame{{e}})
	s.next++
}

func (s *scene) give(h wire.RangeHeader, frames []frame) {
	s.Helper()
	if err := rangeTwice(s, s.c, encode(s, h, frames), s.collect); err != nil {
		s.Fatal(err)
	}
}

func (s *scene) collect(a *alert.Alert) {
	if err := a.Validate(); err != nil {
		s.Errorf("invalid alert: %v", err)
	}
	s.alerts = append(s.alerts, *a)
}

// until lets the shard's engine time come to at.
func (s *scene) until(at route.Time) {
	s.Helper()
	s.give(wire.RangeHeader{Shards: 1, From: s.next, Engine: at}, []frame{{}})
	s.next++
}

func (s *scene) edge(at route.Time, p *route.Session, as route.ASN) {
	s.Helper()
	e := entry{session: p}
	e.Kind, e.AS, e.Prefix = wire.RecordEdge, as, testPrefix
	s.add(at, e)
}

var testPrefix = route.MustPrefix("203.0.113.0/24")

// change tells that a peer's route of testPrefix went from prev to next, with
// contrast at the hops that prev lacks.
func (s *scene) change(at route.Time, p *route.Session, prev, next []route.ASN, flags wire.RecordFlags) {
	s.Helper()
	s.add(at, changeOf(testPrefix, p, prev, next, flags))
}

func changeOf(prefix route.Prefix, p *route.Session, prev, next []route.ASN, flags wire.RecordFlags) entry {
	e := entry{session: p, prev: prev, next: next}
	e.Kind, e.Flags, e.Prefix = wire.RecordChange, flags|wire.RecordWatched, prefix
	e.Unique, e.Longest = uint8(len(next)+1), uint8(max(1, len(next)-1))
	e.Origins = []route.ASN{64500}
	for i := range max(0, len(next)-1) {
		e.Newcomers |= 1 << i
		if prev != nil && !slices.Contains(prev, next[i]) {
			e.Contrast |= 1 << i
		}
	}
	return e
}

func (s *scene) left(at route.Time, p *route.Session, prev []route.ASN) {
	s.Helper()
	e := entry{session: p, prev: prev}
	e.Kind, e.Prefix = wire.RecordLeft, testPrefix
	s.add(at, e)
}

func (s *scene) event(at route.Time, p *route.Session, kind route.Kind) {
	s.Helper()
	e := entry{session: p}
	e.Kind, e.Event = wire.RecordEvent, kind
	s.add(at, e)
}

// lives sums up the alerts emitted so far, one line each.
func (s *scene) lives() []string {
	var lines []string
	for _, a := range s.alerts {
		lines = append(lines, fmt.Sprintf("%d %s AS%d %d/%d %s", a.Revision, a.Status, a.Suspect,
			a.Counts.Peers, a.Counts.PeersTotal, a.CloseReason))
	}
	return lines
}

func asJSON(t testing.TB, v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func asns(list ...route.ASN) []route.ASN { return append([]route.ASN{}, list...) }
