package oracle_test

import (
	"fmt"
	"strings"
	"testing"

	"detour/internal/oracle"
	"detour/route"
)

// threeIDs is a main id and two extras.
var threeIDs = []string{
	"0s table A#7 1.2.0.0/16 = 100 701 13335 => filled",
	"0s A#9 1.2.0.0/16 = 100 174 13335 => extra rep[174] new[174] u3 exp[13335]",
	"0s A#8 1.2.0.0/16 = 100 3356 13335 => extra rep[3356] new[3356] u3 exp[13335]",
}

// TestAddPath holds the paragraph on ADD-PATH of §5.
func TestAddPath(t *testing.T) {
	runScripts(t, []script{
		{"the first id has the slot, whatever its number", []string{
			"0s A#9 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"0s A#1 1.2.0.0/16 = 100 174 13335 => extra rep[174] nobase u3",
			"1.2.0.0/16 => slot A up stated=true held=false longest=0 path [701 13335]",
			"1.2.0.0/16 =>   main id 9",
			"1.2.0.0/16 =>   extra id 1 path [174 13335]",
			"5m A#9 1.2.0.0/16 = 100 3356 13335 => " +
				"changed prev[701 13335] rep[3356] con[3356] new[3356] u3 l3 exp[13335] held",
			"1.2.0.0/16 => current [701] origins [13335]",
		}},
		{"an extra is registered, not stated, and has neither prev nor longest", append(threeIDs[:3:3],
			"1.2.0.0/16 => newcomer as 174 first 0",
			"1.2.0.0/16 => slot A up stated=false held=true longest=3 path [701 13335]",
			"1s A#8 1.2.0.0/16 = 100 3356 174 1299 13335 => "+
				"extra rep[3356 174 1299] new[3356 174 1299] u5 exp[13335]",
			"1s A#8 1.2.0.0/16 = 100 3356 174 1299 13335 => unchanged",
			"1.2.0.0/16 =>   extra id 8 path [3356 174 1299 13335]",
		)},
		{"an extra withdrawn is forgotten", append(threeIDs[:3:3],
			"1s A#9 1.2.0.0/16 - => forgotten",
			"2s A#9 1.2.0.0/16 - => nothing",
			"1.2.0.0/16 =>   main id 7",
			"1.2.0.0/16 => !  extra id 9 path [174 13335]",
			"1.2.0.0/16 => slot A up stated=false held=true longest=3 path [701 13335]",
		)},
		{"the lowest extra follows the main one, as its announcement", append(threeIDs[:3:3],
			"1s A#7 1.2.0.0/16 - => changed prev[701 13335] rep[3356] con[3356] new[3356] u3 l3 exp[13335] held",
			"1.2.0.0/16 =>   main id 8",
			"1.2.0.0/16 =>   extra id 9 path [174 13335]",
			"1.2.0.0/16 => slot A up stated=true held=false longest=3 path [3356 13335]",
			"2s A#7 1.2.0.0/16 - => nothing",
			"3s A#8 1.2.0.0/16 - => changed prev[3356 13335] rep[174] con[174] new[174] u3 l3 exp[13335]",
			"4s A#9 1.2.0.0/16 - => withdrawn prev[174 13335] exp[13335] left",
			"1.2.0.0/16 => !  main id 9",
		)},
		{"a follower with the same path changes only the id", []string{
			"0s A#1 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"1s A#2 1.2.0.0/16 = 100 701 13335 => extra rep[701] nobase u3",
			"2s A#1 1.2.0.0/16 - => unchanged",
			"1.2.0.0/16 =>   main id 2",
			"1.2.0.0/16 => slot A up stated=true held=false longest=0 path [701 13335]",
			"5m A#2 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] left loss held",
		}},
		{"after the last id any id is the first", []string{
			"0s A#1 1.2.0.0/16 = 100 13335 => changed nobase u2",
			"1s A#1 1.2.0.0/16 - => withdrawn prev[13335] nobase",
			"2s A#5 1.2.0.0/16 = 100 13335 => changed prev[13335] nobase u2",
			"1.2.0.0/16 =>   main id 5",
		}},
		{"a session reset forgets all ids", append(threeIDs[:3:3],
			"reset A",
			"1.2.0.0/16 => !  main id 7",
			"1s A#9 1.2.0.0/16 = 100 701 13335 => changed prev[701 13335] u3 l3 exp[13335]",
			"1.2.0.0/16 =>   main id 9",
			"2s A#8 1.2.0.0/16 - => nothing",
		)},
	})
}

// TestExtras holds what is taught by extra ids, and how ids meet slots.
func TestExtras(t *testing.T) {
	runScripts(t, []script{
		{"an extra in use lets its newcomers enter", append(threeIDs[:3:3],
			"1h A#9 1.2.0.0/16 - => forgotten",
			"6h B 1.2.0.0/16 = 200 701 13335 => changed u3 exp[13335]",
			"1.2.0.0/16 => current [701 3356] origins [13335]",
		)},
		{"an extra is not held, so it is not in a new generation", append(threeIDs[:3:3],
			"7h table A#9 1.2.0.0/16 = 100 1299 13335 => nothing",
			"720h A#7 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => old [174 701 3356] origins [13335]", // by Hold, before ageing
			"1.2.0.0/16 => current [701] origins [13335]",
			"1440h A#7 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => old [701] origins [13335]",
			"1.2.0.0/16 => current [701] origins [13335]",
		)},
		{"a table dump's extras are taught, without facts", []string{
			"0s table A#7 1.2.0.0/16 = 100 701 13335 => filled",
			"0s table A#8 1.2.0.0/16 = 100 174 15169 => filled",
			"1.2.0.0/16 => current [174 701] origins [13335 15169]",
			"1.2.0.0/16 => slot A up stated=false held=true longest=3 path [701 13335]",
			"1.2.0.0/16 =>   extra id 8 path [174 15169]",
			"0s table A#8 1.2.0.0/16 = 100 3356 15169 => nothing",
			"0s table A#7 1.2.0.0/16 = 100 3356 15169 => nothing",
		}},
		{"a table dump's extra of an unknown baseline starts one with itself alone", []string{
			"0s A#7 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"9m table A#8 1.2.0.0/16 = 100 174 13335 => filled",
			"1.2.0.0/16 => current [174] origins [13335]",
		}},
		{"the first id takes over a slot that has none; without ids the slot is meant", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A#5 1.2.0.0/16 - => nothing",
			"2s A#5 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 =>   main id 5",
			"3s A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] loss held",
			"1.2.0.0/16 => !  main id 5",
		}},
		{"ids are per peer", []string{
			"0s A#1 1.2.0.0/16 = 100 13335 => changed nobase u2",
			"0s B#2 1.2.0.0/16 = 200 13335 => changed nobase u2",
			"1s B#1 1.2.0.0/16 - => nothing",
		}},
	})
}

func TestASixtyFifthIDIsRefused(t *testing.T) {
	for _, from := range []oracle.Source{oracle.Transfer, oracle.Table} {
		s := oracle.New(func(route.Prefix) uint64 { return 0 })
		p := route.MustPrefix("1.2.0.0/16")
		for id := range uint32(64) {
			u := parsePath(fmt.Sprintf("100 %d 13335", 1001+id))
			if f := s.Announce(0, peers["A"], p, id, true, u, from); f.Outcome == oracle.Refused {
				t.Fatalf("id %d refused", id)
			}
		}
		before := s.Dump()
		f := s.Announce(0, peers["A"], p, 64, true, parsePath("100 701 13335"), from)
		if brief(f) != "refused" || s.RefusedIDs != 1 || s.Dump() != before {
			t.Errorf("source %d: %s, counted %d", from, brief(f), s.RefusedIDs)
		}
		if n := strings.Count(before, "extra id"); n != 63 {
			t.Errorf("%d extras", n)
		}
		f = s.Announce(0, peers["A"], p, 63, true, parsePath("100 701 13335"), oracle.Transfer)
		if f.Outcome != oracle.Extra {
			t.Errorf("a known id at the bound: %s", brief(f))
		}
	}
}
