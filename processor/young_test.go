package processor

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"detour/internal/oracle"
	"detour/processor/rib"
	"detour/route"
	"detour/wire"
)

// due is what the shards owe by hop of a change: that it is young, unless its
// edge was there before.
type due map[string][]int

// owe plays updates to a shard and a world that forget nothing and returns what
// is news to the world, by update number and prefix.
func owe(updates []route.Update) due {
	shard, world, owed := oracle.New(rib.PrefixHash), oracle.NewEverything(), due{}
	for i := range updates {
		u := &updates[i]
		s := route.Session{}
		if u.Peer != route.AllPeers {
			s = sessions[u.Peer]
		}
		if u.Kind == route.KindPeerUp || u.Kind == route.KindPeerDown {
			for k := range sessions {
				if u.Peer == route.AllPeers || u.Peer == uint32(k) {
					shard.Reset(sessions[k].Peer)
				}
			}
		}
		addPath, from := u.Flags&route.FlagPathIDs != 0, oracle.News
		switch {
		case u.Flags&route.FlagTableDump != 0:
			from = oracle.Table
		case u.Flags&route.FlagInitialTransfer != 0:
			from = oracle.Transfer
		}
		for _, n := range u.Withdrawn {
			shard.Withdraw(u.Engine, s.Peer, n.Prefix(), n.PathID, addPath)
		}
		for _, n := range u.Announced {
			f := shard.Announce(u.Engine, s.Peer, n.Prefix(), n.PathID, addPath, u.Path, from)
			units := world.Units(u.Engine, u.Path, s.Peer, from)
			if f.Outcome != oracle.Changed && f.Outcome != oracle.Extra {
				continue
			}
			key := fmt.Sprintf("#%d %v", u.Number, n.Prefix())
			for _, hop := range units {
				if !follow(f.Prev, f.Next[hop], f.Next[hop+1]) {
					owed[key] = append(owed[key], hop)
				}
			}
		}
	}
	return owed
}

// follow reports whether b stands right behind a.
func follow(tail []route.ASN, a, b route.ASN) bool {
	for i := range tail {
		if i+1 < len(tail) && tail[i] == a && tail[i+1] == b {
			return true
		}
	}
	return false
}

// TestWhatIsNewsToTheWorldIsYoung holds that no shard withholds a (hop, next
// hop, origin) that nobody has seen before, or since less than 15 minutes as
// news, however many shards there are.
func TestWhatIsNewsToTheWorldIsYoung(t *testing.T) {
	checked := 0
	rapid.Check(t, func(t *rapid.T) {
		updates := drawUpdates(t)
		for i := range updates {
			if updates[i].Flags&route.FlagTableDump != 0 {
				updates[i].Flags &^= route.FlagInitialTransfer // the oracle knows no priming
			}
		}
		owed := owe(updates)
		for _, shards := range []int{1, 4, 8} {
			young := map[string]uint64{}
			for n, l := range split("i", updates, shards, func() bool { return true }) {
				e := newEngine(Config{Shard: n, Shards: shards})
				for i, f := range l.frames {
					if err := e.apply(uint64(i)+1, 0, f); err != nil {
						t.Fatal(err)
					}
				}
				collectYoung(t, e.finishRange(1, 1, uint64(len(l.frames))+1), young)
			}
			for key, hops := range owed {
				for _, hop := range hops {
					if checked++; young[key]>>hop&1 == 0 {
						t.Fatalf("%d shards: hop %d of %s is news, told young: %b", shards, hop, key, young[key])
					}
				}
			}
		}
	})
	if checked == 0 {
		t.Error("nothing was news: nothing was compared")
	}
}

// TestTablesAndTransfersAreNoNews: what they show is not young when an update
// shows it again.
func TestTablesAndTransfersAreNoNews(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags route.Flags
		want  uint64
	}{
		{"an update", 0, 0b11},
		{"a table", route.FlagTableDump, 0},
		{"a transfer", route.FlagInitialTransfer, 0},
		{"updates taken as a table", route.FlagTableDump | route.FlagInitialTransfer, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := wire.NewFrameBuilder("i", 1)
			b.Reset(1)
			first := announce(1e15, c.flags, "10.0.0.0/8", 100, 10, 20, 1)
			again := announce(1e15, 0, "11.0.0.0/8", 200, 10, 20, 1)
			first.Number, again.Number, again.Peer = 1, 2, 1
			b.Add(&first, &sessions[0], first.Announced, nil)
			b.Add(&again, &sessions[1], again.Announced, nil)
			e := newEngine(Config{Shards: 1})
			if err := e.apply(1, 0, b.Bytes(1)); err != nil {
				t.Fatal(err)
			}
			_, records := lines(t, e.finishRange(1, 1, 2))
			told := false
			for _, r := range records {
				if r.Kind != wire.RecordChange || r.Number != 2 {
					continue
				}
				if told = true; r.Young != c.want {
					t.Errorf("young hops %b, want %b", r.Young, c.want)
				}
			}
			if !told {
				t.Error("no change was told")
			}
		})
	}
}

func collectYoung(t *rapid.T, data []byte, young map[string]uint64) {
	var r wire.Range
	if err := r.Decode(slices.Clone(data)); err != nil {
		t.Fatal(err)
	}
	for _, rec := range r.Records() {
		if rec.Kind == wire.RecordChange {
			young[fmt.Sprintf("#%d %v", rec.Number, rec.Prefix)] |= rec.Young
		}
	}
}
