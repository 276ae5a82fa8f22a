package oracle_test

import (
	"slices"
	"testing"

	"detour/internal/oracle"
	"detour/route"
)

// TestYoungHops holds what §2 and §6 say of young hops.
func TestYoungHops(t *testing.T) {
	const known = "0s table A 1.2.0.0/16 = 100 701 174 13335 => filled"
	runScripts(t, []script{
		{"a way that no table has shown", []string{
			known,
			"1s news A 1.2.0.0/16 = 100 174 701 13335 => changed prev[701 174 13335] young[174 701] u4 l4 exp[13335] held",
			"1.2.0.0/16 => slot A up stated=true held=false longest=4 path [174 701 13335]",
		}},
		{"is no news in a transfer", []string{
			known,
			"1s A 1.2.0.0/16 = 100 174 701 13335 => changed prev[701 174 13335] u4 l4 exp[13335] held",
			"2s news B 1.2.0.0/16 = 200 174 701 13335 => changed u4 exp[13335]",
		}},
		{"nor in a table that does nothing", []string{
			known,
			"1s table A 1.2.0.0/16 = 100 174 701 13335 => nothing",
			"2s news B 1.2.0.0/16 = 200 174 701 13335 => changed u4 exp[13335]",
		}},
		{"an edge that the peer had is not told", []string{
			known,
			"1s news A 1.2.0.0/16 = 100 6939 701 174 3356 13335 => changed prev[701 174 13335] rep[6939 3356] con[6939 3356]" +
				" new[6939 3356] young[6939 174 3356] inflated u6 l4 exp[13335] held",
		}},
		{"for 15 minutes, in units of 64 s", []string{
			known,
			"63s news A 1.2.0.0/16 = 100 174 701 13335 => changed prev[701 174 13335] young[174 701] u4 l4 exp[13335] held",
			"1023s news B 1.2.0.0/16 = 200 174 701 13335 => changed young[174 701] u4 exp[13335]",
			"1024s news C#1 1.2.0.0/16 = 300 174 701 13335 => changed u4 exp[13335]",
		}},
		{"so is what a table shows in front of it", []string{
			known,
			"1s news A 1.2.0.0/16 = 100 174 701 13335 => changed prev[701 174 13335] young[174 701] u4 l4 exp[13335] held",
			"2s table B 1.2.0.0/16 = 200 3356 174 701 13335 => filled",
			"3s news C#1 1.2.0.0/16 = 300 3356 174 701 13335 => changed young[3356 174 701] u5 exp[13335]",
		}},
		{"a route with a young hop leaves", []string{
			known,
			"1s news A 1.2.0.0/16 = 100 174 701 13335 => changed prev[701 174 13335] young[174 701] u4 l4 exp[13335] held",
			"2s news A 1.2.0.0/16 - => withdrawn prev[174 701 13335] exp[13335] left",
		}},
	})
}

func TestASweptNodeIsShownForTheFirstTime(t *testing.T) {
	s := oracle.New(func(route.Prefix) uint64 { return 0 })
	p, q := route.MustPrefix("1.2.0.0/16"), route.MustPrefix("9.0.0.0/8")
	old, other := parsePath("100 701 13335"), parsePath("100 174 13335")
	s.Announce(0, peers["A"], p, 0, false, old, oracle.Table)
	s.Sweep()
	if f := s.Announce(0, peers["A"], q, 0, false, old, oracle.News); len(f.Young) != 0 {
		t.Errorf("a node in use: %s", brief(f))
	}
	s.Announce(0, peers["A"], p, 0, false, other, oracle.Table)
	s.Announce(0, peers["A"], q, 0, false, other, oracle.News)
	s.Sweep()
	if f := s.Announce(0, peers["A"], q, 0, false, old, oracle.News); len(f.Young) != 0 {
		t.Errorf("a node of a route that the table filled: %s", brief(f))
	}
	s.Announce(0, peers["A"], p, 0, false, other, oracle.News)
	s.Announce(0, peers["A"], q, 0, false, other, oracle.News)
	s.Sweep()
	if f := s.Announce(0, peers["A"], q, 0, false, old, oracle.News); !slices.Equal(f.Young, []int{0}) {
		t.Errorf("a node that nothing used: %s", brief(f))
	}
}

func TestUnitsOfEverything(t *testing.T) {
	type show struct {
		at   route.Time
		from oracle.Source
		path string
	}
	const m = route.Minute
	for _, c := range []struct {
		name  string
		shown []show // by peer A
		last  asns   // from which the way is news in the last
	}{
		{"the first path", []show{{0, oracle.News, "100 701 174 13335"}}, asns{701, 174}},
		{"a table", []show{{0, oracle.Table, "100 701 174 13335"}}, nil},
		{"what a transfer showed", []show{{0, oracle.Transfer, "100 701 13335"}, {m, oracle.News, "100 701 13335"}}, nil},
		{
			"for 15 minutes",
			[]show{{0, oracle.News, "100 701 13335"}, {15*m - 1, oracle.News, "100 174 701 13335"}},
			asns{174, 701},
		},
		{"no longer", []show{{0, oracle.News, "100 701 13335"}, {15 * m, oracle.News, "100 174 701 13335"}}, asns{174}},
		{"per next hop", []show{{0, oracle.Table, "100 701 13335"}, {0, oracle.News, "100 701 174 13335"}}, asns{701, 174}},
		{"per origin", []show{{0, oracle.Table, "100 701 13335"}, {0, oracle.News, "100 701 15169"}}, asns{701}},
		{
			"a table in between ends it",
			[]show{
				{0, oracle.News, "100 701 13335"}, {m, oracle.Table, "100 701 13335"}, {m, oracle.News, "100 701 13335"},
			},
			nil,
		},
		{"nothing across a break", []show{{0, oracle.News, "100 701 64512 174 13335"}}, asns{174}},
		{"nothing towards an unknown origin", []show{{0, oracle.News, "100 701 {1 2}"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := oracle.NewEverything()
			var got asns
			for _, s := range c.shown {
				p := parsePath(s.path)
				tail, _, _ := oracle.CleanPath(p, peers["A"])
				got = nil
				for _, i := range e.Units(s.at, p, peers["A"], s.from) {
					got = append(got, tail[i])
				}
			}
			if !slices.Equal(got, c.last) {
				t.Errorf("news: %v, want %v", got, c.last)
			}
		})
	}
}
