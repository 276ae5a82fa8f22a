package correlate

import (
	"fmt"
	"strings"
	"testing"

	"detour/alert"
	"detour/processor/reference"
	"detour/route"
)

// vrps reads validated ROA payloads, "prefix maxLength AS" each.
func vrps(t testing.TB, list ...string) *reference.VRPs {
	var text []string
	for _, e := range list {
		f := strings.Fields(e)
		text = append(text, fmt.Sprintf(`{"prefix": %q, "maxLength": %s, "asn": %s}`, f[0], f[1], f[2]))
	}
	v, err := reference.ReadVRPs(strings.NewReader(`{"roas": [` + strings.Join(text, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// watchFile reads a watch file.
func watchFile(t testing.TB, lines ...string) *reference.Watch {
	w, err := reference.ReadWatch(strings.NewReader(strings.Join(lines, "\n")), "watch")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// scrubbers is the list of lists with one scrubber.
func scrubbers(t testing.TB, as string) *reference.Lists {
	list, err := reference.ReadList(reference.Scrubbers, strings.NewReader(as))
	if err != nil {
		t.Fatal(err)
	}
	return (*reference.Lists)(nil).With(list)
}

// manyPeers returns n peer ASNs.
func manyPeers(n int) []route.ASN {
	list := make([]route.ASN, n)
	for i := range list {
		list[i] = route.ASN(101 + i)
	}
	return list
}

// victimWorld has n prefixes of m networks, all reached through 3356, and a
// hijacker, 18101, with a network of its own.
func victimWorld(t testing.TB, cfg Config, peers, n, m int) (*world, []route.Prefix) {
	w := newWorld(t, cfg, manyPeers(peers)...)
	list := w.victims(n, m, "3356")
	w.table("101 15412 18101", nets(5000, 1)...)
	return w, list
}

// claims lets the first of the peers take a hijacked route to each prefix.
func (w *world) claims(path string, peers int, prefixes ...route.Prefix) {
	w.Helper()
	for _, peer := range w.order[:peers] {
		w.says(fmt.Sprintf("%d %s", peer, path), prefixes...)
	}
}

func TestHijackRulesOpenAtTheirThresholds(t *testing.T) {
	warm := mature
	invalid := func() Config {
		cfg := mature()
		cfg.Outside.VRPs = []VRPs{{Set: vrps(t, "20.0.0.0/24 24 40001")}}
		return cfg
	}
	cold := func() Config {
		cfg := invalid()
		cfg.Maturity = MatureNo
		return cfg
	}
	watching := func() Config { return Config{Outside: Outside{Watch: watchFile(t, "20.0.0.0/24")}} }
	const apart, beside = "15412 18101", "3356 18101"
	for name, tc := range map[string]struct {
		cfg                      func() Config
		path                     string
		peers, prefixes, victims int
		rule                     string // empty: nothing opens
	}{
		"five prefixes of one network at three peers":         {warm, apart, 3, 5, 1, "origin-prefixes"},
		"four prefixes of four networks":                      {warm, apart, 3, 4, 4, ""},
		"five prefixes at two peers":                          {warm, apart, 2, 5, 5, ""},
		"shared upstream, three networks":                     {warm, beside, 3, 5, 3, "origin-victims"},
		"shared upstream, two networks":                       {warm, beside, 3, 9, 2, ""},
		"shared upstream, four prefixes":                      {warm, beside, 3, 4, 4, ""},
		"not mature":                                          {func() Config { return Config{} }, apart, 12, 20, 20, ""},
		"one prefix, newly invalid, ten peers":                {invalid, apart, 10, 1, 1, "rpki-invalid-origin"},
		"one prefix, newly invalid, nine peers":               {invalid, apart, 9, 1, 1, ""},
		"one prefix, newly invalid, shared upstream":          {invalid, beside, 12, 1, 1, ""},
		"one prefix, newly invalid, ten peers and not mature": {cold, apart, 10, 1, 1, "rpki-invalid-origin"},
		"one watched prefix at three peers and not mature":    {watching, apart, 3, 1, 1, "watched-origin"},
		"one watched prefix, shared upstream":                 {watching, beside, 3, 1, 1, "watched-origin"},
		"one watched prefix at two peers":                     {watching, apart, 2, 1, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := victimWorld(t, tc.cfg(), 12, tc.prefixes, tc.victims)
			w.begin()
			w.claims(tc.path, tc.peers, list...)
			last := w.at - w.pace
			w.wait(route.Second)
			if tc.rule == "" {
				expectTold(w, "below the threshold")
				return
			}
			if len(w.alerts) == 0 {
				t.Fatal("nothing is told")
			}
			a := w.alerts[0]
			want := fmt.Sprintf("hijack AS18101 firing by %s: %d of %d", tc.rule, tc.prefixes, tc.victims)
			if got := line(&a); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
			// It opens on the first update of the last peer, or on the last prefix.
			if opens := last - route.Time(tc.prefixes-1)*w.pace; a.Opened != opens || a.FirstEvidence != start {
				t.Errorf("opened at %d, want %d; first evidence %d", a.Opened, opens, a.FirstEvidence)
			}
			severity := alert.SeverityCritical
			if tc.rule == "rpki-invalid-origin" {
				severity = alert.SeverityWarning
			}
			if a.Severity != severity {
				t.Errorf("severity %s", a.Severity)
			}
			for i, p := range w.alerts[1:] {
				if p.Incident != a.ID || p.AnnouncedOrigin != 18101 || p.Prefix != list[i] ||
					p.ExpectedOrigin != originOf(i, tc.victims) {
					t.Errorf("prefix alert %d: %+v", i, p)
				}
			}
		})
	}
}

// TestWhatIsNoHijack plays five prefixes of five networks at all peers, with one
// thing that speaks for the new origin each time.
func TestWhatIsNoHijack(t *testing.T) {
	const apart = "15412 18101"
	with := func(o Outside) Config { return Config{Maturity: MatureYes, Outside: o} }
	roas := func(maxLength int) []VRPs {
		return []VRPs{{Set: vrps(t, fmt.Sprintf("20.0.0.0/16 %d 18101", maxLength))}}
	}
	victimsNet := route.MustPrefix("20.0.0.0/16")
	sisters := []string{"18101 reliance"}
	links := []string{}
	for i := range 5 {
		sisters = append(sisters, fmt.Sprintf("%d reliance", originOf(i, 5)))
		links = append(links, fmt.Sprintf("18101>%d", originOf(i, 5)))
	}
	for name, tc := range map[string]struct {
		cfg   Config
		teach func(w *world, list []route.Prefix)
		path  string
		opens bool
	}{
		"nothing speaks for it":          {mature(), nil, apart, true},
		"it has a valid ROA":             {with(Outside{VRPs: roas(24)}), nil, apart, false},
		"its ROA is for longer prefixes": {with(Outside{VRPs: roas(20)}), nil, apart, true},
		"one organisation":               {with(Outside{Names: organisations(t, sisters...)}), nil, apart, false},
		"the file has a link":            {with(Outside{Relationships: relations(t, links...)}), nil, apart, false},
		"it is a scrubber":               {with(Outside{Lists: scrubbers(t, "18101")}), nil, apart, false},
		"beacons":                        {with(Outside{Lists: beacons(t, victimsNet)}), nil, apart, false},
		"the old origin is behind it": {mature(), func(w *world, list []route.Prefix) {
			for i := range list {
				w.table(fmt.Sprintf("101 15412 18101 %d", originOf(i, 5)), nets(6000+i, 1)...)
			}
		}, apart, false},
		"the old origin is far behind it": {mature(), func(w *world, list []route.Prefix) {
			for i := range list {
				w.table(fmt.Sprintf("101 15412 18101 7018 %d", originOf(i, 5)), nets(6000+i, 1)...)
			}
		}, apart, false},
		"the old origin is before it": {mature(), func(w *world, list []route.Prefix) {
			for i := range list {
				w.table(fmt.Sprintf("101 15412 %d 18101", originOf(i, 5)), nets(6000+i, 1)...)
			}
		}, apart, false},
		"the usual prefixes have it as second origin": {mature(), func(w *world, list []route.Prefix) {
			w.table("101 15412 18101", list...)
		}, apart, false},
		"a gap before the origin": {mature(), nil, "15412 _", false},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := victimWorld(t, tc.cfg, 12, 5, 5)
			if tc.teach != nil {
				tc.teach(w, list)
			}
			w.begin()
			w.claims(tc.path, 12, list...)
			w.wait(route.Second)
			if got := w.incidents(); (len(got) > 0) != tc.opens {
				t.Errorf("incidents %v", got)
			}
		})
	}
}

func TestOldOriginOnThePathIsNoHijack(t *testing.T) {
	w, list := victimWorld(t, mature(), 3, 5, 5)
	w.begin()
	for _, peer := range w.order {
		for i, p := range list {
			w.says(fmt.Sprintf("%d 3356 %d 18101", peer, originOf(i, 5)), p)
		}
	}
	w.wait(route.Second)
	expectTold(w, "the old origins pass the routes on")
}

func TestSlowHijackIsSeenWithinTwoOriginWindows(t *testing.T) {
	for pace, opens := range map[route.Time]bool{30 * route.Second: true, 60 * route.Second: false} {
		w, list := victimWorld(t, mature(), 3, 5, 5)
		w.begin()
		w.pace = pace // 15 updates
		for _, p := range list {
			w.claims("15412 18101", 3, p)
		}
		w.wait(route.Second)
		if got := w.incidents(); (len(got) > 0) != opens {
			t.Errorf("one update in %d s: incidents %v", pace/route.Second, got)
		}
	}
}

func TestHijackIsTheWorkOfOneOrigin(t *testing.T) {
	w, list := victimWorld(t, mature(), 3, 5, 5)
	w.begin()
	for i, p := range list {
		w.claims(fmt.Sprintf("15412 %d", 18101+i), 3, p)
	}
	w.wait(route.Second)
	expectTold(w, "five origins with a prefix each")
}

func TestHijackOfNewPartsIsASubprefixHijack(t *testing.T) {
	part := func(i int) route.Prefix { return route.MustPrefix(fmt.Sprintf("20.0.%d.128/25", i)) }
	for parts, want := range map[int]string{
		5: "subprefix-hijack AS18101 firing by origin-prefixes: 5 of 5",
		3: "subprefix-hijack AS18101 firing by origin-prefixes: 5 of 5",
		2: "hijack AS18101 firing by origin-prefixes: 5 of 5",
	} {
		w, list := victimWorld(t, mature(), 3, 5, 5)
		w.begin()
		for i := range list {
			if i < parts {
				list[i] = part(i)
			}
		}
		for _, peer := range w.order {
			for _, p := range list {
				w.says(fmt.Sprintf("%d 15412 18101", peer), p)
			}
		}
		w.wait(route.Second)
		if got := w.incidents(); len(got) != 1 || got[0] != want {
			t.Errorf("%d new parts: %v", parts, got)
		}
	}
}

// TestTableTransferOfNewPartsIsNoEvidence lets sessions that have raised many
// routes since the last census, or that are learning, bring new more-specifics.
func TestTableTransferOfNewPartsIsNoEvidence(t *testing.T) {
	for name, tc := range map[string]struct {
		before func(w *world)
		opens  bool
	}{
		"quiet sessions": {func(w *world) { w.census(300) }, true},
		"transfers":      {func(w *world) { w.census(301) }, false},
		"new sessions": {func(w *world) {
			for _, peer := range w.order {
				w.event(w.sessions[peer], route.KindPeerUp)
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, list := victimWorld(t, mature(), 3, 5, 5)
			w.begin()
			tc.before(w)
			for i := range list {
				w.claims("15412 18101", 3, route.MustPrefix(fmt.Sprintf("20.0.%d.128/25", i)))
			}
			w.wait(route.Second)
			if got := w.incidents(); (len(got) > 0) != tc.opens {
				t.Errorf("incidents %v", got)
			}
		})
	}
}

// TestNewSessionThatShowsAWrongOriginIsEvidence holds that origin facts go by
// what the engine has learned, not by the session's own learning.
func TestNewSessionThatShowsAWrongOriginIsEvidence(t *testing.T) {
	w, list := victimWorld(t, mature(), 3, 5, 5)
	w.begin()
	for _, peer := range w.order {
		w.event(w.sessions[peer], route.KindPeerUp)
	}
	w.claims("15412 18101", 3, list...)
	w.wait(route.Second)
	expectTold(w, "new sessions", "hijack AS18101 firing by origin-prefixes: 5 of 5")
}

func TestHijackIsOneIncidentOverAllWaves(t *testing.T) {
	w, list := victimWorld(t, mature(), 3, 30, 10)
	w.begin()
	w.claims("15412 18101", 3, list[:5]...)
	w.wait(20 * route.Minute)
	w.claims("15412 18101", 3, list[5:]...)
	w.wait(20 * route.Minute)
	ids := w.ids()
	expectTold(w, "two waves", "hijack AS18101 firing by origin-prefixes: 5 of 5",
		"hijack AS18101 firing by origin-prefixes: 7 of 7", "hijack AS18101 firing by origin-prefixes: 30 of 10")
	for _, peer := range w.order {
		w.withdraw(peer, list...)
	}
	w.wait(2 * route.Minute)
	again := w.ids()
	expectTold(w, "all withdrawn", "hijack AS18101 resolved withdrawn by origin-prefixes: 30 of 10")
	if len(ids) != 1 || len(again) != 1 || ids[0] != again[0] {
		t.Errorf("ids %v, then %v", ids, again)
	}
	w.claims("15412 18101", 3, list[:5]...)
	w.wait(route.Second)
	if got := w.ids(); len(got) != 1 || got[0] != ids[0] {
		t.Errorf("back within half an hour: %v", w.incidents())
	}
}

func TestUsualOriginBackEndsAHijack(t *testing.T) {
	w, list := victimWorld(t, mature(), 3, 5, 5)
	w.begin()
	w.claims("15412 18101", 3, list...)
	w.wait(10 * route.Minute)
	for _, peer := range w.order {
		w.leaks(fmt.Sprintf("%d 3356", peer), 5, list)
	}
	w.wait(2 * route.Minute)
	expectTold(w, "from begin to end", "hijack AS18101 firing by origin-prefixes: 5 of 5",
		"hijack AS18101 resolved withdrawn by origin-prefixes: 5 of 5")
	if s := w.c.Stats(); s.Routes != 0 || s.Open != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

// TestWatchFileNamesTheOrigin holds that a watch file's origins count, not those
// of the routes.
func TestWatchFileNamesTheOrigin(t *testing.T) {
	for entry, want := range map[string][]string{
		"20.0.0.0/24 AS40001": {
			"hijack AS18101 firing by watched-origin: 1 of 1", "20.0.0.0/24: hijack AS18101 firing, AS40001",
		},
		"20.0.0.0/24 AS64496": {
			"hijack AS18101 firing by watched-origin: 1 of 1", "20.0.0.0/24: hijack AS18101 firing, AS64496",
		},
		"20.0.0.0/24 AS40001 AS18101": nil,
		"AS40001": {
			"hijack AS18101 firing by watched-origin: 1 of 1", "20.0.0.0/24: hijack AS18101 firing, AS40001",
		},
	} {
		cfg := mature()
		cfg.Outside.Watch = watchFile(t, strings.ReplaceAll(entry, " AS", " "))
		if !strings.Contains(entry, "/") {
			cfg.Outside.Watch = watchFile(t, entry)
		}
		w, list := victimWorld(t, cfg, 3, 1, 1)
		w.begin()
		w.claims("15412 18101", 3, list...)
		w.wait(route.Second)
		if got := w.told(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: told %q, want %q", entry, got, want)
		}
	}
}

// TestClaimsByAWatchFileAloneAreInTheIncidentFromTheStart lets the shards take
// the wrong origin for expected, so that only the watch file calls it wrong.
func TestClaimsByAWatchFileAloneAreInTheIncidentFromTheStart(t *testing.T) {
	cfg := mature()
	cfg.Outside.Watch = watchFile(t, "20.0.0.0/16 AS40001")
	w := newWorld(t, cfg, manyPeers(12)...)
	list := w.victims(4, 1, "3356")
	for _, p := range list {
		w.table("112 15412 18101", p)
	}
	w.begin()
	w.claims("15412 18101", 3, list...)
	w.wait(1)
	for _, a := range w.alerts {
		if a.Scope == alert.ScopeIncident && a.Revision == 1 {
			// two peers have told of all four, the third has just told of the first
			if a.Counts.Prefixes != 4 || a.Counts.Peers != 3 {
				t.Errorf("it opens with %+v: %s", a.Counts, a.Summary)
			}
			return
		}
	}
	t.Errorf("told %v", w.told())
}
