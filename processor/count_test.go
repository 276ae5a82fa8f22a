package processor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"detour/route"
	"detour/wire"
)

// manySessions are as many as visibility needs, and some more.
func manySessions() (out []route.Session) {
	for i := range uint32(14) {
		addr := netip.AddrFrom4([4]byte{10, 0, 1, byte(i)})
		out = append(out, route.Session{Peer: route.Peer{Collector: "c", Addr: addr, ASN: route.ASN(100 + i)}, ID: i})
	}
	return out
}

// script is a log of one ingester, to be written by hand.
type script struct {
	updates []route.Update
	now     route.Time
}

func (s *script) add(u route.Update) {
	u.Number, u.Engine = uint64(len(s.updates))+1, s.now
	s.updates = append(s.updates, u)
}

func (s *script) announce(flags route.Flags, peer uint32, prefix string, hops ...route.ASN) {
	u := announce(s.now, flags, prefix, append([]route.ASN{sessions[peer%5].ASN}, hops...)...)
	u.Peer = peer
	s.add(u)
}

func (s *script) withdraw(peer uint32, prefix string) {
	s.add(route.Update{Peer: peer, Withdrawn: []route.NLRI{route.MustPrefix(prefix).NLRI(0)}})
}

func (s *script) event(kind route.Kind, peer uint32) { s.add(route.Update{Kind: kind, Peer: peer}) }

// told runs the script over one shard, a frame an update, and returns what
// records of the wanted kinds say.
func (s *script) told(t *testing.T, cfg Config, kinds ...wire.RecordKind) (out []string) {
	t.Helper()
	cfg.Shards = 1
	e := newEngine(cfg)
	for i, f := range split("i", s.updates, 1, func() bool { return true })[0].frames {
		if err := e.apply(uint64(i)+1, 0, f); err != nil {
			t.Fatal(err)
		}
		_, records := lines(t, e.finishRange(1, uint64(i)+1, uint64(i)+2))
		for _, r := range records {
			if slices.Contains(kinds, r.Kind) {
				out = append(out, short(&r))
			}
		}
		e.startRange()
	}
	return out
}

// short is a record in few words; times in seconds since 1e15.
func short(l *line) string {
	_, peer, _ := strings.Cut(l.text, "peer ")
	peer, _, _ = strings.Cut(peer, "/")
	peer, _, _ = strings.Cut(peer, " ")
	at := fmt.Sprintf("%ds #%d %s", (l.Engine-1e15)/route.Second, l.Number, peer)
	switch l.Kind {
	case wire.RecordCensus:
		return fmt.Sprintf("%s %v: %d, %d", at, l.Prefix, l.Routes, l.Raised)
	case wire.RecordOrigin:
		return fmt.Sprintf("%s origin %v: %+d", at, l.Origin, l.Delta)
	case wire.RecordVisibility:
		return fmt.Sprintf("%s %v: %d of %d %v", at, l.Prefix, l.Routes, l.Raised, l.Origins)
	}
	word := map[wire.RecordKind]string{
		wire.RecordChange: "change", wire.RecordLoss: "loss", wire.RecordLeft: "left",
	}[l.Kind]
	for _, f := range []struct {
		flag wire.RecordFlags
		name string
	}{
		{wire.RecordWatched, "watched"},
		{wire.RecordHeld, "held"},
		{wire.RecordTable, "table"},
		{wire.RecordLearning, "learning"},
	} {
		if l.Flags&f.flag != 0 {
			word += " " + f.name
		}
	}
	_, paths, _ := strings.Cut(l.text, "peer ")
	_, paths, _ = strings.Cut(paths, " ")
	paths, _, _ = strings.Cut(paths, " new")
	paths, _, _ = strings.Cut(paths, " fact")
	return fmt.Sprintf("%s %v %s: %s", at, l.Prefix, word, paths)
}

func TestCensus(t *testing.T) {
	s := script{now: 1e15}
	s.announce(route.FlagTableDump, 0, "10.0.0.0/8", 10, 1)
	s.announce(route.FlagTableDump, 1, "10.0.0.0/8", 10, 2)
	s.announce(route.FlagTableDump, 0, "11.0.0.0/8", 10, 64512) // its origin is unknown
	s.event(route.KindEndOfRIB, route.AllPeers)
	s.event(route.KindEndOfRIB, route.AllPeers) // nothing has changed
	s.now += 9 * route.Second
	s.announce(0, 4, "10.0.0.0/8", 10, 1)
	s.announce(0, 0, "2a00::/16", 10, 1)
	s.announce(0, 0, "2a00::/16", 20, 1) // another path is no other count
	s.now += route.Second                // a boundary: what comes with it counts in the next
	s.withdraw(0, "11.0.0.0/8")
	s.announce(0, 0, "11.0.0.0/8", 10, 3) // back: it came up, and counts for its first origin, none
	s.now += 65 * route.Second            // several boundaries
	s.event(route.KindTick, route.AllPeers)
	s.announce(0, 1, "12.0.0.0/8", 10, 2)
	s.announce(0, 1, "13.0.0.0/8", 10, 2)
	s.event(route.KindPeerDown, 1)
	s.now += route.Minute
	s.event(route.KindTick, route.AllPeers)
	s.event(route.KindEndOfRIB, 0)
	got := s.told(t, Config{}, wire.RecordCensus, wire.RecordOrigin)
	want := []string{
		"0s #4 100 0.0.0.0/0: 2, 2",
		"0s #4 200 0.0.0.0/0: 1, 1",
		"0s #4 all 0.0.0.0/0: 2, 0",
		"0s #4 all origin 1: +1",

		"10s #0 100 ::/0: 1, 1",
		"10s #0 300 0.0.0.0/0: 1, 1",
		"10s #0 all 0.0.0.0/0: 2, 1",
		"10s #0 all ::/0: 1, 0",
		"10s #0 all origin 1: +1",

		"20s #0 100 0.0.0.0/0: 2, 1",

		"80s #0 200 0.0.0.0/0: 0, 0",
		"80s #0 all 0.0.0.0/0: 2, 0",
		"80s #0 all origin 2: +2",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// TestAnEndOfRIBCountsTheSessionsOfItsIngester: its number means nothing to
// others. A session that comes by another ingester is counted under its name.
func TestAnEndOfRIBCountsTheSessionsOfItsIngester(t *testing.T) {
	e := newEngine(Config{Shards: 1})
	b := wire.NewFrameBuilder("b", 1)
	a := wire.NewFrameBuilder("a", 1)
	var got []string
	numbers, seq := map[*wire.FrameBuilder]uint64{}, uint64(0)
	apply := func(b *wire.FrameBuilder, s *route.Session, u route.Update) {
		seq++
		numbers[b]++
		b.Reset(1)
		b.Add(&u, s, u.Announced, nil)
		if err := e.apply(seq, 0, b.Bytes(numbers[b])); err != nil {
			t.Fatal(err)
		}
		_, records := lines(t, e.finishRange(1, seq, seq+1))
		for _, r := range records {
			if r.Kind == wire.RecordCensus {
				got = append(got, short(&r))
			}
		}
		e.startRange()
	}
	event := func(kind route.Kind, at route.Time) route.Update {
		return route.Update{Kind: kind, Peer: route.AllPeers, Number: 8, Engine: at}
	}
	apply(b, &sessions[0], announce(1e15, 0, "10.0.0.0/8", 100, 10, 1))
	u := announce(1e15, 0, "10.0.0.0/8", 200, 10, 1)
	u.Peer = 1
	apply(a, &sessions[1], u)
	apply(a, nil, event(route.KindEndOfRIB, 1e15))
	apply(a, nil, event(route.KindTick, 1e15+censusEvery))
	apply(a, &sessions[0], announce(1e15+censusEvery, 0, "10.0.0.0/8", 100, 10, 1))
	apply(a, nil, event(route.KindEndOfRIB, 1e15+censusEvery))
	want := []string{
		"0s #8 200 0.0.0.0/0: 1, 1", "0s #8 all 0.0.0.0/0: 1, 0", "10s #0 100 0.0.0.0/0: 1, 1",
		"10s #8 100 0.0.0.0/0: 1, 0",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// TestManyOriginsAreToldBeforeTheCensus, and none of them is lost.
func TestManyOriginsAreToldBeforeTheCensus(t *testing.T) {
	const many, frames = 3 * maxOrigins / 2, 96
	e := newEngine(Config{Shards: 1})
	b := wire.NewFrameBuilder("i", 1)
	b.Reset(1)
	sum, sequence := map[route.ASN]int64{}, uint64(0)
	apply := func() {
		sequence++
		if err := e.apply(sequence, 0, b.Bytes(sequence)); err != nil {
			t.Fatal(err)
		}
		var r wire.Range
		if err := r.Decode(e.finishRange(1, sequence, sequence+1)); err != nil {
			t.Fatal(err)
		}
		for _, rec := range r.Records() {
			if rec.Kind == wire.RecordOrigin {
				sum[rec.Origin] += rec.Delta
			}
		}
		e.startRange()
		b.Reset(1)
	}
	for i := range uint64(many) {
		u := announce(1e15, route.FlagTableDump, "10.0.0.0/8", 100, 10, route.ASN(200_000+i))
		u.Announced[0] = route.NLRI{Hi: (1<<24 + i) << 40, Bits: 24, Family: route.IPv4}
		u.Number = i + 1
		b.Add(&u, &sessions[0], u.Announced, nil)
		if i%(many/frames) == many/frames-1 {
			apply()
		}
	}
	if len(sum) != maxOrigins {
		t.Errorf("%d origins are told before the census, want %d", len(sum), maxOrigins)
	}
	end := route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers, Engine: 1e15, Number: many + 1}
	b.Add(&end, nil, nil, nil)
	apply()
	if len(sum) != many || e.counters.RecordsRefused != 0 {
		t.Errorf("%d origins are told of %d, %d records refused", len(sum), many, e.counters.RecordsRefused)
	}
	for origin, n := range sum {
		if n != 1 {
			t.Fatalf("origin %v has %d prefixes", origin, n)
		}
	}
}

func TestOfAWatchedPrefixEverythingIsTold(t *testing.T) {
	const p, q = "104.16.0.0/12", "192.0.2.0/24"
	s := script{now: 1e15}
	s.announce(route.FlagTableDump, 0, p, 10, 1)
	s.announce(route.FlagTableDump, 0, p, 20, 1) // the slot is in use
	s.announce(route.FlagTableDump|route.FlagInitialTransfer, 0, p, 20, 1)
	s.announce(route.FlagTableDump|route.FlagInitialTransfer, 0, p, 20, 1) // the same again
	s.announce(route.FlagTableDump, 0, q, 20, 1)
	s.now += 400 * route.Second
	s.announce(0, 0, p, 10, 1)
	s.announce(0, 0, p, 10, 1)
	s.announce(0, 0, q, 10, 1)
	s.withdraw(0, p)
	s.withdraw(0, p)
	s.announce(route.FlagInitialTransfer, 0, p, 10, 1)
	s.withdraw(0, q)
	s.announce(0, 0, q, 10, 2)
	s.now += 400 * route.Second
	s.withdraw(0, q)
	var asked []string
	cfg := Config{Watched: func(x route.Prefix, origin route.ASN) bool {
		asked = append(asked, fmt.Sprintf("%v %v", x, origin))
		return x == route.MustPrefix(p) || origin == 2
	}}
	got := s.told(t, cfg, wire.RecordChange, wire.RecordLoss, wire.RecordLeft)
	want := []string{
		"0s #1 100 104.16.0.0/12 change watched table learning: - to [10 1]",
		"0s #3 100 104.16.0.0/12 change watched table learning: [10 1] to [20 1]",
		"400s #6 100 104.16.0.0/12 change watched held: [20 1] to [10 1]",
		"400s #9 100 104.16.0.0/12 loss watched: [10 1] to -",
		"400s #11 100 104.16.0.0/12 change watched learning: [10 1] to [10 1]",
		"400s #12 100 192.0.2.0/24 left: [10 1] to -", // what held of it in #8
		"400s #13 100 192.0.2.0/24 change watched: [10 1] to [10 2]",
		"800s #14 100 192.0.2.0/24 left watched: [10 2] to -",
		"800s #14 100 192.0.2.0/24 loss watched held: [10 2] to -",
	}
	// What of q holds by itself: a newcomer in #8.
	got = slices.DeleteFunc(got, func(text string) bool { return strings.Contains(text, "#8 ") })
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"192.0.2.0/24 1", "192.0.2.0/24 2", "192.0.2.0/24 2"}, asked[len(asked)-3:]); d != "" {
		t.Errorf("asked last (-want +got):\n%s", d)
	}
	plain := s.told(t, Config{}, wire.RecordChange, wire.RecordLoss, wire.RecordLeft)
	for _, text := range plain {
		if strings.Contains(text, p) && !strings.Contains(text, "left") || strings.Contains(text, "watched") {
			t.Errorf("told without watching: %s", text)
		}
	}
}

// TestManyTurnedPrefixesAreToldByAndBy, in their order.
func TestManyTurnedPrefixesAreToldByAndBy(t *testing.T) {
	const more = 5
	many := manySessions()[:10]
	s := script{now: 1e15}
	var nlri []route.NLRI
	for i := range uint64(maxTurned + more) {
		nlri = append(nlri, route.NLRI{Hi: (10<<24 + i<<8) << 32, Bits: 24, Family: route.IPv4})
	}
	for i := range many {
		s.add(route.Update{
			Peer: uint32(i), Flags: route.FlagTableDump | route.FlagHasPath,
			Path: route.Path{ASNs: []route.ASN{many[i].ASN, 10, 1}}, Announced: nlri,
		})
	}
	for i := range uint32(5) {
		s.add(route.Update{Peer: i, Withdrawn: nlri})
	}
	s.event(route.KindPeerDown, 0)
	s.now += censusEvery
	s.event(route.KindTick, route.AllPeers)
	e := newEngine(Config{Shards: 1})
	told := map[string]int{}
	last := wire.Record{}
	for i, f := range splitOf(many, "i", s.updates, 1, func() bool { return true })[0].frames {
		if err := e.apply(uint64(i)+1, 0, f); err != nil {
			t.Fatal(err)
		}
		_, records := lines(t, e.finishRange(1, uint64(i)+1, uint64(i)+2))
		for _, r := range records {
			if r.Kind != wire.RecordVisibility {
				continue
			}
			told[fmt.Sprintf("#%d: %d of %d", r.Number, r.Routes, r.Raised)]++
			if r.Number == last.Number && !last.Prefix.Less(r.Prefix) {
				t.Fatalf("%v behind %v", r.Prefix, last.Prefix)
			}
			last = r.Record
		}
		e.startRange()
	}
	want := map[string]int{"#15: 5 of 10": maxTurned + more, "#16: 5 of 9": maxTurned, "#0: 5 of 9": more}
	if d := cmp.Diff(want, told); d != "" || e.counters.RecordsRefused != 0 {
		t.Errorf("told (-want +got), %d refused:\n%s", e.counters.RecordsRefused, d)
	}
}

// drawMany makes a log of many sessions that come and go with few prefixes.
func drawMany(t *rapid.T) []route.Update {
	s := script{now: 1e15}
	many := manySessions()
	prefixes := []string{"10.32.0.0/16", "10.200.0.0/17", "10.0.0.0/8", "2a00:1450::/29"}
	for i := range many {
		for _, p := range prefixes {
			s.add(route.Update{
				Peer: uint32(i), Flags: route.FlagTableDump | route.FlagHasPath,
				Path:      route.Path{ASNs: []route.ASN{many[i].ASN, 10, 1}},
				Announced: []route.NLRI{route.MustPrefix(p).NLRI(0)},
			})
		}
	}
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		s.now += rapid.SampledFrom([]route.Time{0, route.Second, 9 * route.Second, 400 * route.Second}).Draw(t, "later")
		peer := rapid.Uint32Range(0, uint32(len(many)-1)).Draw(t, "peer")
		p := rapid.SampledFrom(prefixes).Draw(t, "prefix")
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			s.event(rapid.SampledFrom([]route.Kind{route.KindPeerUp, route.KindPeerDown}).Draw(t, "event"), peer)
		case 1:
			s.event(route.KindEndOfRIB, route.AllPeers)
		case 2:
			if rapid.IntRange(0, 5).Draw(t, "all") == 0 {
				s.event(route.KindPeerUp, route.AllPeers)
			}
		case 3, 4, 5:
			s.add(route.Update{
				Peer: peer, Flags: route.FlagHasPath, Path: route.Path{ASNs: []route.ASN{many[peer].ASN, 10, 1}},
				Announced: []route.NLRI{route.MustPrefix(p).NLRI(0)},
			})
		default:
			for k := range rapid.Uint32Range(1, 8).Draw(t, "sessions") {
				s.withdraw((peer+k)%uint32(len(many)), p)
			}
		}
	}
	s.now += censusEvery
	s.event(route.KindTick, route.AllPeers)
	return s.updates
}

// TestVisibilityAndCountsDoNotDependOnShards where many sessions hold few
// prefixes. A young way is none of it: all were shown by a table.
func TestVisibilityAndCountsDoNotDependOnShards(t *testing.T) {
	turned := 0
	rapid.Check(t, func(rt *rapid.T) {
		updates := drawMany(rt)
		want, _ := all(t, splitOf(manySessions(), "i", updates, 1, func() bool { return true }), 0)
		for _, text := range want.records {
			if strings.Contains(text, fmt.Sprintf("kind %d ", wire.RecordVisibility)) {
				turned++
			}
		}
		for _, shards := range []int{1, 4, 8} {
			cut := func() bool { return rapid.Bool().Draw(rt, "cut") }
			got, _ := all(t, splitOf(manySessions(), "i", updates, shards, cut), 0)
			if d := cmp.Diff(want, got, cmp.AllowUnexported(told{}, moments{}), cmpopts.EquateEmpty()); d != "" {
				rt.Fatalf("%d shards tell something else (-1 shard +%d):\n%s", shards, shards, d)
			}
		}
	})
	if turned == 0 {
		t.Error("visibility never turned: nothing was compared")
	}
}
