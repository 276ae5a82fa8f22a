package processor

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/internal/oracle"
	"detour/route"
	"detour/wire"
)

// routeID names a route in a world that only knows what is up.
type routeID struct {
	peer   uint32
	prefix route.Prefix
	id     uint32
}

// plain is a RIB of the simplest kind: what was announced last is up until it is
// withdrawn or its session ends.
type plain map[routeID]string

func (w plain) apply(u *route.Update) {
	if u.Kind == route.KindPeerUp || u.Kind == route.KindPeerDown {
		maps.DeleteFunc(w, func(r routeID, _ string) bool { return u.Peer == route.AllPeers || r.peer == u.Peer })
	}
	for _, n := range u.Withdrawn {
		delete(w, routeID{u.Peer, n.Prefix(), n.PathID})
	}
	for _, n := range u.Announced {
		tail, _, _ := oracle.CleanPath(u.Path, sessions[u.Peer].Peer)
		w[routeID{u.Peer, n.Prefix(), n.PathID}] = fmt.Sprint(tail)
	}
}

// up lists the paths of each peer and prefix.
func (w plain) up() map[string][]string {
	out := map[string][]string{}
	for r, path := range w {
		key := fmt.Sprintf("%v %v", sessions[r.peer].ASN, r.prefix)
		out[key] = append(out[key], path)
		slices.Sort(out[key])
	}
	return out
}

// upOf lists the same of an engine.
func upOf(e *engine) map[string][]string {
	out := map[string][]string{}
	for _, text := range testPrefixes {
		p := route.MustPrefix(text)
		v, ok := e.rib.Query(p)
		if !ok {
			continue
		}
		for _, r := range v.Routes {
			if !r.Up {
				continue
			}
			paths := []string{fmt.Sprint(r.Path)}
			for _, x := range r.Extras {
				paths = append(paths, fmt.Sprint(x))
			}
			slices.Sort(paths)
			out[fmt.Sprintf("%v %v", e.peers[r.Peer].session.ASN, p)] = paths
		}
	}
	return out
}

// drawSpliced makes what a source primes with: perhaps what an earlier life of it
// left, whose sessions it ends first; a table; updates since.
func drawSpliced(t *rapid.T) (earlier, priming []route.Update) {
	const now = route.Time(1e15)
	number := uint64(0)
	add := func(list *[]route.Update, u route.Update) {
		number++
		u.Number, u.Engine, u.Collected = number, now, now
		*list = append(*list, u)
	}
	draw := func(flags route.Flags) route.Update {
		u := route.Update{Peer: rapid.Uint32Range(0, uint32(len(sessions)-1)).Draw(t, "peer"), Flags: flags}
		if flags != route.FlagTableDump && rapid.IntRange(0, 2).Draw(t, "withdraws") == 0 {
			u.Withdrawn = drawNLRI(t, &u)
			return u
		}
		u.Announced, u.Path = drawNLRI(t, &u), drawPath(t, &sessions[u.Peer])
		u.Flags |= route.FlagHasPath
		return u
	}
	for range rapid.IntRange(0, 10).Draw(t, "earlier") {
		add(&earlier, draw(0))
	}
	add(&priming, route.Update{Kind: route.KindPeerDown, Peer: route.AllPeers})
	filled := map[routeID]bool{}
	for range rapid.IntRange(0, 20).Draw(t, "entries") {
		u := draw(route.FlagTableDump)
		r := routeID{u.Peer, u.Announced[0].Prefix(), u.Announced[0].PathID}
		if u.Announced = u.Announced[:1]; !filled[r] { // a table has a route once
			filled[r] = true
			add(&priming, u)
		}
	}
	for range rapid.IntRange(0, 30).Draw(t, "updates") {
		if rapid.IntRange(0, 9).Draw(t, "session") == 0 {
			kind := rapid.SampledFrom([]route.Kind{route.KindPeerDown, route.KindPeerUp}).Draw(t, "event")
			add(&priming, route.Update{Kind: kind, Peer: rapid.Uint32Range(0, 4).Draw(t, "of")})
			continue
		}
		add(&priming, draw(route.FlagTableDump|route.FlagInitialTransfer))
	}
	add(&priming, route.Update{Kind: route.KindEndOfRIB, Peer: route.AllPeers})
	return earlier, priming
}

// TestATableAndTheUpdatesSinceGiveTheStateSilently: what is up is what it would be
// had they all been replayed in order, the counts agree, and nothing of it is news.
func TestATableAndTheUpdatesSinceGiveTheStateSilently(tt *testing.T) {
	withdrawn := 0
	rapid.Check(tt, func(t *rapid.T) {
		earlier, priming := drawSpliced(t)
		e, world := newEngine(Config{Shards: 1, Flags: func(f *Flag) {
			if f.Sequence != 1 {
				t.Fatalf("priming raises a flag: %s", f.Line)
			}
		}}), plain{}
		number := uint64(0)
		play := func(updates []route.Update) []line {
			b := wire.NewFrameBuilder("i", 1)
			b.Reset(1)
			for i := range updates {
				u := &updates[i]
				var s *route.Session
				if u.Peer != route.AllPeers {
					s = &sessions[u.Peer]
				}
				b.Add(u, s, u.Announced, u.Withdrawn)
				world.apply(u)
			}
			number++
			if err := e.apply(number, 0, b.Bytes(number)); err != nil {
				t.Fatal(err)
			}
			_, out := lines(tt, e.finishRange(1, number, number+1))
			e.startRange()
			return out
		}
		play(earlier)
		for _, l := range play(priming) {
			switch l.Kind {
			case wire.RecordNode, wire.RecordEdge, wire.RecordEvent, wire.RecordCensus, wire.RecordOrigin:
			default:
				t.Fatalf("priming tells news: %s", l.text)
			}
		}
		if d := cmp.Diff(world.up(), upOf(e)); d != "" {
			t.Fatalf("what is up (-replayed in order +primed):\n%s", d)
		}
		routes := uint64(0)
		for i := range e.peers {
			routes += e.peers[i].held[0].routes + e.peers[i].held[1].routes
		}
		if routes != uint64(len(world.up())) {
			t.Fatalf("%d routes are counted, %d are up", routes, len(world.up()))
		}
		for i := range priming {
			withdrawn += len(priming[i].Withdrawn)
		}
	})
	if withdrawn == 0 {
		tt.Error("nothing was withdrawn: nothing was compared")
	}
}
