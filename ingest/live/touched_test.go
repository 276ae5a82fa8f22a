package live

import (
	"context"
	"maps"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/route"
)

// primedRoute names a route of a peer.
type primedRoute struct {
	peer   netip.Addr
	prefix route.Prefix
}

// ups is an output that knows what is up, by the rules of a shard: a table fills what
// is empty, the end of a session from before takes down what a table or the updates
// since have filled, whatever else is said holds.
type ups map[primedRoute]route.ASN

// sinceASN is the least that sessions tell of; below it is what was before.
const sinceASN = 1000

func (o ups) Add(_ context.Context, u *route.Update, s *route.Session) error {
	if u.Kind == route.KindPeerDown || u.Kind == route.KindPeerUp {
		all := u.Flags&route.FlagTableDump == 0
		maps.DeleteFunc(o, func(r primedRoute, as route.ASN) bool { return r.peer == s.Addr && (all || as < sinceASN) })
	}
	for _, n := range u.Withdrawn {
		delete(o, primedRoute{s.Addr, n.Prefix()})
	}
	table := u.Flags&(route.FlagTableDump|route.FlagInitialTransfer) == route.FlagTableDump
	for _, n := range u.Announced {
		r := primedRoute{s.Addr, n.Prefix()}
		if _, filled := o[r]; !filled || !table {
			o[r] = u.Path.ASNs[0]
		}
	}
	return nil
}

func (ups) Tick(context.Context, route.Time) error { return nil }

func (ups) End(context.Context) error { return nil }

// TestWhatSessionsTellOutlivesPriming in any order of the two: a table and the updates
// since come behind what sessions tell meanwhile, and change nothing of that, not even
// what was withdrawn before the table came to it.
func TestWhatSessionsTellOutlivesPriming(t *testing.T) {
	prefixes := []route.Prefix{
		route.MustPrefix("10.0.0.0/8"), route.MustPrefix("11.0.0.0/8"), route.MustPrefix("12.0.0.0/8"),
	}
	peers := []route.Peer{
		{Collector: "c", Addr: netip.MustParseAddr("10.0.0.1"), ASN: 100},
		{Collector: "c", Addr: netip.MustParseAddr("10.0.0.2"), ASN: 200},
	}
	rapid.Check(t, func(t *rapid.T) {
		ctx, out := context.Background(), ups{}
		desk := NewDesk(out, Config{})
		primer := NewPrimer(desk, nil)
		before, since := ups{}, ups{} // by what was before, and by sessions
		told := map[primedRoute]bool{}
		void := map[netip.Addr]bool{} // sessions that ended meanwhile
		check := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		draw := func(peer route.Peer, as route.ASN, table bool) *route.Update {
			u := &route.Update{}
			list := rapid.SliceOfNDistinct(rapid.SampledFrom(prefixes), 1, 3, rapid.ID).Draw(t, "prefixes")
			for _, p := range list {
				if !table && rapid.IntRange(0, 2).Draw(t, "withdraws") == 0 {
					u.Withdrawn = append(u.Withdrawn, p.NLRI(0))
				} else {
					u.Announced = append(u.Announced, p.NLRI(0))
				}
			}
			u.Path.ASNs = []route.ASN{as}
			return u
		}
		tables := rapid.IntRange(0, 3).Draw(t, "entries")
		for i := range rapid.IntRange(1, 15).Draw(t, "steps") {
			peer := rapid.SampledFrom(peers).Draw(t, "peer")
			se, err := desk.Session(peer)
			check(err)
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				check(se.Down(ctx, "test"))
				void[peer.Addr] = true
				check(since.Add(ctx, &route.Update{Kind: route.KindPeerDown}, &route.Session{Peer: peer}))
			case 1: // an end from before takes down what was before it
				u := &route.Update{Kind: route.KindPeerDown}
				check(before.Add(ctx, u, &route.Session{Peer: peer}))
				check(primer.Add(ctx, u, &route.Session{Peer: peer}))
			case 2, 3:
				u := draw(peer, route.ASN(sinceASN+i), false)
				for _, n := range append(u.Withdrawn[:len(u.Withdrawn):len(u.Withdrawn)], u.Announced...) {
					told[primedRoute{peer.Addr, n.Prefix()}] = true
				}
				told[primedRoute{peer: peer.Addr}] = true
				check(since.Add(ctx, u, &route.Session{Peer: peer}))
				check(se.Update(ctx, u, 0))
			default:
				u := draw(peer, route.ASN(1+i), tables > 0)
				u.Flags = route.FlagTableDump
				if tables--; tables < 0 {
					u.Flags |= route.FlagInitialTransfer
				}
				check(before.Add(ctx, u, &route.Session{Peer: peer}))
				check(primer.Add(ctx, u, &route.Session{Peer: peer}))
			}
		}
		check(desk.Primed(ctx, "test"))
		want := maps.Clone(since)
		for r, as := range before {
			if !told[r] && !void[r.peer] {
				want[r] = as
			}
		}
		if d := cmp.Diff(want, out, cmp.AllowUnexported(primedRoute{}), cmp.Comparer(func(a, b netip.Addr) bool {
			return a == b
		})); d != "" {
			t.Fatalf("what is up (-want +got):\n%s", d)
		}
		if desk.touched != nil {
			t.Fatal("what sessions tell is noted for ever")
		}
	})
}

// TestAtTheBoundASessionSpeaksForItself: what finds no room is not forgotten.
func TestAtTheBoundASessionSpeaksForItself(t *testing.T) {
	tt := newTouched(2)
	u := &route.Update{Announced: []route.NLRI{route.MustPrefix("10.0.0.0/8").NLRI(0)}}
	for session := range uint32(3) {
		tt.note(session, u)
	}
	if tt.leaveOut(2, u) || !tt.leaveOut(3, u) || len(tt.routes) != 2 {
		t.Errorf("at the bound: %v", tt.whole)
	}
}

// TestWhatPrimesHasTheTimeOfTheDesk from its first update on, whenever it was written.
func TestWhatPrimesHasTheTimeOfTheDesk(t *testing.T) {
	l := &listener{}
	primer := NewPrimer(NewDesk(l, Config{}), nil)
	before := route.TimeOf(time.Now())
	u := &route.Update{
		Flags: route.FlagTableDump, Engine: 1, Collected: 1,
		Announced: []route.NLRI{route.MustPrefix("10.0.0.0/8").NLRI(0)},
	}
	peer := route.Peer{Collector: "c", Addr: netip.MustParseAddr("10.0.0.1"), ASN: 100}
	if err := primer.Add(t.Context(), u, &route.Session{Peer: peer}); err != nil {
		t.Fatal(err)
	}
	if l.engine < before || u.Collected != 1 {
		t.Errorf("engine time %v, before %v; collected %v", l.engine, before, u.Collected)
	}
}
