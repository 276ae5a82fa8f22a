package processor

import (
	"fmt"
	"slices"
	"testing"

	"detour/route"
	"detour/wire"
)

// events returns the events of a range, one word each.
func (f *feeder) events() (out []string) {
	f.Helper()
	names := map[route.Kind]string{
		route.KindGap: "gap", route.KindSilent: "silent", route.KindHeard: "heard", route.KindPeerDown: "down",
	}
	_, records := f.cut()
	for _, l := range records {
		if l.Kind == wire.RecordEvent {
			out = append(out, fmt.Sprintf("%s %d", names[l.Event], (l.Engine-1e15)/route.Second))
		}
	}
	return out
}

func (f *feeder) tick(ingester string, second route.Time) {
	f.Helper()
	at := 1e15 + second*route.Second
	f.add(ingester, nil, route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: at})
}

// TestAnIngesterThatFallsSilentIsTold: one shard says so, at a census; and says
// when it has caught up, not when it sends what is old.
func TestAnIngesterThatFallsSilentIsTold(t *testing.T) {
	for shard, want := range [][]string{{"silent 40", "heard 100"}, nil} {
		f := newFeeder(t, Config{Shards: 2, Shard: shard})
		f.tick("dies", 5)
		for second := route.Time(0); second <= 100; second++ {
			f.tick("lives", second)
		}
		f.tick("dies", 6)
		f.tick("dies", 100)
		f.tick("dies", 101)
		if got := f.events(); !slices.Equal(got, want) {
			t.Errorf("shard %d tells %q, want %q", shard, got, want)
		}
	}
}

func TestAnIngesterThatHasEndedIsNotSilent(t *testing.T) {
	f := newFeeder(t, Config{})
	f.tick("ends", 5)
	f.add("ends", nil, route.Update{Kind: route.KindTick, Peer: route.AllPeers, Engine: endOfLog})
	for second := route.Time(0); second <= 100; second++ {
		f.tick("lives", second)
	}
	if got := f.events(); len(got) > 0 {
		t.Errorf("told %q", got)
	}
}

// visibility returns what is told of it, and whether anybody is sure.
func (f *feeder) visibility() (out []string) {
	f.Helper()
	_, records := f.cut()
	for _, l := range records {
		if l.Kind == wire.RecordVisibility {
			out = append(out, fmt.Sprintf("%d of %d unsure %t", l.Routes, l.Raised, l.Flags&wire.RecordUnsure != 0))
		}
	}
	return out
}

// TestWhatWasWithdrawnBeforeAGapIsNotLost: the announcements that followed may
// be what is missing. What another ingester's peers withdrew stays lost.
func TestWhatWasWithdrawnBeforeAGapIsNotLost(t *testing.T) {
	const p = "11.0.0.0/16"
	many := manySessions()
	lose := func(f *feeder, from, to int, at route.Time) {
		for i := from; i < to; i++ {
			f.add("i", &many[i], route.Update{Engine: at, Withdrawn: []route.NLRI{route.MustPrefix(p).NLRI(0)}})
		}
	}
	for name, c := range map[string]struct {
		lost func(f *feeder)
		want []string
	}{
		"nothing": {func(*feeder) {}, nil},
		"a gap that the ingester states": {func(f *feeder) {
			f.add("i", nil, route.Update{Kind: route.KindGap, Peer: route.AllPeers, Engine: 1e15 + 400*route.Second})
		}, []string{"6 of 6 unsure true"}},
		"an ingester that begins anew": {func(f *feeder) {
			f.restart()
			f.tick("i", 400)
		}, []string{"6 of 6 unsure true"}},
		"another ingester's gap": {func(f *feeder) {
			f.add("j", nil, route.Update{Kind: route.KindGap, Peer: route.AllPeers, Engine: 1e15 + 400*route.Second})
		}, nil},
		"a second gap at once, and the census": {func(f *feeder) {
			gap := route.Update{Kind: route.KindGap, Peer: route.AllPeers, Engine: 1e15 + 400*route.Second}
			f.add("i", nil, gap)
			for i := range 6 {
				f.add("i", &many[i], announce(gap.Engine, 0, p, many[i].ASN, 10, 1))
			}
			lose(f, 0, 6, gap.Engine+1)
			f.add("i", nil, gap)
			f.tick("i", 411)
		}, []string{"6 of 6 unsure true", "6 of 12 unsure false", "6 of 6 unsure true"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeeder(t, Config{})
			for i := range many {
				f.add("i", &many[i], announce(1e15, route.FlagTableDump, p, many[i].ASN, 10, 1))
			}
			lose(f, 0, 8, 1e15+399*route.Second)
			if got := f.visibility(); !slices.Equal(got, []string{"7 of 14 unsure false"}) {
				t.Fatalf("before: %q", got)
			}
			c.lost(f)
			if got := f.visibility(); !slices.Equal(got, c.want) {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}
