package correlate

import (
	"fmt"
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// fills returns how much each bounded table holds, by the name of its limit.
func fills(c *Correlator) map[string]int {
	affected := 0
	for _, p := range c.incidents.timers.items {
		affected = max(affected, len(p.list))
	}
	return map[string]int{
		"Pending": c.merge.pending, "Ingesters": len(c.ingesters.names) - 1, "Sessions": len(c.sessions.list),
		"Paths": c.paths.count(), "ASNs": len(c.known.as.numbers) - 1, "Pairs": c.known.npairs,
		"Edges": len(c.known.edges) - 1, "FirstHops": len(c.firstHops), "Triples": c.known.triples.Len(),
		"Fresh": c.known.fresh.at.Len(), "Thirds": c.known.thirds.Len(),
		"Windows": max(c.leaks.windows.cur.Len(), c.leaks.windows.prev.Len(), c.origins.windows.cur.Len()),
		"Recent":  max(len(c.recent.ring), len(c.claims.ring)), "Prefixes": c.prefixes.count(),
		"Incidents": len(c.incidents.byKey), "Affected": affected, "Cases": len(c.cases),
		"Watched": len(c.watch.list), "Routes": max(c.routes.len(), c.held, c.watch.routes), "Firing": c.firing,
	}
}

// expectBounded fails where a table holds more than its limit.
func expectBounded(t testing.TB, c *Correlator) {
	t.Helper()
	l := c.cfg.Limits
	limits := map[string]int{
		"Pending": l.Pending, "Ingesters": l.Ingesters, "Sessions": l.Sessions, "Paths": l.Paths, "ASNs": l.ASNs,
		"Pairs": l.Pairs, "Edges": l.Edges, "FirstHops": l.FirstHops, "Triples": l.Triples, "Fresh": l.Fresh,
		"Thirds": l.Thirds, "Windows": l.Windows, "Recent": l.Recent, "Prefixes": l.Prefixes,
		"Incidents": l.Incidents, "Affected": l.Affected, "Cases": l.Cases, "Watched": l.Watched, "Routes": l.Routes,
		"Firing": l.Firing,
	}
	for name, n := range fills(c) {
		if limits[name] == 0 {
			t.Errorf("%s has no limit", name)
		}
		if n > limits[name] {
			t.Errorf("%s holds %d of %d", name, n, limits[name])
		}
	}
}

// TestEveryLimitRefusesCountsAndDegrades plays a leak and a hijack of watched
// prefixes under one small limit each time.
func TestEveryLimitRefusesCountsAndDegrades(t *testing.T) {
	for name, tc := range map[string]struct {
		limits   Limits
		count    func(Refused) uint64
		degrades bool
	}{
		"none":      {Limits{}, func(r Refused) uint64 { return 1 - min(1, r.Degraded()) }, false},
		"ASNs":      {Limits{ASNs: 30}, func(r Refused) uint64 { return r.ASNs }, true},
		"Pairs":     {Limits{Pairs: 45}, func(r Refused) uint64 { return r.Pairs }, true},
		"Edges":     {Limits{Edges: 30}, func(r Refused) uint64 { return r.Edges }, true},
		"FirstHops": {Limits{FirstHops: 4}, func(r Refused) uint64 { return r.FirstHops }, true},
		"Triples":   {Limits{Triples: 45}, func(r Refused) uint64 { return r.Triples }, true},
		"Fresh":     {Limits{Fresh: 10}, func(r Refused) uint64 { return r.Fresh }, true},
		"Thirds":    {Limits{Thirds: 10}, func(r Refused) uint64 { return r.Thirds }, true},
		"Windows":   {Limits{Windows: 50}, func(r Refused) uint64 { return r.Windows }, true},
		"Recent":    {Limits{Recent: 9}, func(r Refused) uint64 { return r.Recent }, true},
		"Prefixes":  {Limits{Prefixes: 12}, func(r Refused) uint64 { return r.Prefixes }, true},
		"Incidents": {Limits{Incidents: 1}, func(r Refused) uint64 { return r.Incidents }, true},
		"Affected":  {Limits{Affected: 15}, func(r Refused) uint64 { return r.Affected }, true},
		"Watched":   {Limits{Watched: 1}, func(r Refused) uint64 { return r.Watched }, true},
		"Cases":     {Limits{Cases: 1}, func(r Refused) uint64 { return r.Cases }, true},
		"Routes":    {Limits{Routes: 30}, func(r Refused) uint64 { return r.Routes }, true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := mature()
			cfg.Limits = tc.limits
			cfg.Outside.Watch = watchFile(t, "20.0.0.0/24", "20.0.1.0/24", "20.0.19.128/25")
			w := newWorld(t, cfg, 2914, 1299, 174)
			list := w.victims(40, 20, "3356")
			w.table("2914 701 396531", nets(5000, 1)...)
			w.table("1299 3356 33154 396531", nets(5000, 1)...)
			w.begin()
			w.claims("3549 9002 40001", 2, list[0])
			w.claims("3549 9002 40002", 2, list[1])
			for _, peer := range w.order {
				w.leaks(fmt.Sprintf("%d %s", peer, leakPath), 20, list)
				w.flush()
				expectBounded(t, w.c)
			}
			w.claims("15412 18101", 3, list[30:]...)
			w.wait(route.Hour)
			w.claims("15412 18102", 3, list[20:30]...)
			w.wait(route.Hour)
			expectBounded(t, w.c)
			if n := tc.count(w.c.Stats().Refused); n == 0 {
				t.Errorf("refused %+v", w.c.Stats().Refused)
			}
			if n := len(w.alerts); n == 0 {
				t.Fatal("nothing was told")
			}
			degraded := w.alerts[len(w.alerts)-1].Coverage.State == alert.CoverageDegraded
			if degraded != tc.degrades {
				t.Errorf("coverage %+v", w.alerts[len(w.alerts)-1].Coverage)
			}
		})
	}
}

// TestFloodOfNewPrefixesIsBounded plays what happened in 2021: 200,000 prefixes
// that nobody has seen before, within minutes, and half of that once more.
func TestFloodOfNewPrefixesIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("900,000 records")
	}
	const flood, part = 200_000, 2_000
	limits := Limits{
		Windows: 1 << 15, Recent: 1 << 14, Prefixes: 1 << 15, Routes: 1 << 14, Affected: 1 << 13, Firing: 1 << 10,
		Fresh: 1 << 12, Pairs: 1 << 15, Triples: 1 << 15, Edges: 1 << 15, Thirds: 1 << 15, Paths: 1 << 14,
	}
	for name, tc := range map[string]struct {
		play func(i int) (origin route.ASN, tail []route.ASN)
		full string // a table that must be full, or the test tests nothing
	}{
		"of one network": {
			func(int) (route.ASN, []route.ASN) { return 64500, asns(6762, 9121, 3257, 64500) }, "Prefixes",
		},
		"of many": {func(i int) (route.ASN, []route.ASN) {
			o := route.ASN(100_000 + i%50_000)
			return o, asns(6762, 9121, 3257, o)
		}, "Windows"},
		"of many, claimed by one": {func(i int) (route.ASN, []route.ASN) {
			return route.ASN(100_000 + i%50_000), asns(6762, 9121, 18101)
		}, "Affected"},
	} {
		t.Run(name, func(t *testing.T) {
			c := New(Config{Mode: Live, Maturity: MatureYes, Limits: limits})
			f := flooding{TB: t, c: c, at: start, play: tc.play, tables: map[string]int{}, nodes: map[string]bool{}}
			f.begin()
			for i := 0; i < flood; i += part {
				f.give(i, part)
			}
			f.at += 20 * route.Minute
			for i := flood; i < flood+flood/2; i += part {
				f.give(i, part)
			}
			l := map[string]int{"Prefixes": limits.Prefixes, "Windows": limits.Windows, "Affected": limits.Affected}
			if f.tables[tc.full] != l[tc.full] {
				t.Errorf("%s held at most %d of %d", tc.full, f.tables[tc.full], l[tc.full])
			}
			t.Logf("at most %v; refused %+v", f.tables, c.Stats().Refused)
		})
	}
}

// flooding gives records of new prefixes.
type flooding struct {
	testing.TB
	c      *Correlator
	at     route.Time
	next   uint64
	play   func(i int) (route.ASN, []route.ASN)
	tables map[string]int // the most that each held
	nodes  map[string]bool
}

// begin ends the learning of three sessions.
func (f *flooding) begin() {
	f.Helper()
	var frames []frame
	for i := range 3 {
		p := peerSession(uint32(i+1), route.ASN(10*(i+1)))
		e := entry{session: p, ingester: "ris", Record: wire.Record{Kind: wire.RecordEvent, Event: route.KindEndOfRIB}}
		e.Number, e.Engine = uint64(i+1), 1
		frames = append(frames, frame{e})
	}
	f.take(frames)
}

func (f *flooding) give(from, n int) {
	f.Helper()
	frames := make([]frame, n)
	for i := range frames {
		k := from + i
		owner, tail := f.play(k)
		e := entry{session: peerSession(uint32(k%3+1), route.ASN(10*(k%3+1))), ingester: "ris", next: tail}
		e.prev = asns(3356, owner)
		e.Kind, e.Prefix = wire.RecordChange, route.Prefix{Family: route.IPv4, Hi: uint64(k+1<<22) << 40, Bits: 24}
		e.Flags = wire.RecordMoreSpecific | wire.RecordInherited
		if tail[len(tail)-1] != owner {
			e.Flags |= wire.RecordOriginNew
		}
		e.Newcomers = 1<<(len(tail)-1) - 1
		e.Contrast, e.Origins = e.Newcomers, []route.ASN{owner}
		e.Number, e.Engine = uint64(k+4), f.at
		for j := range tail {
			key := fmt.Sprint(tail[j:])
			if f.nodes[key] {
				break
			}
			f.nodes[key] = true
			node := entry{session: e.session, ingester: "ris", Record: nodeOf(tail[j:])}
			node.Number, node.Engine, node.Prefix = e.Number, e.Engine, e.Prefix
			frames[i] = append(frames[i], node)
		}
		frames[i] = append(frames[i], e)
		f.at += 2 * 1000 // 400 s for all
	}
	f.take(frames)
}

func (f *flooding) take(frames []frame) {
	f.Helper()
	h := wire.RangeHeader{Shards: 1, From: f.next + 1, Engine: f.at}
	f.next += uint64(len(frames))
	if err := f.c.Range(encode(f, h, frames), none); err != nil {
		f.Fatal(err)
	}
	expectBounded(f, f.c)
	for name, n := range fills(f.c) {
		f.tables[name] = max(f.tables[name], n)
	}
}
