package correlate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

const inflated = wire.RecordInflated

var (
	before = asns(64000, 64500)
	bad    = asns(64000, 701, 64500)
)

// leak moves the first n sessions to a path through AS701, gap apart.
func (s *scene) leak(at, gap route.Time, sessions []*route.Session) route.Time {
	s.Helper()
	for i, p := range sessions {
		s.change(at+route.Time(i)*gap, p, before, bad, inflated)
	}
	return at + route.Time(len(sessions)-1)*gap
}

func expect(s *scene, want ...string) {
	s.Helper()
	if diff := cmp.Diff(want, s.lives()); diff != "" {
		s.Errorf("alerts (-want +got):\n%s", diff)
	}
}

func TestThreePeersWithinAMinuteOpenAnAlert(t *testing.T) {
	s, p := newScene(t, Config{Maturity: MatureYes}, 10, 20, 30, 40)
	at := s.leak(established, 30*route.Second, p[:3])
	s.until(at + 1)
	expect(s, "1 firing AS701 3/4 ")
	want := alert.Alert{
		Version: alert.Version, ID: s.alerts[0].ID, Revision: 1,
		Scope: alert.ScopePrefix, Kind: alert.KindUnexpectedTransit,
		Severity: alert.SeverityWarning, Status: alert.StatusFiring,
		Suspect: 701, Segment: &alert.Segment{ExportedTo: 64000, Leaker: 701, LearnedFrom: 64500},
		Prefix: testPrefix, ExpectedOrigin: 64500, AnnouncedOrigin: 64500,
		Opened: at, Updated: at, FirstEvidence: established,
		Counts: alert.Counts{Prefixes: 1, Origins: 1, Peers: 3, PeersTotal: 4, Sessions: 3, Updates: 3},
		Rule:   rulePrefix, Confidence: 3,
		Evidence: []alert.Evidence{
			{Tag: "contrast", Weight: 2, Detail: "3 peers had a path without AS701"},
			{Tag: "path-inflation", Weight: 1, Detail: "up to 2 ASes longer than any path held"},
		},
		Coverage: alert.Coverage{State: alert.CoverageComplete},
		Summary: "203.0.113.0/24 of AS64500 is now reached through AS701, which no known path of these peers held " +
			"(AS64000 learns it from AS701, which learns it from AS64500), by 3 of 4 peers, " +
			"on paths up to 2 ASes longer than before.",
	}
	for _, q := range p[:3] {
		want.Samples = append(want.Samples, alert.Sample{
			Prefix: testPrefix, Peer: alert.Peer{Collector: "rrc00", Address: q.Addr, ASN: q.ASN},
			Before: append(alert.Path{q.ASN}, before...), After: append(alert.Path{q.ASN}, bad...),
		})
	}
	if diff := cmp.Diff(asJSON(t, want), asJSON(t, s.alerts[0])); diff != "" {
		t.Errorf("alert (-want +got):\n%s", diff)
	}
}

func TestWhatDoesNotOpenAnAlert(t *testing.T) {
	for name, play := range map[string]func(s *scene, p []*route.Session){
		"two peers": func(s *scene, p []*route.Session) { s.leak(established, 1, p[:2]) },
		"two sessions of one peer ASN": func(s *scene, p []*route.Session) {
			s.leak(established, 1, []*route.Session{p[0], p[1], p[4]})
		},
		"three peers in 61 s": func(s *scene, p []*route.Session) {
			s.leak(established, 30*route.Second+500*route.Millisecond, p[:3])
		},
		"no inflation": func(s *scene, p []*route.Session) {
			for _, q := range p {
				s.change(established, q, before, bad, 0)
			}
		},
		"no contrast": func(s *scene, p []*route.Session) {
			for _, q := range p {
				s.change(established, q, nil, bad, inflated)
			}
		},
		"maintenance": func(s *scene, p []*route.Session) {
			for _, q := range p {
				s.change(established, q, before, bad, inflated|wire.RecordMaintenance)
			}
		},
		"different newcomers": func(s *scene, p []*route.Session) {
			for i, q := range p {
				s.change(established, q, before, asns(64000, route.ASN(701+i), 64500), inflated)
			}
		},
		"learning sessions": func(s *scene, p []*route.Session) { s.leak(established-2*route.Second, 1, p) },
		"a session that came up again": func(s *scene, p []*route.Session) {
			s.event(established, p[2], route.KindPeerUp)
			s.leak(established+1, 1, p[:3])
		},
		"routes that were gone before the third": func(s *scene, p []*route.Session) {
			s.leak(established, 1, p[:2])
			s.left(established+3, p[0], bad)
			s.leak(established+4, 1, p[2:3])
		},
		"routes whose session went down before the third": func(s *scene, p []*route.Session) {
			s.leak(established, 1, p[:2])
			s.event(established+3, p[0], route.KindPeerDown)
			s.leak(established+4, 1, p[2:3])
		},
		"a break in the path": func(s *scene, p []*route.Session) {
			for _, q := range p {
				s.change(established, q, before, asns(64000, 0, 64500), inflated)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := newScene(t, Config{}, 10, 20, 30, 40, 10)
			play(s, p)
			s.until(established + route.Hour)
			expect(s)
			if n := s.c.Stats(); n.Cases != 0 || s.c.held != 0 {
				t.Errorf("%d cases with %d routes are left", n.Cases, s.c.held)
			}
		})
	}
}

func TestBlackholingOfAWatchedPrefixIsTold(t *testing.T) {
	s, p := newScene(t, Config{}, 10, 20, 30)
	for _, q := range p {
		s.change(established, q, before, bad, inflated|wire.RecordRTBH)
	}
	s.until(established + 10)
	expect(s, "1 firing AS701 3/3 ")
}

func TestEndOfRIBEndsLearning(t *testing.T) {
	s, p := newScene(t, Config{}, 10, 20, 30)
	for _, q := range p {
		s.event(route.Second, q, route.KindEndOfRIB)
	}
	s.leak(2*route.Second, 1, p)
	s.until(established)
	expect(s, "1 firing AS701 3/3 ")
}

func TestPartialFeedsDoNotMakeAQuorum(t *testing.T) {
	s, p := newScene(t, Config{}, 10, 20, 30)
	p[2].Feed4 = route.FeedPartial
	s.leak(established, 1, p)
	s.until(established + 10)
	expect(s)
}

func TestUnknownFeedsCountOnceTheyHaveRoutes(t *testing.T) {
	s, p := newScene(t, Config{}, 10, 20, 30, 40)
	for _, q := range p {
		q.Feed4 = route.FeedUnknown
		s.edge(1, q, 64001)
	}
	s.leak(established, 1, p[:3])
	s.until(established + 10)
	expect(s, "1 firing AS701 3/3 ")
}

func TestSuspectIsWhatMostPeersShareThenTheNearer(t *testing.T) {
	s, p := newScene(t, Config{}, 10, 20, 30)
	s.change(established, p[0], before, asns(64000, 801, 701, 64500), inflated)
	s.change(established, p[1], before, asns(64000, 701, 64500), inflated)
	s.change(established, p[2], before, asns(64000, 801, 701, 64500), inflated)
	s.until(established + 10)
	expect(s, "1 firing AS701 3/3 ")

	s, p = newScene(t, Config{}, 10, 20, 30)
	for _, q := range p {
		s.change(established, q, before, asns(64000, 801, 701, 64500), inflated)
	}
	s.until(established + 10)
	expect(s, "1 firing AS801 3/3 ")
}

func TestSuspectNextToThePeerWasExportedToIt(t *testing.T) {
	s, p := newScene(t, Config{}, 30, 20, 30, 10)
	for _, q := range p {
		s.change(established, q, before, asns(701, 174, 64500), inflated)
	}
	s.until(established + 10)
	want := alert.Segment{ExportedTo: 30, Leaker: 701, LearnedFrom: 174} // 30 has two sessions
	if diff := cmp.Diff(&want, s.alerts[0].Segment); diff != "" {
		t.Errorf("segment (-want +got):\n%s", diff)
	}
	var order []route.ASN
	for _, sample := range s.alerts[0].Samples {
		order = append(order, sample.Peer.ASN)
	}
	if diff := cmp.Diff(asns(10, 20, 30, 30), order); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
}

func TestPathThatStaysOnTheNewcomerKeepsItsEvidence(t *testing.T) {
	s, p := newScene(t, Config{}, 10, 20, 30)
	s.leak(established, 1, p[:2])
	s.change(established+2, p[0], bad, asns(64001, 701, 64500), 0)
	s.leak(established+3, 1, p[2:])
	s.until(established + 10)
	expect(s, "1 firing AS701 3/3 ")
	if got := s.alerts[0].Samples[0].Before; !cmp.Equal(got, append(alert.Path{10}, before...)) {
		t.Errorf("path before is %v", got)
	}
}

func TestAlertNamesEveryExpectedOrigin(t *testing.T) {
	s, p := newScene(t, Config{}, 10, 20, 30)
	for _, q := range p {
		e := changeOf(testPrefix, q, before, asns(64000, 701, 64999), inflated|wire.RecordMoreSpecific)
		e.Origins = asns(64500, 64501)
		s.add(established, e)
	}
	s.until(established + 10)
	a := s.alerts[0]
	if a.ExpectedOrigin != 64500 || a.AnnouncedOrigin != 64999 || a.Counts.MoreSpecifics != 1 {
		t.Errorf("origins %d, %d, more-specifics %d", a.ExpectedOrigin, a.AnnouncedOrigin, a.Counts.MoreSpecifics)
	}
	var tags []string
	for _, e := range a.Evidence {
		tags = append(tags, e.Tag+": "+e.Detail)
	}
	want := []string{
		"contrast: 3 peers had a path without AS701",
		"path-inflation: up to 2 ASes longer than any path held",
		"more-specific: the prefix is new; it is compared with what covers it",
		"expected-origins: AS64500, AS64501",
		"origin-change: announced by AS64999",
	}
	if diff := cmp.Diff(want, tags); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}
