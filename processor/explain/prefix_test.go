package explain

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"detour/processor/correlate"
	"detour/processor/reference"
	"detour/route"
)

// primed tells the tables of a small Internet to a world with three peers: AS100
// sells transit to AS300, which has an origin of its own, AS200 is a further
// transit, and thirty networks from AS1001 on have a prefix each.
func primed(w *world) {
	w.t.Helper()
	for peer := range w.peers {
		for i := range 30 {
			w.table(peer, fmt.Sprintf("10.%d.0.0/16", i), 100, 200, route.ASN(1001+i))
		}
		w.table(peer, "10.200.0.0/16", 100, 300)
		w.table(peer, "10.201.0.0/16", 200, 300)
	}
	w.known()
	w.later(10 * route.Minute)
}

// noise is something new in each half-window, so that the noise is known.
func noise(w *world) {
	w.t.Helper()
	for i := range 4 {
		w.announce(0, "10.29.0.0/16", 100, route.ASN(400+i), 1030)
		w.later(route.Minute)
	}
}

// leak lets AS300 pass on to AS100 what it learns from AS200, of n networks.
func leak(w *world, n int) {
	w.t.Helper()
	for i := range n {
		for peer := range w.peers {
			w.announce(peer, fmt.Sprintf("10.%d.0.0/16", i), 100, 300, 200, route.ASN(1001+i))
		}
		w.later(route.Second)
	}
}

func TestWhyAPrefixDidNotAlert(t *testing.T) {
	vrps, err := reference.ReadVRPs(strings.NewReader(
		`{"roas":[{"prefix":"10.5.0.0/16","maxLength":16,"asn":1006},{"prefix":"10.6.0.0/16","maxLength":16,"asn":1008}]}`))
	if err != nil {
		t.Fatal(err)
	}
	names, err := reference.ReadNames(strings.NewReader(`{"300":"LEAKER-AS Example"}`))
	if err != nil {
		t.Fatal(err)
	}
	outside := correlate.Outside{VRPs: []correlate.VRPs{{Set: vrps}}, Names: names}
	for name, c := range map[string]struct {
		cfg  Config
		play func(w *world)
		say  []string // in the answer
	}{
		"quiet": {
			asking("10.3.0.0/16", outside), func(*world) {},
			[]string{"No alert speaks of 10.3.0.0/16.", "a table told of it, and that was all"},
		},
		"normal-change": {
			asking("10.3.0.0/16", outside), func(w *world) {
				w.withdraw(1, "10.3.0.0/16")
				w.later(route.Minute)
				w.announce(1, "10.3.0.0/16", 100, 200, 1004)
			},
			[]string{"None of its 2 changes held a fact"},
		},
		"too-few": {
			asking("10.2.0.0/16", outside), func(w *world) { noise(w); leak(w, 3) },
			[]string{
				"AS300 (LEAKER-AS Example) was new on the way to AS1003 (first 2026-01-02 03:14:02, at 3 peers)",
				"Rule group came closest, at 2026-01-02 03:14:02; it lacks: prefixes 3, needs 20",
				"It is not watched.",
			},
		},
		"no-noise-yet": {
			asking("10.2.0.0/16", outside), func(w *world) { leak(w, 12) },
			[]string{"No leak could be judged"},
		},
		"wrong-origin": {
			asking("10.5.0.0/16", outside), func(w *world) {
				for peer := range w.peers {
					w.announce(peer, "10.5.0.0/16", 100, 400, 666)
				}
			},
			[]string{
				"AS666 announced it, expected from AS1006, at 3 peers, but no rule held. Rule",
				"of an unrelated origin 3, needs 10",
			},
		},
		"valid-origin": {
			asking("10.6.0.0/16", outside), func(w *world) {
				for peer := range w.peers {
					w.announce(peer, "10.6.0.0/16", 100, 200, 1008)
				}
			},
			[]string{"AS1008 announced it, expected from AS1007, at 3 peers, which was not judged: valid by the RPKI."},
		},
		"watched": {
			asking("10.8.0.0/16", correlate.Outside{Watch: watchOf(t, "10.8.0.0/16 AS1009 # group: noc\n")}), func(w *world) {
				w.announce(0, "10.8.0.0/16", 100, 400, 401, 200, 1009)
			},
			[]string{"It is watched: 1 of its 1 change could count towards an alert; at most 1 peer agreed on one network"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.cfg, 10, 20, 30)
			primed(w)
			c.play(w)
			q := w.end()
			r, err := q.Prefix()
			if err != nil {
				t.Fatal(err)
			}
			answer := strings.Join(r.Answer, "\n")
			for _, s := range c.say {
				if !strings.Contains(answer, s) {
					t.Errorf("nobody says %q in\n%s", s, answer)
				}
			}
			text, _ := prefixOf(t, q)
			golden(t, name+".txt", text)
		})
	}
}

func TestAnUnknownPrefixHasNeighbours(t *testing.T) {
	w := newWorld(t, asking("10.3.9.0/24", correlate.Outside{}), 10, 20, 30)
	primed(w)
	_, err := w.end().Prefix()
	var unknown *UnknownError
	if !errors.As(err, &unknown) || unknown.Cover != route.MustPrefix("10.3.0.0/16") || unknown.Total != 0 {
		t.Errorf("unknown prefix: %v", err)
	}
}

func TestLearningSessionsAreNotJudged(t *testing.T) {
	cfg := asking("10.2.0.0/16", correlate.Outside{})
	cfg.Correlate.Learn = 2 * route.Minute
	w := newWorld(t, cfg, 10, 20, 30)
	primed(w)
	noise(w)
	w.add(&route.Update{Kind: route.KindPeerUp}, w.peers[1])
	w.later(route.Second)
	w.announce(1, "10.2.0.0/16", 100, 300, 200, 1003)
	q := w.end()
	r, err := q.Prefix()
	if err != nil {
		t.Fatal(err)
	}
	const want = "its session was still learning, since 2026-01-02 03:14:00 until 2026-01-02 03:16:00"
	if c := r.History[len(r.History)-1]; c.Judged || c.Why != want {
		t.Errorf("judged %t: %q, want %q", c.Judged, c.Why, want)
	}
	if len(r.Suspects) != 0 {
		t.Errorf("suspects of a learning session: %+v", r.Suspects)
	}
}

// TestReportsAreTheSameEachTime holds that no map's order shows.
func TestReportsAreTheSameEachTime(t *testing.T) {
	var first []byte
	for range 5 {
		w := newWorld(t, asking("10.2.0.0/16", correlate.Outside{}), 10, 20, 30)
		primed(w)
		noise(w)
		leak(w, 12)
		text, data := prefixOf(t, w.end())
		if all := append(text, data...); first == nil {
			first = all
		} else if string(first) != string(all) {
			t.Fatal("two reports of the same differ")
		}
	}
}
