package correlate

import (
	"testing"

	"detour/route"
	"detour/wire"
)

// TestClassOfAFeed names feeds by what they hold, and by what speaks against them.
func TestClassOfAFeed(t *testing.T) {
	for name, tc := range map[string]struct {
		feed feed
		want Class
	}{
		"half of all":                         {feed{routes: 500, known: 1000}, ClassFull},
		"less than half":                      {feed{routes: 499, known: 1000}, ClassPartial},
		"one route of one":                    {feed{routes: 1, known: 1}, ClassFull},
		"nothing":                             {feed{known: 1000}, ClassNone},
		"nothing is known":                    {feed{routes: 5}, ClassPartial},
		"full by word":                        {feed{said: route.FeedFull, routes: 5, known: 1000}, ClassFull},
		"partial by word":                     {feed{said: route.FeedPartial, routes: 900, known: 1000}, ClassPartial},
		"the default route alone":             {feed{routes: 1, known: 1000, byDefault: true}, ClassDefaultOnly},
		"the default route and nine others":   {feed{routes: 10, known: 1000, byDefault: true}, ClassDefaultOnly},
		"the default route and ten others":    {feed{routes: 11, known: 1000, byDefault: true}, ClassPartial},
		"the default route, partial by word":  {feed{said: route.FeedPartial, routes: 1, byDefault: true}, ClassDefaultOnly},
		"few routes without the default":      {feed{routes: 2, known: 1000}, ClassPartial},
		"all and the default route":           {feed{routes: 900, known: 1000, byDefault: true}, ClassFull},
		"learning":                            {feed{learning: true, routes: 900, known: 1000}, ClassLearning},
		"stale while it learned":              {feed{stale: true, learning: true, routes: 900, known: 1000}, ClassStale},
		"down, and stale before":              {feed{down: true, stale: true, routes: 900, known: 1000}, ClassDown},
		"distrusted, and down":                {feed{distrusted: true, down: true}, ClassDistrusted},
		"ignored, whatever else it may be":    {feed{ignored: true, distrusted: true, down: true, stale: true}, ClassIgnored},
		"full by word, distrusted":            {feed{distrusted: true, said: route.FeedFull}, ClassDistrusted},
		"the default route of an empty world": {feed{routes: 1, known: 1, byDefault: true}, ClassDefaultOnly},
	} {
		if got := tc.feed.class(); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// TestDefaultRouteIsToldByOneShard: the others, which have no part in it, do not
// take it back.
func TestDefaultRouteIsToldByOneShard(t *testing.T) {
	c := New(Config{Shards: 2})
	p := peerSession(1, 10)
	p.Feed4, p.Feed6 = route.FeedUnknown, route.FeedUnknown
	give := func(shard uint32, from uint64, at route.Time, routes uint64, flags wire.RecordFlags) {
		t.Helper()
		e := censusOf(p, routes, 0)
		e.ingester, e.Engine, e.Number, e.Flags = "ris", at, from, flags
		h := wire.RangeHeader{Shard: shard, Shards: 2, From: from, Engine: at + 1}
		if err := c.Range(encode(t, h, []frame{{e}}), none); err != nil {
			t.Fatal(err)
		}
	}
	at := route.Hour
	for i, tc := range []struct {
		flags wire.RecordFlags
		want  Class
	}{
		{0, ClassPartial}, {wire.RecordDefault, ClassDefaultOnly}, {wire.RecordDefault, ClassDefaultOnly}, {0, ClassPartial},
	} {
		at += 10 * route.Second
		give(0, uint64(i+1), at, 1, tc.flags)
		give(1, uint64(i+1), at, 1, 0)
		give(0, uint64(i+1), at+9, 0, 0)
		cov := c.Coverage()
		if len(cov.Peers) != 1 || cov.Peers[0].Class != [2]Class{tc.want, ClassNone} {
			t.Errorf("step %d: %+v", i, cov.Peers)
		}
	}
}

// TestSessionsWithOneNetworkAreOneVoice: alerts count AS numbers.
func TestSessionsWithOneNetworkAreOneVoice(t *testing.T) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	w.sessions[1299].Peer.ASN = 2914
	w.victims(1, 1, "3356")
	w.begin()
	if cov := w.c.Coverage(); cov.Collectors[0].Live != 3 || cov.ASNs != 2 {
		t.Errorf("%+v, %d AS numbers", cov.Collectors[0], cov.ASNs)
	}
}

// TestASilentFullFeedGoesStale: it is out of every denominator while nobody knows
// what it holds.
func TestASilentFullFeedGoesStale(t *testing.T) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	w.victims(1, 1, "3356")
	w.begin()
	classOf := func() Class {
		cov := w.c.Coverage()
		for _, p := range cov.Peers {
			if p.Peer.ASN == 2914 {
				return p.Class[0]
			}
		}
		return "unknown"
	}
	w.holds(2914, route.IPv4, busyFeed)
	w.wait(1)
	last := w.at
	for w.at < last+staleAfter {
		w.says("1299 3356 40001", nets(0, 1)...)
		w.holds(1299, route.IPv4, busyFeed)
		w.wait(route.Minute)
	}
	if got := classOf(); got != ClassFull {
		t.Errorf("after half an hour of silence it is %s", got)
	}
	w.wait(2 * route.Minute)
	if got := classOf(); got != ClassStale {
		t.Errorf("after more than half an hour of silence it is %s", got)
	}
	if _, votes := w.c.sessions.voters[0][2914]; votes {
		t.Error("it votes")
	}
	cov := w.c.Coverage()
	if k := cov.Collectors[0]; k.Stale != 1 || k.Silent != 1 || k.Live != 2 || cov.ASNs != 2 {
		t.Errorf("coverage %+v, %d AS numbers", k, cov.ASNs)
	}
	w.holds(2914, route.IPv4, busyFeed+1)
	w.wait(1)
	if got := classOf(); got != ClassFull {
		t.Errorf("when it is heard again it is %s", got)
	}
}

// TestATableGivenAgainIsAResetThatNobodyTold: what the peers withdrew around it is
// not taken for a loss, and what they announce then is learned.
func TestATableGivenAgainIsAResetThatNobodyTold(t *testing.T) {
	for name, tc := range map[string]struct {
		table uint64
		again int64
		loses bool
	}{
		"few":                            {busyFeed, repeatRoutes - 1, true},
		"many":                           {busyFeed, repeatRoutes, false},
		"too small a part of a table":    {100*repeatRoutes/repeatPercent + 1, repeatRoutes, true},
		"large enough a part of a table": {100 * repeatRoutes / repeatPercent, repeatRoutes, false},
		"too small a table":              {busyFeed - 1, repeatRoutes, true},
	} {
		w, p := lossWorld(t, 12)
		for _, peer := range w.order {
			w.holds(peer, route.IPv4, tc.table)
		}
		w.wait(10 * route.Minute)
		w.withdraws(p, w.order[:8]...)
		for _, peer := range w.order[:8] {
			e := censusOf(w.sessions[peer], tc.table, 0)
			e.Delta = tc.again
			w.update(w.sessions[peer], frame{e})
		}
		w.wait(1)
		for _, s := range w.c.sessions.list[:8] {
			if s.learning(w.at) == tc.loses {
				t.Errorf("%s: AS%d learns: %v", name, s.peer.ASN, !tc.loses)
			}
		}
		w.wait(3 * route.Minute)
		if got := w.told(); (len(got) != 0) != tc.loses {
			t.Errorf("%s: told %v", name, got)
		}
	}
}

// TestWhoStandsInFrontOfThePaths: the peer, the local network where routes come from
// within, and nobody in particular at a route server (DETECTION §3).
func TestWhoStandsInFrontOfThePaths(t *testing.T) {
	const within = wire.RecordVirtualFirst
	for name, tc := range map[string]struct {
		peer  route.Peer
		flags wire.RecordFlags
		want  route.ASN
	}{
		"a peer":                     {route.Peer{ASN: 100, LocalASN: 3333}, 0, 100},
		"a route server":             {route.Peer{ASN: 6777, LocalASN: 3333}, within, 0},
		"an internal session":        {route.Peer{ASN: 3333, LocalASN: 3333}, within, 3333},
		"a Loc-RIB":                  {route.Peer{ASN: 3333, LocalASN: 3333, View: route.ViewLocRIB}, within, 3333},
		"a Loc-RIB of the router's":  {route.Peer{ASN: 3333, View: route.ViewLocRIB}, within, 3333},
		"a Loc-RIB of an AS unknown": {route.Peer{View: route.ViewLocRIB}, within, 0},
	} {
		s := session{peer: tc.peer}
		if got := s.vantage(tc.flags); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

// TestWhatOnePeerHasInExcessMakesNoPartialFeedsOfOthers: more specifics of its own, or
// lies.
func TestWhatOnePeerHasInExcessMakesNoPartialFeedsOfOthers(t *testing.T) {
	w := newWorld(t, mature(), 2914, 1299, 174)
	w.victims(1, 1, "3356")
	w.begin()
	for _, as := range []route.ASN{2914, 1299, 174} {
		w.sessions[as].Feed4, w.sessions[as].Feed6 = route.FeedUnknown, route.FeedUnknown
	}
	w.counts(route.IPv4, fullTable4, fullTable4)
	for _, as := range []route.ASN{2914, 1299, 174} {
		w.holds(as, route.IPv4, fullTable4)
	}
	w.wait(1)
	w.counts(route.IPv4, 3*fullTable4, fullTable4)
	w.holds(174, route.IPv4, 3*fullTable4)
	for _, as := range []route.ASN{2914, 1299} {
		w.holds(as, route.IPv4, fullTable4+1)
	}
	w.wait(1)
	for _, p := range w.c.Coverage().Peers {
		if p.Class[0] == ClassPartial {
			t.Errorf("AS%v has every prefix that three peers hold, and is %s", p.Peer.ASN, p.Class[0])
		}
	}
	if n := len(w.c.sessions.voters[0]); n != 3 {
		t.Errorf("%d voters of 3", n)
	}
}
