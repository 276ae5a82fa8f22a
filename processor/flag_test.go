package processor

import (
	"fmt"
	"testing"

	"detour/alert"
	"detour/route"
	"detour/wire"
)

// flagged primes one route, applies updates and returns the flags.
func flagged(t *testing.T, limit int, updates ...route.Update) ([]alert.Flag, Counters) {
	t.Helper()
	var out []alert.Flag
	e := newEngine(Config{Shards: 1, FlagsPerBlock: limit, Flags: func(f *Flag) {
		flag := flagOf(t, string(f.Line))
		if flag.ExpectedOrigin != f.Expected || flag.Kind != f.Kind {
			t.Errorf("flag %+v goes out as %v of AS%v", flag, f.Kind, f.Expected)
		}
		out = append(out, flag)
	}})
	b := wire.NewFrameBuilder("i", 1)
	b.Reset(1)
	for i := range updates {
		updates[i].Number = uint64(i) + 1
		b.Add(&updates[i], &sessions[0], updates[i].Announced, updates[i].Withdrawn)
	}
	if err := e.apply(1, 0, b.Bytes(1)); err != nil {
		t.Fatal(err)
	}
	return out, e.counters
}

func announce(at route.Time, flags route.Flags, prefix string, hops ...route.ASN) route.Update {
	return route.Update{
		Engine: at, Flags: flags | route.FlagHasPath, Path: route.Path{ASNs: hops},
		Announced: []route.NLRI{route.MustPrefix(prefix).NLRI(0)},
	}
}

func TestFlagsSayWhatHappened(t *testing.T) {
	const p = "104.16.0.0/12"
	table := announce(1e15, route.FlagTableDump, p, 100, 701, 13335)
	later := 1e15 + 400*route.Second
	for _, c := range []struct {
		name string
		news route.Update
		want []string
	}{
		{"nothing", announce(later, 0, p, 100, 701, 13335), nil},
		{
			"a leak", announce(later, 0, p, 100, 701, 396531, 33154, 13335),
			[]string{"unexpected-transit of AS13335 by [396531 33154]", "path-inflation of AS13335 by [396531 33154]"},
		},
		{"a hijack", announce(later, 0, p, 100, 701, 15169), []string{"origin-change of AS13335 by []"}},
		{"a session's first transfer", announce(later, route.FlagInitialTransfer, p, 100, 701, 396531, 33154, 13335), nil},
		{"a table", announce(later, route.FlagTableDump, p, 100, 701, 396531, 33154, 13335), nil},
		{"a prefix that nobody knew", announce(later, 0, "192.0.2.0/24", 100, 701, 396531, 13335), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			flags, _ := flagged(t, 0, table, c.news)
			var got []string
			for _, f := range flags {
				got = append(got, fmt.Sprintf("%s of AS%v by %v", f.Kind, f.ExpectedOrigin, f.Newcomers))
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("flags %q, want %q", got, c.want)
			}
		})
	}
}

func TestEveryExpectedOriginHearsOfIt(t *testing.T) {
	const p = "192.88.99.0/24"
	flags, _ := flagged(t, 0,
		announce(1e15, route.FlagTableDump|route.FlagInitialTransfer, p, 100, 701, 13335),
		announce(1e15, route.FlagTableDump|route.FlagInitialTransfer, p, 100, 701, 6939),
		announce(1e15+1, 0, p, 100, 701, 15169))
	if len(flags) != 2 || flags[0].ExpectedOrigin != 6939 || flags[1].ExpectedOrigin != 13335 {
		t.Errorf("flags %+v, want one for AS6939 and one for AS13335", flags)
	}
}

// TestFlagsAreBoundedPerOriginAndBlock floods one block and not another.
func TestFlagsAreBoundedPerOriginAndBlock(t *testing.T) {
	var updates []route.Update
	for i := range 20 {
		updates = append(updates, announce(1e15, route.FlagTableDump, fmt.Sprintf("10.1.%d.0/24", i), 100, 701, 13335))
	}
	updates = append(updates, announce(1e15, route.FlagTableDump, "10.2.0.0/24", 100, 701, 13335))
	for i := range 20 {
		updates = append(updates, announce(1e15+1, 0, fmt.Sprintf("10.1.%d.0/24", i), 100, 396531, 13335))
	}
	updates = append(updates,
		announce(1e15+2, 0, "10.2.0.0/24", 100, 396531, 13335),
		announce(1e15+flagWindow, 0, "10.1.0.0/24", 100, 33154, 13335))
	flags, c := flagged(t, 5, updates...)
	if len(flags) != 5+1+1 || c.Flags != 7 || c.FlagsHeld != 15 {
		t.Errorf("%d flags, %d told, %d held back; want 7, 7 and 15", len(flags), c.Flags, c.FlagsHeld)
	}
}

// TestFlagsOfIngestersOutOfStep: two ingesters stand in neighbouring windows and
// take turns; each window's bound holds all the same.
func TestFlagsOfIngestersOutOfStep(t *testing.T) {
	const limit, turns = 3, 10
	const border = route.Time(1e15) // windows are 10 s from 1970 on
	f := newFeeder(t, Config{FlagsPerBlock: limit})
	s := &sessions[0]
	for i := range turns {
		f.add("a", s, announce(border-route.Second, route.FlagTableDump, fmt.Sprintf("11.1.%d.0/24", i), 100, 701, 13335))
	}
	for i := range turns {
		f.add("a", s, announce(border+1, 0, fmt.Sprintf("11.1.%d.0/24", i), 100, 396531, 13335))
		f.add("b", s, announce(border-1, 0, fmt.Sprintf("11.1.%d.0/24", i), 100, 33154, 13335))
	}
	if len(f.flags) != 2*limit || f.e.counters.FlagsHeld != 2*(turns-limit) {
		t.Errorf("%d flags, %d held back; want %d and %d", len(f.flags), f.e.counters.FlagsHeld, 2*limit, 2*(turns-limit))
	}
	// What comes when its window has been closed opens no other.
	long := border + flagWindows*flagWindow
	for i := range turns {
		f.add("a", s, announce(long, 0, fmt.Sprintf("11.1.%d.0/24", i), 100, 701, 396531, 13335))
		f.add("b", s, announce(border, 0, fmt.Sprintf("11.1.%d.0/24", i), 100, 701, 33154, 13335))
	}
	if len(f.flags) != 3*limit {
		t.Errorf("%d flags of three windows, want %d", len(f.flags), 3*limit)
	}
}

func TestAShorterPathIsFlagged(t *testing.T) {
	const p = "104.16.0.0/12"
	flags, _ := flagged(t, 0,
		announce(1e15, route.FlagTableDump, p, 100, 701, 174, 3356, 13335),
		announce(1e15+400*route.Second, 0, p, 100, 701, 13335))
	if len(flags) != 1 || flags[0].Kind != alert.KindPathShortening || flags[0].Unique != 3 {
		t.Errorf("flags %+v, want one of a shorter path", flags)
	}
}
