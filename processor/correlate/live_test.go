package correlate

import (
	"errors"
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// liveScene is two shards, live: shard 1 brings what the tests tell, shard 0
// the engine time that others wait for.
type liveScene struct {
	*testing.T
	c      *Correlator
	next   [2]uint64
	number uint64
	alerts []alert.Alert
}

func newLive(t *testing.T) (*liveScene, []*route.Session) {
	s := &liveScene{T: t, c: New(plain(Config{Mode: Live, Shards: 2})), next: [2]uint64{1, 1}}
	var peers []*route.Session
	for i := range uint32(3) {
		p := peerSession(i+1, 10*route.ASN(i+1))
		e := entry{session: p}
		e.Kind, e.AS, e.Prefix = wire.RecordEdge, 64000, testPrefix
		s.give(1, 0, e)
		peers = append(peers, p)
	}
	return s, peers
}

func (s *liveScene) give(shard int, at route.Time, list ...entry) {
	s.Helper()
	s.number++
	for i := range list {
		list[i].ingester, list[i].Engine, list[i].Number, list[i].Received = "ris", at, s.number, at+7
	}
	h := wire.RangeHeader{Shard: uint32(shard), Shards: 2, From: s.next[shard], Engine: at}
	emit := func(a *alert.Alert) { s.alerts = append(s.alerts, *a) }
	if err := rangeTwice(s, s.c, encode(s, h, []frame{list}), emit); err != nil {
		s.Fatal(err)
	}
	s.next[shard]++
}

func TestLiveOpensAtOnceAndClosesWithTheSlowestShard(t *testing.T) {
	s, peers := newLive(t)
	for _, p := range peers {
		s.give(1, established, changeOf(testPrefix, p, before, bad, inflated))
	}
	if len(s.alerts) != 1 || s.alerts[0].Timing == nil || s.alerts[0].Timing.Received != established+7 {
		t.Fatalf("before the other shard has come: %v", s.alerts)
	}
	for _, p := range peers {
		e := entry{session: p, prev: bad}
		e.Kind, e.Prefix = wire.RecordLeft, testPrefix
		s.give(1, established+route.Minute, e)
	}
	s.give(1, established+route.Hour)
	s.give(0, established+route.Minute)
	if len(s.alerts) != 1 {
		t.Fatalf("closed before every shard had passed the last withdrawal: %v", s.alerts)
	}
	s.give(0, established+route.Minute+1+atOnce)
	if len(s.alerts) != 2 || s.alerts[1].Status != alert.StatusResolved || s.alerts[1].Timing != nil {
		t.Fatalf("after it: %v", s.alerts)
	}
	if a := s.alerts[1]; a.Closed != established+route.Minute+atOnce {
		t.Errorf("closed at %d", a.Closed)
	}
}

func TestLiveTimerThatIsLateDoesNotKeepTheID(t *testing.T) {
	s, peers := newLive(t)
	leak := func(at route.Time) {
		for _, p := range peers {
			s.give(1, at, changeOf(testPrefix, p, before, bad, inflated))
		}
	}
	leak(established)
	for _, p := range peers {
		e := entry{session: p, prev: bad}
		e.Kind, e.Prefix = wire.RecordLeft, testPrefix
		s.give(1, established+1, e)
	}
	s.give(1, established+2+atOnce)
	s.give(0, established+2+atOnce)
	leak(established + route.Hour)
	if len(s.alerts) != 3 || s.alerts[2].ID == s.alerts[0].ID || s.alerts[2].Revision != 1 {
		t.Errorf("alerts %v", s.alerts)
	}
}

func TestLimitsRefuseAndCount(t *testing.T) {
	leak := func(s *scene, p []*route.Session) {
		s.until(s.leak(established, 1, p) + 1)
		e := entry{session: p[0]}
		e.Kind, e.AS, e.NextAS, e.Origin, e.Prefix = wire.RecordNode, 701, 702, 64501, testPrefix
		s.add(established+route.Second, e)
		e.AS = 703
		s.add(established+route.Second, e)
		for _, q := range p {
			s.add(established+2*route.Second, changeOf(route.MustPrefix("198.51.100.0/24"), q, before, bad, inflated))
		}
		s.until(established + route.Hour)
	}
	for name, tc := range map[string]struct {
		limits Limits
		count  func(Refused) uint64
		alerts int
	}{
		"none":      {Limits{}, func(r Refused) uint64 { return 1 - min(1, r.Degraded()) }, 2},
		"ASNs":      {Limits{ASNs: 4}, func(r Refused) uint64 { return r.ASNs }, 2},
		"pairs":     {Limits{Pairs: 1}, func(r Refused) uint64 { return r.Pairs }, 2},
		"edges":     {Limits{Edges: 1}, func(r Refused) uint64 { return r.Edges }, 2},
		"firstHops": {Limits{FirstHops: 2}, func(r Refused) uint64 { return r.FirstHops }, 0}, // the third session learns
		"triples":   {Limits{Triples: 1}, func(r Refused) uint64 { return r.Triples }, 2},
		"fresh":     {Limits{Fresh: 1}, func(r Refused) uint64 { return r.Fresh }, 2},
		"cases":     {Limits{Cases: 1}, func(r Refused) uint64 { return r.Cases }, 2}, // the second as path inflation
		"routes":    {Limits{Routes: 5}, func(r Refused) uint64 { return r.Watched }, 1},
		"watched":   {Limits{Watched: 1}, func(r Refused) uint64 { return r.Watched }, 1},
		"firing":    {Limits{Firing: 1}, func(r Refused) uint64 { return r.Firing }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := newScene(t, Config{Limits: tc.limits}, 10, 20, 30)
			leak(s, p)
			if n := tc.count(s.c.Stats().Refused); n == 0 {
				t.Errorf("refused %+v", s.c.Stats().Refused)
			}
			if len(s.alerts) != tc.alerts {
				t.Errorf("alerts %v", s.lives())
			}
		})
	}
}

func TestReplayEndsWhereARecordWouldBeRefused(t *testing.T) {
	for name, limits := range map[string]Limits{
		"sessions": {Sessions: 1}, "paths": {Paths: 1}, "ingesters": {Ingesters: 1},
	} {
		t.Run(name, func(t *testing.T) {
			for mode, want := range map[Mode]error{Replay: errLimit, Live: nil} {
				c := New(Config{Mode: mode, Limits: limits})
				list := frame{
					changeOf(testPrefix, peerSession(1, 10), before, before, 0),
					changeOf(testPrefix, peerSession(2, 20), bad, bad, 0),
				}
				list[0].ingester, list[1].ingester = "a", "b"
				h := wire.RangeHeader{Shards: 1, From: 1, Engine: 9}
				if err := c.Range(encode(t, h, []frame{list}), none); !errors.Is(err, want) {
					t.Errorf("mode %d: %v", mode, err)
				}
				if n := c.Stats().Refused.Degraded(); (n == 0) != (mode == Replay) {
					t.Errorf("mode %d: %d refused", mode, n)
				}
			}
		})
	}
}
