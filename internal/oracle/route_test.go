package oracle_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"detour/internal/oracle"
	"detour/route"
)

// TestSlots holds §4 and §5 as far as they concern one slot.
func TestSlots(t *testing.T) {
	runScripts(t, []script{
		{"an unknown prefix reports every judged hop", []string{
			"0s A 1.2.0.0/16 = 100 701 3356 13335 => changed rep[701 3356] nobase u4",
			"1.2.0.0/16 => unknown",
			"1.2.0.0/16 => slot A up stated=true held=false longest=0 path [701 3356 13335]",
		}},
		{"a path with nothing to judge is not stated", []string{
			"0s A 1.2.0.0/16 = 100 13335 => changed nobase u2",
			"1.2.0.0/16 => slot A up stated=false held=false longest=0 path [13335]",
		}},
		{"the same path is unchanged", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"9m A 1.2.0.0/16 = 100 701 13335 13335 => unchanged",
			"9m A 1.2.0.0/16 = 701 13335 => unchanged",
			"1.2.0.0/16 => slot A up stated=true held=true longest=0 path [701 13335]",
		}},
		{"a path held for 300 s teaches at the next change", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"5m A 1.2.0.0/16 = 100 3356 13335 => changed prev[701 13335] rep[3356] con[3356] new[3356] u3 l3 exp[13335] held",
			"1.2.0.0/16 => own",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => newcomer as 3356 first 300",
			"1.2.0.0/16 => slot A up stated=true held=false longest=3 path [3356 13335]",
		}},
		{"a path held for less teaches nothing", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"299.999999s A 1.2.0.0/16 = 100 3356 13335 => changed prev[701 13335] rep[3356] con[3356] nobase u3",
			"1.2.0.0/16 => unknown",
		}},
		{"a stated slot that is stated no more has left", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"5m A 1.2.0.0/16 = 100 3356 13335 => changed prev[701 13335] rep[3356] con[3356] new[3356] u3 l3 exp[13335] held",
			"6m A 1.2.0.0/16 = 100 701 13335 => changed prev[3356 13335] u3 l3 exp[13335] left",
			"7m A 1.2.0.0/16 = 100 13335 => changed prev[701 13335] u2 l3 exp[13335]",
		}},
		{"a held path with newcomers teaches neither set nor length", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"5m A 1.2.0.0/16 = 100 3356 174 13335 => " +
				"changed prev[701 13335] rep[3356 174] con[3356 174] new[3356 174] u4 l3 exp[13335] held",
			"15m A 1.2.0.0/16 = 100 701 13335 => changed prev[3356 174 13335] u3 l3 exp[13335] left held",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => newcomer as 174 first 300",
			"1.2.0.0/16 => slot A up stated=false held=false longest=3 path [701 13335]",
		}},
	})
}

// TestWithdrawals holds §5, and the clock of §3.
func TestWithdrawals(t *testing.T) {
	runScripts(t, []script{
		{"a held withdrawal is a loss and teaches; a down slot keeps its path", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"5m A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] left loss held",
			"1.2.0.0/16 => slot A down stated=false held=false longest=3 path [701 13335]",
			"6m A 1.2.0.0/16 - => nothing",
			"7m A 1.2.0.0/16 = 100 174 13335 => changed prev[701 13335] rep[174] con[174] new[174] u3 l3 exp[13335]",
		}},
		{"a withdrawal before 300 s is no loss", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"4m A 1.2.0.0/16 - => withdrawn prev[701 13335] nobase left",
			"1.2.0.0/16 => unknown",
		}},
		{"the same path after a withdrawal goes on, and its time starts anew", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"5m A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] left loss held",
			"6m A 1.2.0.0/16 = 100 701 13335 => changed prev[701 13335] u3 l3 exp[13335]",
			"10m59s A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335]",
		}},
		{"nothing to withdraw", []string{
			"0s A 1.2.0.0/16 - => nothing",
			"0s A 1.2.0.0/16 = 100 13335 => changed nobase u2",
			"0s B 1.2.0.0/16 - => nothing",
		}},
		{"time never runs backwards", []string{
			"10m A 1.2.0.0/16 = 100 13335 => changed nobase u2",
			"1m B 1.2.0.0/16 = 200 13335 => changed nobase u2",
			"12m C 9.9.0.0/16 - => nothing",
			"1.2.0.0/16 => slot B up stated=false held=false longest=0 path [13335]",
			"15m C 9.9.0.0/16 - => nothing",
			"1.2.0.0/16 => slot B up stated=false held=true longest=0 path [13335]",
		}},
	})
}

// TestSessionReset holds §5 and the sentences on resets in §3 and §4.
func TestSessionReset(t *testing.T) {
	runScripts(t, []script{
		{"routes go down without a fact; the same path is no change of the slot", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"reset A",
			"1.2.0.0/16 => slot A reset stated=false held=false longest=0 path [701 13335]",
			"4m A 1.2.0.0/16 = 100 701 13335 => changed prev[701 13335] rep[701] nobase u3",
			"5m A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] left loss held",
		}},
		{"another path is one, and nothing has left", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"reset A",
			"10m A 1.2.0.0/16 = 100 13335 => changed prev[701 13335] nobase u2",
			"11m A 1.2.0.0/16 - => withdrawn prev[13335] nobase",
		}},
		{"nothing is taught by a reset, and a down slot is marked, too", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"0s B 1.2.0.0/16 = 200 701 13335 => changed rep[701] nobase u3",
			"1m B 1.2.0.0/16 - => withdrawn prev[701 13335] nobase left",
			"9m C 9.9.0.0/16 - => nothing",
			"reset A",
			"reset B",
			"1.2.0.0/16 => unknown",
			"1.2.0.0/16 => slot B reset stated=false held=false longest=0 path [701 13335]",
			"10m A 1.2.0.0/16 - => nothing",
		}},
		{"so a table dump fills what was withdrawn before the reset", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"1m A 1.2.0.0/16 - => withdrawn prev[701 13335] nobase left",
			"reset A",
			"2m table A 1.2.0.0/16 = 100 174 13335 => filled",
			"1.2.0.0/16 => slot A up stated=false held=true longest=3 path [174 13335]",
		}},
		{"and its path is held from its withdrawal on, if it comes back", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"1m A 1.2.0.0/16 - => withdrawn prev[701 13335] nobase left",
			"reset A",
			"4m A 1.2.0.0/16 = 100 701 13335 => changed prev[701 13335] rep[701] nobase u3",
			"5m59.999999s C 9.9.0.0/16 - => nothing",
			"1.2.0.0/16 => slot A up stated=true held=false longest=0 path [701 13335]",
			"6m C 9.9.0.0/16 - => nothing",
			"1.2.0.0/16 => slot A up stated=true held=true longest=0 path [701 13335]",
		}},
		{"other peers keep their routes", []string{
			"0s A 1.2.0.0/16 = 100 13335 => changed nobase u2",
			"reset B",
			"1.2.0.0/16 => slot A up stated=false held=false longest=0 path [13335]",
		}},
	})
}

// TestTableDump holds the paragraph on table dumps of §4.
func TestTableDump(t *testing.T) {
	runScripts(t, []script{
		{"an empty slot is filled, counts as held and teaches at once", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1.2.0.0/16 => own",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => slot A up stated=false held=true longest=3 path [701 13335]",
			"1s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"1.2.0.0/16 => current [174 701] origins [13335]",
			"2s A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] loss held",
		}},
		{"a slot in use or withdrawn is left alone", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"1s table A 1.2.0.0/16 = 100 174 13335 => nothing",
			"1.2.0.0/16 => unknown",
			"1m A 1.2.0.0/16 - => withdrawn prev[701 13335] nobase left",
			"2m table A 1.2.0.0/16 = 100 174 13335 => nothing",
			"1.2.0.0/16 => slot A down stated=false held=false longest=0 path [701 13335]",
		}},
		{"a slot that is down by a reset is filled, held even if it changed just before", []string{
			"0s A 1.2.0.0/16 = 100 701 174 13335 => changed rep[701 174] nobase u4",
			"reset A",
			"1m table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1.2.0.0/16 => slot A up stated=false held=true longest=3 path [701 13335]",
		}},
		{"longest is the greater", []string{
			"0s table A 1.2.0.0/16 = 100 701 174 13335 => filled",
			"reset A",
			"1m table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1.2.0.0/16 => slot A up stated=false held=true longest=4 path [701 13335]",
		}},
		{"an inherited baseline gives way to an empty one of its own", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s table A 1.2.3.0/24 = 100 174 15169 => filled",
			"1.2.3.0/24 => own",
			"1.2.3.0/24 => current [174] origins [15169]",
			"1.2.3.0/24 => old [] origins []",
		}},
		{"newcomers that a table dump teaches leave the list", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.0.0/16 = 100 174 13335 => " +
				"changed prev[701 13335] rep[174] con[174] new[174] u3 l3 exp[13335] held",
			"2s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"1.2.0.0/16 => !newcomer as 174 first 1",
			"1.2.0.0/16 => current [174 701] origins [13335]",
		}},
	})
}

func TestFactsHoldTheNextTail(t *testing.T) {
	s := oracle.New(func(route.Prefix) uint64 { return 0 })
	u := parsePath("100 701 64512 13335")
	got := s.Announce(0, peers["A"], route.MustPrefix("1.2.0.0/16"), 0, false, u, oracle.News)
	want := oracle.Facts{
		Outcome: oracle.Changed, Next: asns{701, 0, 13335}, Reported: []int{0}, NoBaseline: true, Unique: 4,
		Young: []int{0}, Raised: true,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
