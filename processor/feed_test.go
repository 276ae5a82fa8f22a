package processor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"detour/route"
	"detour/wire"
)

// TestTheVantagePointIsInFrontOfEveryPath follows paths of every kind of session
// from the update to the evidence: where the peer does not stand in front, a virtual
// hop does (DETECTION §3), and all hops of the path are judged.
func TestTheVantagePointIsInFrontOfEveryPath(t *testing.T) {
	peer := func(asn, local route.ASN, view route.View) route.Peer {
		return route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.9"), ASN: asn, LocalASN: local, View: view}
	}
	type segment = route.Segment
	for name, tc := range map[string]struct {
		peer     route.Peer
		path     []route.ASN
		segments []segment
		tail     string // behind the vantage point; empty: nothing is told
		virtual  bool
		edge     route.ASN // told as next to the vantage point, 0 none
	}{
		"a peer": {peer(100, 3333, 0), []route.ASN{100, 10, 20, 1}, nil, "[10 20 1]", false, 10},
		"a peer that prepends": {
			peer(100, 3333, 0), []route.ASN{100, 100, 10, 20, 1}, nil, "[10 20 1]", false, 10,
		},
		"a route server":               {peer(6777, 3333, 0), []route.ASN{10, 20, 1}, nil, "[10 20 1]", true, 0},
		"a route server that is shown": {peer(6777, 3333, 0), []route.ASN{6777, 10, 20, 1}, nil, "[10 20 1]", false, 10},
		"an internal session":          {peer(3333, 3333, 0), []route.ASN{10, 20, 1}, nil, "[10 20 1]", true, 10},
		"a Loc-RIB": {
			peer(3333, 3333, route.ViewLocRIB), []route.ASN{10, 20, 1}, nil, "[10 20 1]", true, 10,
		},
		"a Loc-RIB of an AS unknown": {peer(0, 0, route.ViewLocRIB), []route.ASN{10, 20, 1}, nil, "[10 20 1]", true, 10},
		"a confederation in front": {
			peer(100, 3333, 0),
			[]route.ASN{64512, 64513, 100, 10, 20, 1},
			[]segment{{Type: route.ASConfedSequence, Count: 2}, {Type: route.ASSequence, Count: 4}},
			"[10 20 1]", false, 10,
		},
		"a confederation behind the peer": {peer(100, 3333, 0), []route.ASN{100, 64512, 10, 20, 1}, []segment{
			{Type: route.ASSequence, Count: 1}, {Type: route.ASConfedSet, Count: 1}, {Type: route.ASSequence, Count: 3},
		}, "[10 20 1]", false, 10},
		"an internal session in a confederation": {
			peer(3333, 3333, 0),
			[]route.ASN{64512, 10, 20, 1},
			[]segment{{Type: route.ASConfedSequence, Count: 1}, {Type: route.ASSequence, Count: 3}},
			"[10 20 1]", true, 10,
		},
		"what the router sends itself": {
			peer(100, 3333, route.ViewAdjRIBOut), []route.ASN{100, 10, 20, 1}, nil, "", false, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeeder(t, Config{})
			s := route.Session{Peer: tc.peer, ID: 7}
			u := route.Update{
				Engine: 1e15, Flags: route.FlagHasPath, Path: route.Path{ASNs: tc.path, Segments: tc.segments},
				Announced: []route.NLRI{route.MustPrefix("11.0.0.0/8").NLRI(0)},
			}
			f.add("i", &s, route.Update{Kind: route.KindPeerUp, Engine: 1e15}, u)
			f.add("i", &s, route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: 1e15 + 20*route.Second})
			_, records := f.cut()
			changes, edge, counted := []string{}, route.ASN(0), uint64(0)
			for i := range records {
				switch r := &records[i]; r.Kind {
				case wire.RecordChange:
					_, text, _ := strings.Cut(r.text, " to ")
					text, _, _ = strings.Cut(text, " new")
					if virtual := r.Flags&wire.RecordVirtualFirst != 0; virtual != tc.virtual || r.Newcomers != 3 {
						t.Errorf("virtual %v, judged %b", virtual, r.Newcomers)
					}
					changes = append(changes, text)
				case wire.RecordEdge:
					edge = r.AS
				case wire.RecordCensus:
					counted += r.Routes
				}
			}
			want := []string{tc.tail}
			if tc.tail == "" {
				want = []string{}
				if n := f.e.counters.Outbound; len(records) > 0 || n != 1 || f.e.counters.Elements != 0 {
					t.Errorf("it is told of: %v, %d counted", records, n)
				}
			}
			if !slices.Equal(changes, want) || edge != tc.edge || tc.tail != "" && counted == 0 {
				t.Errorf("changes %v, need %v; edge %d, need %d; counted %d", changes, want, edge, tc.edge, counted)
			}
		})
	}
}

// feeds of a session as one census tells them.
func (f *feeder) feeds() (out []string) {
	f.Helper()
	_, records := f.cut()
	for i := range records {
		if r := &records[i]; r.Kind == wire.RecordCensus && r.Peer != route.AllPeers {
			text := fmt.Sprintf("%v: %d, %d raised, %d again", r.Prefix, r.Routes, r.Raised, r.Delta)
			if r.Flags&wire.RecordDefault != 0 {
				text += ", default"
			}
			out = append(out, text)
		}
	}
	return out
}

// TestCensusTellsWhatIsAnnouncedAgainAndTheDefaultRoute: not the entries of a table,
// and only until the next census.
func TestCensusTellsWhatIsAnnouncedAgainAndTheDefaultRoute(t *testing.T) {
	f := newFeeder(t, Config{})
	s := sessions[0]
	say := func(second route.Time, flags route.Flags, prefixes ...string) {
		t.Helper()
		u := announce(1e15+second*route.Second, flags, prefixes[0], 100, 10, 1)
		for _, p := range prefixes[1:] {
			u.Announced = append(u.Announced, route.MustPrefix(p).NLRI(0))
		}
		f.add("i", &s, u)
	}
	tick := func(second route.Time) {
		f.tick("i", second)
	}
	for i, step := range []struct {
		do   func()
		want []string
	}{
		{func() { say(1, 0, "11.0.0.0/8", "0.0.0.0/0"); tick(11) }, []string{"0.0.0.0/0: 2, 2 raised, 0 again, default"}},
		{func() { say(12, 0, "11.0.0.0/8", "11.0.0.0/8"); tick(21) }, []string{"0.0.0.0/0: 2, 0 raised, 2 again, default"}},
		{func() { say(22, route.FlagTableDump, "11.0.0.0/8"); tick(31) }, nil},
		{func() { tick(41) }, nil},
		{func() {
			f.add("i", &s, route.Update{
				Engine: 1e15 + 42*route.Second, Withdrawn: []route.NLRI{route.MustPrefix("0.0.0.0/0").NLRI(0)},
			})
			tick(51)
		}, []string{"0.0.0.0/0: 1, 0 raised, 0 again"}},
		{func() { say(52, 0, "0.0.0.0/0"); tick(61) }, []string{"0.0.0.0/0: 2, 1 raised, 0 again, default"}},
		{func() {
			f.add("i", &s, route.Update{Kind: route.KindPeerDown, Engine: 1e15 + 62*route.Second})
			tick(71)
		}, []string{"0.0.0.0/0: 0, 0 raised, 0 again"}},
		{func() { say(72, 0, "11.0.0.0/8"); tick(81) }, []string{"0.0.0.0/0: 1, 1 raised, 0 again"}},
	} {
		step.do()
		if got := f.feeds(); !slices.Equal(got, step.want) {
			t.Errorf("step %d: told %q, want %q", i, got, step.want)
		}
	}
}

// TestRepeatsAmidChangesAreNoTableGivenAgain: a session may send the same again all
// day; a table is given again where little else comes.
func TestRepeatsAmidChangesAreNoTableGivenAgain(t *testing.T) {
	f := newFeeder(t, Config{})
	s := sessions[0]
	second := route.Time(0)
	say := func(prefix string, path ...route.ASN) {
		t.Helper()
		second++
		f.add("i", &s, announce(1e15+second*route.Second/10, 0, prefix, path...))
	}
	say("11.0.0.0/8", 100, 10, 1)
	say("12.0.0.0/8", 100, 10, 1)
	f.tick("i", 11)
	f.feeds()
	second = 120
	for i := range route.ASN(10) {
		say("11.0.0.0/8", 100, 10, 1)
		say("12.0.0.0/8", 100, 20+i, 1)
	}
	f.tick("i", 21)
	if got := f.feeds(); len(got) != 0 {
		t.Errorf("as many changes as repeats: told %q", got)
	}
	second = 220
	for i := range route.ASN(10) {
		say("11.0.0.0/8", 100, 10, 1)
		if i%5 == 0 {
			say("12.0.0.0/8", 100, 40+i, 1)
		}
	}
	f.tick("i", 31)
	if got, want := f.feeds(), []string{"0.0.0.0/0: 2, 0 raised, 8 again"}; !slices.Equal(got, want) {
		t.Errorf("few changes: told %q, want %q", got, want)
	}
}

// TestAPeerThatIsTheOriginItself: a path of the peer alone contradicts who has the
// prefix.
func TestAPeerThatIsTheOriginItself(t *testing.T) {
	f := newFeeder(t, Config{})
	one, two := sessions[0], sessions[1]
	f.add("i", &one, announce(1e15, route.FlagTableDump, "11.0.0.0/8", one.ASN, 10, 1))
	f.add("i", &two, announce(1e15+route.Second, 0, "11.0.0.0/8", two.ASN))
	_, records := f.cut()
	last := &records[len(records)-1]
	if last.Kind != wire.RecordChange || last.Flags&wire.RecordOriginNew == 0 || last.Next == 0 ||
		!slices.Equal(last.Origins, []route.ASN{1}) {
		t.Errorf("told %v", last.text)
	}
}

// TestTheInitialTransferIsNoNews: until End-of-RIB nothing is flagged, and evidence
// says that it only teaches.
func TestTheInitialTransferIsNoNews(t *testing.T) {
	f := newFeeder(t, Config{})
	one, two := sessions[0], sessions[1]
	f.add("i", &one, announce(1e15, route.FlagTableDump, "11.0.0.0/8", one.ASN, 10, 1))
	f.add("i", &two, route.Update{Kind: route.KindPeerUp, Engine: 1e15 + route.Second},
		announce(1e15+2*route.Second, route.FlagInitialTransfer, "11.0.0.0/8", two.ASN, 20, 30, 2))
	_, records := f.cut()
	for i := range records {
		if r := &records[i]; r.Kind < wire.RecordEvent && r.Flags&wire.RecordLearning == 0 {
			t.Errorf("news: %s", r.text)
		}
	}
	if len(f.flags) > 0 {
		t.Errorf("flags %q", f.flags)
	}
	f.add("i", &two, route.Update{Kind: route.KindEndOfRIB, Engine: 1e15 + 3*route.Second},
		announce(1e15+4*route.Second, 0, "11.0.0.0/8", two.ASN, 20, 40, 2))
	if len(f.flags) == 0 {
		t.Error("no flag after the End-of-RIB")
	}
}
