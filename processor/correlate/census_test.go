package correlate

import (
	"testing"

	"detour/route"
	"detour/wire"
)

// census tells that each session holds a thousand routes, of which so many came
// up since the last time.
func (w *world) census(raised uint64) {
	w.Helper()
	for _, peer := range w.order {
		w.update(w.sessions[peer], frame{censusOf(w.sessions[peer], 1000, raised)})
	}
}

// censusOf returns a record of a session's IPv4 routes, or with nil of the
// prefixes known and those that three sessions hold.
func censusOf(p *route.Session, routes, raised uint64) entry {
	return entry{session: p, Record: wire.Record{
		Kind: wire.RecordCensus, Prefix: route.Prefix{Family: route.IPv4}, Routes: routes, Raised: raised,
	}}
}

// counts tells of the prefixes that are known of a family, and of those that
// three sessions hold, as shard 0 counts them.
func (w *world) counts(family route.Family, known, held uint64) {
	w.Helper()
	e := censusOf(nil, known, held)
	e.Prefix.Family = family
	w.update(nil, frame{e})
}

// holds tells how many routes of a family a session holds.
func (w *world) holds(peer route.ASN, family route.Family, routes uint64) {
	w.Helper()
	e := censusOf(w.sessions[peer], routes, 0)
	e.Prefix.Family = family
	w.update(w.sessions[peer], frame{e})
}

func TestMaturityByItself(t *testing.T) {
	for name, tc := range map[string]struct {
		mode   Maturity
		play   func(w *world)
		mature bool
	}{
		"nothing told": {MatureAuto, func(*world) {}, false},
		"by word":      {MatureYes, func(*world) {}, true},
		"a full table was given": {MatureAuto, func(w *world) {
			w.holds(2914, route.IPv4, 100_000)
		}, true},
		"a table was given that is not full": {MatureAuto, func(w *world) { w.holds(2914, route.IPv4, 99_999) }, false},
		"a full table, but not by a table":   {MatureAuto, func(w *world) { w.holds(7018, route.IPv4, 1_000_000) }, false},
		"a full table of IPv6":               {MatureAuto, func(w *world) { w.holds(2914, route.IPv6, 20_000) }, true},
		"a full table, but not so by word":   {MatureNo, func(w *world) { w.holds(2914, route.IPv4, 1_000_000) }, false},
		"nine tenths held by three": {MatureAuto, func(w *world) {
			w.counts(route.IPv4, 200_000, 180_000)
		}, true},
		"less than nine tenths held by three": {MatureAuto, func(w *world) { w.counts(route.IPv4, 200_000, 179_999) }, false},
		"nine tenths of few":                  {MatureAuto, func(w *world) { w.counts(route.IPv4, 99_999, 99_999) }, false},
		"IPv6 held by three":                  {MatureAuto, func(w *world) { w.counts(route.IPv6, 20_000, 18_000) }, true},
		"step by step": {MatureAuto, func(w *world) {
			for n := uint64(0); n < 100_000; n += 10_000 {
				w.counts(route.IPv4, 200_000, n)
			}
			w.counts(route.IPv4, 100_000, 90_000) // it tells how many there are, not how many more
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Config{Maturity: tc.mode}, 2914, 1299, 174)
			w.victims(1, 1, "3356")
			w.begin()
			w.sessions[7018] = peerSession(9, 7018)
			w.says("7018 3356 65001", nets(6000, 1)...)
			tc.play(w)
			w.wait(1)
			if got := w.c.Stats().Mature; got != tc.mature {
				t.Errorf("mature is %v", got)
			}
		})
	}
}

// TestCountsAreSumsOverShards lets two shards tell their parts.
func TestCountsAreSumsOverShards(t *testing.T) {
	for part, mature := range map[uint64]bool{49_999: false, 50_000: true} {
		c := New(Config{Shards: 2})
		for shard := range uint32(2) {
			p := peerSession(1, 10)
			table := entry{session: p, ingester: "ris"}
			table.Kind, table.AS, table.Prefix, table.Flags = wire.RecordEdge, 64000, testPrefix, wire.RecordTable
			table.Engine, table.Number = 1, 1
			count := censusOf(p, part, part)
			count.ingester, count.Engine = "ris", 10
			h := wire.RangeHeader{Shard: shard, Shards: 2, From: 1, Engine: 20, End: true}
			if err := c.Range(encode(t, h, []frame{{table}, {count}}), none); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.Stats().Mature; got != mature {
			t.Errorf("%d routes at each shard: mature is %v", part, got)
		}
		if got := c.sessions.list[0].routes[0]; got != int(2*part) {
			t.Errorf("%d routes", got)
		}
	}
}

// TestLearningByItself plays sessions that begin, with a census each ten
// seconds that finds so many new routes, and asks when they have learned.
func TestLearningByItself(t *testing.T) {
	busy := func(from, to int) map[int]uint64 { // new routes by second
		m := map[int]uint64{}
		for s := 0; s <= 3600; s += 10 {
			m[s] = 5
			if s >= from && s < to {
				m[s] = 500
			}
		}
		return m
	}
	for name, tc := range map[string]struct {
		cfg    Config
		raised map[int]uint64
		ribEnd int // second of End-of-RIB, 0 never
		until  int // second in which it has learned
	}{
		"nobody counts":                    {Config{}, nil, 0, 300},
		"few new routes":                   {Config{}, busy(0, 0), 0, 60},
		"many for 100 s":                   {Config{}, busy(0, 101), 0, 120},
		"many again after it has learned":  {Config{}, busy(200, 900), 0, 60},
		"many for more than half an hour":  {Config{}, busy(0, 3600), 0, 1800},
		"End-of-RIB":                       {Config{}, busy(0, 3600), 15, 15},
		"a time that the user gives":       {Config{Learn: 120 * route.Second}, busy(0, 3600), 0, 120},
		"End-of-RIB in the time given":     {Config{Learn: 120 * route.Second}, nil, 30, 30},
		"End-of-RIB after what is guessed": {Config{}, nil, 400, 300},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.cfg, 2914)
			if tc.raised != nil {
				w.counts(route.IPv4, 10_000, 0) // shards count
			}
			w.at = start
			w.event(w.sessions[2914], route.KindPeerUp)
			got := -1
			for second := range 3700 {
				w.at = start + route.Time(second)*route.Second
				if n, ok := tc.raised[second]; ok {
					w.update(w.sessions[2914], frame{censusOf(w.sessions[2914], 10_000, n)})
				}
				if second == tc.ribEnd && second > 0 {
					w.event(w.sessions[2914], route.KindEndOfRIB)
				}
				if second%5 == 0 {
					w.flush()
				}
				if len(w.c.sessions.list) > 0 && got < 0 && second > 0 && !w.c.sessions.list[0].learning(w.at) {
					got = second
				}
			}
			if got < tc.until || got > tc.until+5 {
				t.Errorf("it has learned after %d s, want %d", got, tc.until)
			}
		})
	}
}

// TestWhoVotes holds which sessions count as full feeds.
func TestWhoVotes(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg    Config
		feed   route.Feed
		routes uint64 // of 1000 known
		told   bool   // the session told a change
		votes  bool
	}{
		"full by word":                      {mature(), route.FeedFull, 0, false, true},
		"partial by word":                   {mature(), route.FeedPartial, 1000, true, false},
		"unknown, half of all":              {mature(), route.FeedUnknown, 500, true, true},
		"unknown, less than half":           {mature(), route.FeedUnknown, 499, true, false},
		"unknown, little is known, told":    {Config{}, route.FeedUnknown, 0, true, true},
		"unknown, little is known, silence": {Config{}, route.FeedUnknown, 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.cfg, 2914, 7018)
			w.sessions[7018].Feed4 = tc.feed
			w.table("2914 3356 40001", nets(0, 1)...)
			w.table("7018 3356 40001", nets(0, 1)...)
			w.begin()
			w.counts(route.IPv4, 1000, 0)
			w.holds(7018, route.IPv4, tc.routes)
			if tc.told {
				w.says("7018 9002 40001", nets(0, 1)...)
			}
			w.wait(1)
			if _, votes := w.c.sessions.voters[0][7018]; votes != tc.votes {
				t.Errorf("votes: %v", votes)
			}
			w.event(w.sessions[7018], route.KindPeerDown)
			w.wait(1)
			if _, votes := w.c.sessions.voters[0][7018]; votes {
				t.Error("votes while it is down")
			}
		})
	}
}
