package correlate

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/alert"
	"detour/processor/reference"
	"detour/route"
	"detour/wire"
)

// TestExplainingChangesNothing holds that what is judged, and what is known
// afterwards, does not depend on whether somebody asks why.
func TestExplainingChangesNothing(t *testing.T) {
	alerts, suspects := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		s := drawStory(rt)
		ranges := s.tell(1, func(route.Prefix) int { return 0 })[0].cut(0, 1, s.end, nil)
		stats := ""
		run := func(e *Explainer) outcome {
			c := New(plain(Config{Learn: storyLearn, Reopen: 3 * route.Minute, Maturity: MatureYes, Explain: e}))
			var told []string
			for _, r := range ranges {
				if err := c.Range(encode(t, r.h, r.frames), func(a *alert.Alert) {
					told = append(told, asJSON(t,
						a))
				}); err != nil {
					rt.Fatal(err)
				}
			}
			before := asJSON(t, told)
			c.View()
			c.ViewPrefix(storyPrefixes[0], storyOrigins)
			if asJSON(t, told) != before {
				rt.Fatal("looking emits alerts")
			}
			stats = asJSON(t, c.Stats())
			return result(c, told, s.last())
		}
		e := NewExplainer(rapid.SampledFrom(storyPrefixes).Draw(rt, "prefix"))
		want, plain := run(nil), stats
		got := run(e)
		if plain != stats {
			rt.Fatalf("counters with an explainer: %s, without: %s", stats, plain)
		}
		if d := gocmp.Diff(want, got); d != "" {
			rt.Fatalf("with an explainer (-without +with):\n%s", d)
		}
		alerts, suspects = alerts+len(want.Alerts), suspects+len(e.Suspicions())
		for _, n := range e.changes {
			if !n.Judged && n.Why == "" {
				rt.Fatalf("a change at %v was not judged, and nobody says why", n.At)
			}
		}
		for _, n := range e.Claims() {
			for _, u := range n.Unjudged {
				if u.Why == "" {
					rt.Fatalf("a claim of AS%d was not judged, and nobody says why", n.ASN)
				}
			}
		}
	})
	if alerts == 0 || suspects == 0 {
		t.Errorf("%d alerts, %d suspects: nothing was compared", alerts, suspects)
	}
}

// TestClaimVerdictsAreTheRulesOfHijack holds the tests that are shown against
// the rules that judge, at every threshold and one below.
func TestClaimVerdictsAreTheRulesOfHijack(t *testing.T) {
	seen := map[string]int{}
	for bits := range 1 << 9 {
		on := func(i int) bool { return bits>>i&1 != 0 }
		n := func(i, threshold int) spread {
			if on(i) {
				return spread{cur: uint32(threshold)}
			}
			return spread{cur: uint32(threshold - 1)}
		}
		c := New(Config{})
		c.mature = on(0)
		k := &claimant{
			as: c.known.id(64666), peers: n(1, hijackPeers), prefixes: n(2, hijackPrefixes), unshared: n(3, hijackPrefixes),
			victims: n(4, hijackVictims), invalid: n(5, invalidPeers),
		}
		cl := &claim{by: k.as, watched: on(6)}
		if on(7) {
			cl.validity = reference.InvalidOrigin
		}
		it := &item{Record: wire.Record{Prefix: testPrefix}}
		w := c.watchedOf(testPrefix)
		path := c.internPath(asns(c.known.as.asn(k.as)))
		announcing := n(8, hijackPeers)
		for i := range announcing.cur {
			p := peerSession(i, route.ASN(100+i))
			id, _ := c.sessions.intern(sessionKey{peer: p.Peer}, 10)
			w.routes = append(w.routes, watchedRoute{session: id, path: path, up: true})
		}
		want, got := c.hijack(k, it, cl), ""
		for _, v := range c.claimEvaluation(k, it, cl).Verdicts {
			if v.Holds {
				got = v.Rule
				break
			}
		}
		if got != want {
			t.Fatalf("shown: %q, judged: %q of %+v, %+v", got, want, k, cl)
		}
		seen[want]++
	}
	for _, rule := range []string{"", "watched-origin", "origin-prefixes", "origin-victims", "rpki-invalid-origin"} {
		if seen[rule] == 0 {
			t.Errorf("nothing was judged %q: %v", rule, seen)
		}
	}
}

// TestWhyAClaimIsNotJudged holds whyNoClaim against claimOf, reason by reason.
func TestWhyAClaimIsNotJudged(t *testing.T) {
	watch := func(text string) *reference.Watch {
		w, err := reference.ReadWatch(strings.NewReader(text), "watch")
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	vrps, err := reference.ReadVRPs(strings.NewReader(`{"roas":[{"prefix":"203.0.113.0/24","maxLength":24,"asn":64666}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(c *Correlator, s *session, it *item){
		"": func(*Correlator, *session, *item) {},
		"its origin cannot be told (an AS_SET, or a private or reserved AS)": func(c *Correlator, _ *session, it *item) {
			it.Next = c.internPath(asns(701, 0))
		},
		"shorter than /8": func(_ *Correlator, _ *session, it *item) { it.Prefix = route.MustPrefix("0.0.0.0/0") },
		"a new part of a known prefix, from a session that was still learning: a table transfer": func(
			_ *Correlator, s *session, it *item,
		) {
			s.until = route.Hour
			it.Flags |= wire.RecordMoreSpecific
		},
		"a new part of a known prefix, from a session that brought many new routes at once: a table transfer": func(
			_ *Correlator, s *session, it *item,
		) {
			s.raised = transferRoutes + 1
			it.Flags |= wire.RecordMoreSpecific
		},
		"valid by the RPKI": func(c *Correlator, _ *session, _ *item) { c.outside.VRPs = []VRPs{{Set: vrps}} },
		"the watch file expects it": func(c *Correlator, _ *session, _ *item) {
			c.outside.Watch = watch("203.0.113.0/24 AS64666\n")
		},
		"no origin was expected: nothing was known of the prefix": func(_ *Correlator, _ *session,
			it *item,
		) {
			it.Origins = nil
		},
		"it is an expected origin": func(_ *Correlator, _ *session,
			it *item,
		) {
			it.Origins = asns(64500, 64666)
		},
		"origins were only being learned: nobody had stated the end of a table": func(c *Correlator, _ *session, _ *item) {
			c.learnUntil = lastTime
		},
		"origins were only being learned until 1970-01-01 01:00:00": func(c *Correlator, _ *session, _ *item) {
			c.learnUntil = route.Hour
		},
		"a table was full": func(c *Correlator, _ *session, _ *item) { c.prefixes.limit = 0 },
	} {
		c := New(Config{Maturity: MatureYes})
		c.learnUntil = 0
		id, _ := c.sessions.intern(sessionKey{peer: peerSession(1, 10).Peer}, 10)
		c.sessions.list[id].begun = true
		it := &item{Record: wire.Record{Prefix: testPrefix, Peer: id, Origins: asns(64500), Flags: wire.RecordOriginNew}}
		it.Next = c.internPath(asns(701, 64666))
		change(c, &c.sessions.list[id], it)
		_, ok := c.claimOf(it, 100*route.Second)
		if why := c.whyNoClaim(it, 100*route.Second); why != want || ok != (want == "") {
			t.Errorf("judged: %t, reason %q, want %q", ok, why, want)
		}
	}
}

func TestSinceSaysWhatAStampMeans(t *testing.T) {
	at := 100 * route.Second
	for name, c := range map[string]struct {
		stamp stamp
		text  string
		json  string
	}{
		"never":  {never, "never seen", "never"},
		"always": {ever, "known for long", "always"},
		"seen":   {stampAt(at), "since 1970-01-01 00:01:40", "1970-01-01T00:01:40.000000Z"},
		"held": {
			stampAt(at) | pinned, "since 1970-01-01 00:01:40, on routes of an incident", "1970-01-01T00:01:40.000000Z",
		},
	} {
		s := sinceOf(c.stamp)
		b, err := s.MarshalText()
		if s.String() != c.text || string(b) != c.json || err != nil {
			t.Errorf("%s: %q, %q, %v", name, s, b, err)
		}
	}
}
