package processor

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"detour/route"
	"detour/wire"
)

// TestEndsFromBeforeLeaveWhatASessionTold: while priming goes on, a session that is
// heard already is not ended by an end of its past, and what it has not told of is.
func TestEndsFromBeforeLeaveWhatASessionTold(tt *testing.T) {
	const before = route.FlagTableDump | route.FlagInitialTransfer
	ended := 0
	rapid.Check(tt, func(t *rapid.T) {
		e, world := newEngine(Config{Shards: 1, Flags: func(f *Flag) {}}), plain{}
		told := map[routeID]bool{}
		mine := func(u *route.Update) func(route.NLRI) bool {
			return func(n route.NLRI) bool { return told[routeID{u.Peer, n.Prefix(), 0}] }
		}
		for number := range rapid.Uint64Range(1, 40).Draw(t, "updates") {
			u := route.Update{Peer: rapid.Uint32Range(0, 3).Draw(t, "peer"), Number: number + 1, Engine: 1e15, Collected: 1e15}
			if rapid.IntRange(0, 2).Draw(t, "withdraws") == 0 {
				u.Withdrawn = drawNLRI(t, &u)
			} else {
				u.Announced, u.Path = drawNLRI(t, &u), drawPath(t, &sessions[u.Peer])
				u.Flags |= route.FlagHasPath
			}
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0: // an end from before
				u = route.Update{Kind: route.KindPeerDown, Peer: u.Peer, Number: u.Number, Engine: 1e15, Flags: before}
				was := len(world)
				maps.DeleteFunc(world, func(r routeID, _ string) bool { return r.peer == u.Peer && !told[r] })
				ended += was - len(world)
			case 1, 2: // what was before; a primer leaves out what the session told of
				u.Flags |= before
				u.Announced, u.Withdrawn = slices.DeleteFunc(u.Announced, mine(&u)), slices.DeleteFunc(u.Withdrawn, mine(&u))
				world.apply(&u)
			default:
				for _, n := range slices.Concat(u.Withdrawn, u.Announced) {
					told[routeID{u.Peer, n.Prefix(), 0}] = true
				}
				world.apply(&u)
			}
			b := wire.NewFrameBuilder("i", 1)
			b.Reset(1)
			b.Add(&u, &sessions[u.Peer], u.Announced, u.Withdrawn)
			if err := e.apply(number+1, 0, b.Bytes(number+1)); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(world.up(), upOf(e)); d != "" {
				t.Fatalf("what is up after %d (-want +got):\n%s", number+1, d)
			}
		}
		routes := uint64(0)
		for i := range e.peers {
			routes += e.peers[i].held[0].routes + e.peers[i].held[1].routes
		}
		if routes != uint64(len(world.up())) {
			t.Fatalf("%d routes are counted, %d are up", routes, len(world.up()))
		}
	})
	if ended == 0 {
		tt.Error("no end took anything down: nothing was compared")
	}
}
