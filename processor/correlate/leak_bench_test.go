package correlate

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"detour/internal/cputime"
	"detour/route"
	"detour/wire"
)

// leakLog makes the evidence of a leak as a shard would send it: peers that had
// a route to each prefix now have one through AS396531.
type leakLog struct {
	t        testing.TB
	b        *wire.RangeBuilder
	sessions []*route.Session
	sequence uint64
	from     uint64
	at       route.Time
	paths    map[[3]uint32]uint32 // kind, peer, origin: place in the range
	told     map[[2]uint32]bool
	ranges   [][]byte
	records  int
}

func newLeakLog(t testing.TB, peers int) *leakLog {
	l := &leakLog{t: t, b: wire.NewRangeBuilder(), sequence: 1, from: 1, at: 1_500_000_000 * route.Second}
	for i := range peers {
		l.sessions = append(l.sessions, peerSession(uint32(i+1), route.ASN(100+i)))
	}
	l.begin()
	return l
}

func (l *leakLog) begin() {
	l.b.Reset()
	l.paths = map[[3]uint32]uint32{}
	l.from = l.sequence
	if l.told == nil {
		l.told = map[[2]uint32]bool{}
	}
}

func (l *leakLog) cut() {
	if l.b.Records() == 0 {
		return
	}
	h := wire.RangeHeader{Shards: 1, StreamCreated: created, From: l.from, To: l.sequence + 1, Engine: l.at}
	l.sequence++
	l.ranges = append(l.ranges, slices.Clone(l.b.Bytes(&h)))
	l.begin()
}

func (l *leakLog) path(kind, peer, origin uint32, hops []route.ASN) uint32 {
	key := [3]uint32{kind, peer, origin}
	if l.paths[key] == 0 {
		l.paths[key] = l.b.Path(hops)
	}
	return l.paths[key]
}

func (l *leakLog) add(r wire.Record, peer int) {
	in := l.b.Ingester("ris")
	r.Ingester, r.Peer = in, l.b.Peer(in, l.sessions[peer])
	r.Sequence, r.Index, r.Engine = l.sequence, uint32(l.b.Records()), l.at
	l.b.Add(&r)
	l.records++
}

func (l *leakLog) nodes(peer int, number uint64, flags wire.RecordFlags, hops []route.ASN) {
	origin := hops[len(hops)-1]
	for i := 0; i+1 < len(hops); i++ {
		key := [2]uint32{uint32(hops[i]) ^ uint32(hops[i+1])<<12, uint32(origin)}
		if l.told[key] {
			continue
		}
		l.told[key] = true
		r := wire.Record{Kind: wire.RecordNode, Flags: flags, Number: number, AS: hops[i], NextAS: hops[i+1], Origin: origin}
		if i+2 < len(hops) {
			r.Third = hops[i+2]
		}
		l.add(r, peer)
	}
}

func normalHops(peer, origin int) []route.ASN {
	return []route.ASN{route.ASN(3000 + (peer+origin)%12), route.ASN(5000 + origin%300), route.ASN(100_000 + origin)}
}

func leakedHops(peer, origin int) []route.ASN {
	to, from := route.ASN(3000+peer%12), route.ASN(5000+origin%300)
	return []route.ASN{to, 701, 396531, 33154, from, route.ASN(100_000 + origin)}
}

// prime tells the tables of all peers, and ends them.
func (l *leakLog) prime(origins int) {
	for peer := range l.sessions {
		for o := range origins {
			l.nodes(peer, 1, wire.RecordTable|wire.RecordLearning, normalHops(peer, o))
			if l.b.Len() > 16<<10 {
				l.cut()
			}
		}
	}
	r := wire.Record{Kind: wire.RecordEvent, Event: route.KindEndOfRIB, Number: 2}
	for peer := range l.sessions {
		e := wire.Record{
			Kind: wire.RecordEdge, Flags: wire.RecordTable | wire.RecordLearning, Number: 2,
			AS: normalHops(peer, 0)[0],
		}
		l.add(e, peer)
		l.add(r, peer)
	}
	l.cut()
}

// changes tells each prefix at each peer over span; to gives the new path.
func (l *leakLog) changes(prefixes, origins int, span route.Time, to func(peer, origin int) []route.ASN) {
	start, n := l.at, 0
	total := prefixes * len(l.sessions)
	for p := range prefixes {
		for peer := range l.sessions {
			l.at = start + span*route.Time(n)/route.Time(total)
			n++
			o := p % origins
			next, prev := to(peer, o), normalHops(peer, o)
			number := uint64(10 + n)
			l.nodes(peer, number, 0, next)
			r := wire.Record{
				Kind: wire.RecordChange, Number: number, Flags: wire.RecordInflated | wire.RecordHeld,
				Prefix: route.MustPrefix("10.0.0.0/24"), Unique: uint8(len(next) + 1), Longest: 4,
				Origins: []route.ASN{next[len(next)-1]},
			}
			r.Prefix.Hi += uint64(p) << 40
			r.Prev, r.Next = l.path(0, uint32(peer), uint32(o), prev), l.path(1, uint32(peer), uint32(o), next)
			for i := range len(next) - 1 {
				if !slices.Contains(prev, next[i]) && next[i] < 5000 || next[i] > 30_000 {
					r.Newcomers |= 1 << i
					r.Contrast |= 1 << i
				}
			}
			l.add(r, peer)
			if l.b.Len() > 16<<10 {
				l.cut()
			}
		}
	}
	l.cut()
}

// BenchmarkLeak is what a record costs in all, from the bytes of its range to
// the messages: in quiet traffic; in a leak of 20,000 prefixes of 2,400 origins
// at 40 peers within a minute, which opens with its first range; and in the same
// leak if no rule would ever open. What of it is decoding stands beside.
func BenchmarkLeak(b *testing.B) {
	prefixes, origins, peers := 20_000, 2_400, 40
	if testing.Short() {
		prefixes, origins, peers = 500, 100, 10
	}
	const never = 1 << 20
	silent := Rules{SmallOrigins: never, ScaleOrigins: never, NeverOrigins: never, EdgeOrigins: never, GroupPeers: never}
	quietTo := func(peer, origin int) []route.ASN { return normalHops(peer+1, origin) }
	phases := map[string]*phase{"quiet": {}, "leak": {}, "unopened": {}}
	for b.Loop() {
		for _, leaks := range []bool{true, false} {
			l := newLeakLog(b, peers)
			l.prime(origins)
			cfg := Config{Maturity: MatureYes, Mode: Live, Limits: Limits{Pending: 1 << 22}}
			if !leaks {
				cfg.Rules = silent
			}
			c := New(cfg)
			l.give(c, &phase{})
			l.at += route.Minute
			l.changes(prefixes/4, origins, 3*route.Minute, quietTo)
			if leaks {
				l.give(c, phases["quiet"])
				l.changes(prefixes, origins, route.Minute, leakedHops)
				l.give(c, phases["leak"])
			} else {
				l.give(c, &phase{})
				l.changes(prefixes, origins, route.Minute, leakedHops)
				l.give(c, phases["unopened"])
			}
			if s := c.Stats(); (s.Incidents == 1) != leaks {
				b.Fatalf("%d incidents", s.Incidents)
			}
		}
	}
	for name, p := range phases {
		b.ReportMetric(float64(p.spent)/float64(p.records), name+"-ns/record")
	}
	b.ReportMetric(float64(phases["leak"].decode)/float64(phases["leak"].records), "decode-ns/record")
	b.ReportMetric(0, "ns/op")
}

// phase is what a part of a log has cost in processor time.
type phase struct {
	spent, decode time.Duration
	records       int
}

// give decodes and judges the ranges made so far, and forgets them. Rubbish from
// making them is collected before.
func (l *leakLog) give(c *Correlator, p *phase) {
	runtime.GC()
	var r wire.Range
	start := cputime.Now()
	for _, data := range l.ranges {
		if err := r.Decode(data); err != nil {
			l.t.Fatal(err)
		}
		p.records += r.NumRecords()
	}
	p.decode += cputime.Now() - start
	start = cputime.Now()
	for _, data := range l.ranges {
		if err := r.Decode(data); err != nil {
			l.t.Fatal(err)
		}
		if err := c.Range(&r, none); err != nil {
			l.t.Fatal(err)
		}
	}
	p.spent += cputime.Now() - start
	l.ranges = l.ranges[:0]
}
