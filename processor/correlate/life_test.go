package correlate

import (
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// fired returns a scene in which the leak is on at the first n of the peers.
func fired(t *testing.T, cfg Config, n int, peers ...route.ASN) (*scene, []*route.Session, route.Time) {
	s, p := newScene(t, cfg, peers...)
	at := s.leak(established, 1, p[:n]) + route.Second
	s.until(at)
	if len(s.alerts) != 1 {
		t.Fatalf("%d alerts", len(s.alerts))
	}
	return s, p, at
}

func TestAlertIsResolvedWhenTheRoutesAreGone(t *testing.T) {
	s, p, at := fired(t, Config{}, 3, 10, 20, 30)
	s.left(at, p[0], bad)
	s.change(at+1, p[1], bad, asns(64000, 702, 64500), inflated) // replaced
	s.until(at + 2)
	expect(s, "1 firing AS701 3/3 ")
	s.left(at+2, p[2], bad)
	s.until(at + 2 + atOnce)
	expect(s, "1 firing AS701 3/3 ")
	s.until(at + 3 + atOnce)
	expect(s, "1 firing AS701 3/3 ", "2 resolved AS701 3/3 withdrawn")
	a, b := s.alerts[0], s.alerts[1]
	if b.ID != a.ID || b.Opened != a.Opened || b.Closed != at+2+atOnce || b.Updated != b.Closed {
		t.Errorf("resolved as %+v after %+v", b, a)
	}
	want := "203.0.113.0/24 of AS64500: the paths through AS701 are gone at the 3 peers that had them."
	if b.Summary != want {
		t.Errorf("summary %q", b.Summary)
	}
}

func TestRouteThatStaysOnTheSuspectKeepsTheAlert(t *testing.T) {
	s, p, at := fired(t, Config{}, 3, 10, 20, 30)
	for _, q := range p {
		s.change(at, q, bad, asns(64001, 701, 64500), 0)
	}
	s.until(at + route.Hour)
	expect(s, "1 firing AS701 3/3 ")
}

func TestAlertEndsAtFivePercentOfThePeak(t *testing.T) {
	peers := make([]route.ASN, 40)
	for i := range peers {
		peers[i] = route.ASN(100 + i)
	}
	s, p, at := fired(t, Config{}, 40, peers...)
	for _, q := range p[:37] {
		s.left(at, q, bad)
	}
	s.until(at + 1)
	expect(s, "1 firing AS701 3/40 ")
	s.left(at+1, p[37], bad)
	s.until(at + 2 + atOnce)
	expect(s, "1 firing AS701 3/40 ", "2 resolved AS701 40/40 withdrawn")
}

func TestRoutesBackBeforeTheSameMomentIsOverKeepTheAlert(t *testing.T) {
	s, p, at := fired(t, Config{Settle: 10 * route.Second}, 3, 10, 20, 30)
	for _, q := range p {
		s.left(at, q, bad)
	}
	s.change(at+9*route.Second, p[1], bad, bad, 0)
	s.until(at + route.Minute)
	expect(s, "1 firing AS701 3/3 ")
	s.left(at+route.Minute, p[1], bad)
	s.until(at + 2*route.Minute)
	expect(s, "1 firing AS701 3/3 ", "2 resolved AS701 3/3 withdrawn")
}

func TestSessionsThatGoDownEndAnAlertAsExpired(t *testing.T) {
	s, p, at := fired(t, Config{}, 3, 10, 20, 30, 40)
	s.left(at, p[0], bad)
	s.event(at+1, p[1], route.KindPeerDown)
	s.event(at+2, p[2], route.KindPeerDown)
	s.until(at + 3 + atOnce)
	expect(s, "1 firing AS701 3/4 ", "2 resolved AS701 3/3 expired")
}

func TestFallOfAnIngesterEndsAlertsAsExpired(t *testing.T) {
	s, p, at := fired(t, Config{}, 3, 10, 20, 30)
	s.add(at, entry{ingester: "other", Record: wire.Record{Kind: wire.RecordEvent, Event: route.KindPeerDown}})
	s.until(at + 1)
	expect(s, "1 firing AS701 3/3 ")
	s.event(at+1, nil, route.KindPeerDown)
	s.until(at + 2 + atOnce)
	expect(s, "1 firing AS701 3/3 ", "2 resolved AS701 3/3 expired")
	if n := len(s.c.sessions.voters[0]); n != 0 {
		t.Errorf("%d of %d peers still vote", n, len(p))
	}
}

func TestWhatLastsBecomesNormal(t *testing.T) {
	s, _, at := fired(t, Config{}, 3, 10, 20, 30)
	s.until(at + 6*route.Hour - 2*route.Second)
	expect(s, "1 firing AS701 3/3 ")
	s.until(at + 6*route.Hour)
	expect(s, "1 firing AS701 3/3 ", "2 resolved AS701 3/3 became-normal")
	if a := s.alerts[1]; a.Closed != a.Opened+6*route.Hour {
		t.Errorf("closed %d after opening", a.Closed-a.Opened)
	}
	want := "203.0.113.0/24 of AS64500: paths through AS701 have lasted for 6h0m0s and count as normal from now on."
	if got := s.alerts[1].Summary; got != want {
		t.Errorf("summary %q", got)
	}
}

func TestReturnWithinHalfAnHourKeepsTheID(t *testing.T) {
	for name, tc := range map[string]struct {
		after route.Time
		same  bool
	}{"29 min": {29 * route.Minute, true}, "31 min": {31 * route.Minute, false}} {
		t.Run(name, func(t *testing.T) {
			s, p, at := fired(t, Config{}, 3, 10, 20, 30)
			for _, q := range p {
				s.left(at, q, bad)
			}
			back := s.leak(at+tc.after, 1, p)
			s.until(back + 1)
			if len(s.alerts) != 3 {
				t.Fatalf("alerts %v", s.lives())
			}
			first, again := s.alerts[0], s.alerts[2]
			if (again.ID == first.ID) != tc.same || (again.Revision == 3) != tc.same || again.Status != alert.StatusFiring {
				t.Errorf("%s revision %d %s after %s", again.ID, again.Revision, again.Status, first.ID)
			}
			if tc.same && (again.Opened != first.Opened || again.Closed != 0) {
				t.Errorf("opened %d closed %d, first opened %d", again.Opened, again.Closed, first.Opened)
			}
		})
	}
}

func TestSessionsOfOnePeerASNCountOnce(t *testing.T) {
	s, p, at := fired(t, Config{}, 4, 10, 10, 20, 30)
	for _, q := range p {
		s.left(at, q, bad)
	}
	s.until(at + 1 + atOnce)
	expect(s, "1 firing AS701 3/3 ", "2 resolved AS701 3/3 withdrawn")
	if n := s.alerts[1].Counts.Sessions; n != 4 {
		t.Errorf("%d sessions", n)
	}
}

func TestReturnCountsOnlyWhatIsNew(t *testing.T) {
	s, p, at := fired(t, Config{}, 3, 10, 20, 30, 40, 50)
	for _, q := range p {
		s.left(at, q, bad)
	}
	s.leak(at+route.Minute, 1, p[4:]) // alone, and two minutes before the others
	back := s.leak(at+3*route.Minute, 1, p[:3])
	s.until(back + 1)
	expect(s, "1 firing AS701 3/5 ", "2 resolved AS701 3/5 withdrawn", "3 firing AS701 3/5 ")
	if n := len(s.alerts[2].Samples); n != 3 {
		t.Errorf("%d samples", n)
	}
}

func TestFurtherPathOfASessionChangesNothing(t *testing.T) {
	other := asns(64001, 64500)
	s, p := newScene(t, Config{}, 10, 20, 30)
	s.leak(established, 1, p[:2])
	s.change(established+2, p[0], nil, other, inflated) // ADD-PATH: without a path before
	s.leak(established+3, 1, p[2:])
	for _, q := range p {
		s.change(established+4, q, nil, other, inflated)
	}
	s.until(established + route.Minute)
	expect(s, "1 firing AS701 3/3 ")
}

func TestEdgeToldAgainDoesNotBeginASession(t *testing.T) {
	s, p := newScene(t, Config{}, 10)
	s.event(established, p[0], route.KindPeerDown)
	s.edge(established+1, p[0], 64000) // by another shard, which learns it only now
	s.until(established + 2)
	if s.c.sessions.list[0].begun {
		t.Error("the session has begun")
	}
	s.edge(established+3, p[0], 64001)
	s.until(established + 4)
	if b := s.c.sessions.list[0]; !b.begun || b.until != established+3+300*route.Second {
		t.Errorf("the session learns until %d, begun %v", b.until, b.begun)
	}
}

func TestAnotherSuspectDoesNotFireBesideTheFirst(t *testing.T) {
	s, p, at := fired(t, Config{}, 3, 10, 20, 30, 40, 50, 60)
	for _, q := range p[3:] {
		s.change(at, q, before, asns(64000, 702, 64500), inflated)
	}
	s.until(at + route.Minute)
	expect(s, "1 firing AS701 3/6 ")
}

func TestCoverageTellsOfGapsAndFullTables(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg   Config
		play  func(s *scene, p []*route.Session)
		state alert.CoverageState
	}{
		"mature":  {Config{Maturity: MatureYes}, func(*scene, []*route.Session) {}, alert.CoverageComplete},
		"default": {Config{}, func(*scene, []*route.Session) {}, alert.CoverageLearning},
		"gap": {Config{Maturity: MatureYes}, func(s *scene, p []*route.Session) {
			s.event(established-route.Minute, p[0], route.KindGap)
		}, alert.CoverageDegraded},
		"old gap": {Config{Maturity: MatureYes, Fresh: 30 * route.Second}, func(s *scene, p []*route.Session) {
			s.event(established-route.Minute, p[0], route.KindGap)
		}, alert.CoverageComplete},
		"full shard": {Config{Maturity: MatureYes}, func(s *scene, _ []*route.Session) {
			s.give(wire.RangeHeader{Shards: 1, From: s.next, Engine: established - 1, Degraded: true}, []frame{{}})
			s.next++
		}, alert.CoverageDegraded},
		"full table": {Config{Maturity: MatureYes, Limits: Limits{Edges: 1}}, func(s *scene, p []*route.Session) {
			s.edge(established-1, p[0], 64001)
		}, alert.CoverageDegraded},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := newScene(t, tc.cfg, 10, 20, 30)
			tc.play(s, p)
			s.until(s.leak(established, 1, p) + 1)
			if len(s.alerts) != 1 || s.alerts[0].Coverage.State != tc.state {
				t.Errorf("alerts %v, coverage %v", s.lives(), s.alerts)
			}
		})
	}
}
