package oracle_test

import (
	"strconv"
	"strings"
	"testing"

	"detour/internal/oracle"
	"detour/route"
)

// TestTeach holds "Teach" of §3 and step 4 of §4.
func TestTeach(t *testing.T) {
	runScripts(t, []script{
		{"an unknown baseline takes every route that is up and held", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"0s B 1.2.0.0/16 = 200 174 15169 => changed rep[174] nobase u3",
			"4m C 1.2.0.0/16 = 300 3356 13335 => changed rep[3356] nobase u3",
			"5m A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335 15169] left loss held",
			"1.2.0.0/16 => current [174 701] origins [13335 15169]",
			"1.2.0.0/16 => slot B up stated=true held=true longest=0 path [174 15169]",
		}},
		{"hops beyond a repeat are on-path, breaks are not", []string{
			"0s A 1.2.0.0/16 = 100 701 64512 174 701 3356 13335 => changed rep[701 174] nobase u7",
			"5m A 1.2.0.0/16 - => withdrawn prev[701 0 174 701 3356 13335] exp[13335] left loss held",
			"1.2.0.0/16 => current [174 701 3356] origins [13335]",
		}},
		{"an unknown origin teaches none, and is no obstacle", []string{
			"0s table A 1.2.0.0/16 = 100 701 174 13335 => filled",
			"1s A 1.2.0.0/16 = 100 701 174 701 {1 2} => changed prev[701 174 13335] u5 l4 exp[13335] held",
			"6m A 1.2.0.0/16 - => withdrawn prev[701 174 701 0] exp[13335] loss held",
			"1.2.0.0/16 => slot A down stated=false held=false longest=5 path [701 174 701 0]",
		}},
		{"a known baseline may hold no origin", []string{
			"0s table A 1.2.0.0/16 = 100 701 {1 2} => filled",
			"1.2.0.0/16 => current [701] origins []",
			"1s B 1.2.0.0/16 = 200 701 13335 => changed rep[701] u3",
			"1.2.0.0/16 => newcomer origin 13335 first 1",
		}},
		{"a path whose origin the baseline lacks is not taught", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.0.0/16 = 100 701 701 15169 => " +
				"changed prev[701 13335] rep[701] origin-new u3 l3 exp[13335] held",
			"10m A 1.2.0.0/16 - => withdrawn prev[701 15169] exp[13335] left loss held",
			"1.2.0.0/16 => slot A down stated=false held=false longest=3 path [701 15169]",
			"1.2.0.0/16 => current [701] origins [13335]",
		}},
		{"the origin of an empty tail is the peer's ASN if that is public", []string{
			"0s table A 1.2.0.0/16 = 100 => filled",
			"1.2.0.0/16 => current [] origins [100]",
			"0s table P 1.3.0.0/16 = 64512 => filled",
			"1.3.0.0/16 => current [] origins []",
			"0s table I 1.4.0.0/16 = => filled",
			"1.4.0.0/16 => current [] origins [12654]",
		}},
	})
}

// TestLongestStopsAtFifteen holds the four bits of §4.
func TestLongestStopsAtFifteen(t *testing.T) {
	far := func(from, n int) string { // n hops and an origin: unique length n+2
		var b strings.Builder
		for i := range n {
			b.WriteString(strconv.Itoa(from+i) + " ")
		}
		return b.String() + "13335"
	}
	s := oracle.New(func(route.Prefix) uint64 { return 0 })
	p := route.MustPrefix("1.2.0.0/16")
	for i, c := range []struct {
		from     oracle.Source
		hops     int
		longest  int
		inflated bool
	}{
		{oracle.Table, 12, 0, false},    // 14 held
		{oracle.Transfer, 14, 14, true}, // 16 ≥ 14 + 2, new hops, so not taught
	} {
		f := s.Announce(route.Time(i), peers["A"], p, 0, false, parsePath("100 "+far(1001, c.hops)), c.from)
		if f.Longest != c.longest || f.Inflated != c.inflated {
			t.Errorf("%d: %s", i, brief(f))
		}
	}
	s = oracle.New(func(route.Prefix) uint64 { return 0 })
	s.Announce(0, peers["A"], p, 0, false, parsePath("100 "+far(1001, 30)), oracle.Table) // 32 held, kept as 15
	f := s.Announce(1, peers["A"], p, 0, false, parsePath("100 "+far(1001, 40)), oracle.Transfer)
	if f.Longest != 15 || f.Inflated {
		t.Errorf("15 or more: %s", brief(f))
	}
}

// TestCover holds steps 1 and 5 of §4.
func TestCover(t *testing.T) {
	runScripts(t, []script{
		{"a new more-specific inherits, and prev and longest are those of this peer on the cover", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.3.0/24 = 100 174 3356 1299 13335 => changed prev[701 13335] rep[174 3356 1299] " +
				"con[174 3356 1299] new[174 3356 1299] inflated ms u5 l3 exp[13335]",
			"1.2.3.0/24 => inherited",
			"1.2.3.0/24 => current [701] origins [13335]",
			"1.2.3.0/24 => slot A up stated=true held=false longest=0 path [174 3356 1299 13335]",
			"2s B 1.2.3.0/24 = 200 174 13335 => changed rep[174] new[174] ms u3 exp[13335]",
		}},
		{"the cover's path is no prev when it is down, and never shortens", []string{
			"0s table A 1.2.0.0/16 = 100 701 174 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 701 13335 => filled",
			"1s B 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] loss held",
			"2s A 1.2.3.0/24 = 100 13335 => changed prev[701 174 13335] ms u2 l4 exp[13335]",
			"2s B 1.2.3.0/24 = 200 701 13335 => changed ms u3 exp[13335]",
		}},
		{"both generations are inherited", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"1s B 1.2.0.0/16 - => withdrawn prev[174 13335] exp[13335] loss held",
			"720h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"720h A 1.2.3.0/24 = 100 174 13335 => changed prev[701 13335] ms u3 l3 exp[13335]",
			"1.2.3.0/24 => current [701] origins [13335]",
			"1.2.3.0/24 => old [174 701] origins [13335]",
		}},
		{"a cover without a baseline gives none, and the next one up is not asked", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"0s table A 1.0.0.0/8 = 100 701 13335 => filled",
			"1s A 1.2.3.0/24 = 100 701 13335 => changed rep[701] nobase u3",
			"1s A 1.3.3.0/24 = 100 701 13335 => changed prev[701 13335] ms u3 l3 exp[13335]",
		}},
		{"nothing shorter than /8 and IPv6 /16 covers", []string{
			"0s table A 0.0.0.0/0 = 100 701 13335 => filled",
			"0s table A 2.0.0.0/7 = 100 701 13335 => filled",
			"0s A 2.0.0.0/8 = 100 701 13335 => changed rep[701] nobase u3",
			"0s table A ::/0 = 100 701 13335 => filled",
			"0s table A 2000::/15 = 100 701 13335 => filled",
			"0s A 2000::/16 = 100 701 13335 => changed rep[701] nobase u3",
			"0s table A 2001::/16 = 100 701 13335 => filled",
			"0s A 2001:db8::/32 = 100 701 13335 => changed prev[701 13335] ms u3 l3 exp[13335]",
			"0s table A 3.0.0.0/8 = 100 701 13335 => filled",
			"0s A 3.1.0.0/16 = 100 701 13335 => changed prev[701 13335] ms u3 l3 exp[13335]",
		}},
		{"the longest covers, and one that comes later does not", []string{
			"0s table A 1.0.0.0/8 = 100 701 13335 => filled",
			"0s table A 1.2.0.0/16 = 100 174 13335 => filled",
			"1s A 1.2.3.0/24 = 100 3356 13335 => " +
				"changed prev[174 13335] rep[3356] con[3356] new[3356] ms u3 l3 exp[13335]",
			"1s table B 1.2.2.0/23 = 200 1299 13335 => filled",
			"2s B 1.2.3.0/24 = 200 3356 13335 => changed rep[3356] new[3356] ms u3 exp[13335]",
		}},
	})
}

// TestInherited holds how long a prefix is a new more-specific, and what that tells.
func TestInherited(t *testing.T) {
	runScripts(t, []script{
		{"a held path that the baseline holds ends inheritance, before facts are judged", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.3.0/24 = 100 701 13335 => changed prev[701 13335] ms u3 l3 exp[13335]",
			"5m1s A 1.2.3.0/24 = 100 174 13335 => changed prev[701 13335] rep[174] con[174] new[174] u3 l3 exp[13335] held",
			"1.2.3.0/24 => own",
		}},
		{"until then every route of it is a more-specific, with its own prev", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.3.0/24 = 100 701 13335 => changed prev[701 13335] ms u3 l3 exp[13335]",
			"2s A 1.2.3.0/24 = 100 13335 => changed prev[701 13335] ms u2 exp[13335]",
			"1.2.3.0/24 => inherited",
		}},
		{"an inherited base of another origin reports every hop", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.3.0/24 = 100 701 174 15169 => " +
				"changed prev[701 13335] rep[701 174] con[174] new[174] ms origin-new u4 l3 exp[13335]",
			"1.2.3.0/24 => newcomer origin 15169 first 1",
		}},
	})
}

// TestNewcomers holds "Hold" of §3 and the registration of §4.6.
func TestNewcomers(t *testing.T) {
	base := []string{
		"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
		"10.9s B 1.2.0.0/16 = 200 174 15169 => changed rep[174] new[174] origin-new u3 exp[13335]",
	}
	runScripts(t, []script{
		{"after six hours, in whole seconds, what is in use enters the baseline", append(base[:2:2],
			"1.2.0.0/16 => newcomer as 174 first 10",
			"1.2.0.0/16 => newcomer origin 15169 first 10",
			"6h9.999999s A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => newcomer as 174 first 10",
			"6h10s A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => !newcomer as 174 first 10",
			"1.2.0.0/16 => current [174 701] origins [13335 15169]",
		)},
		{"what is not in use only leaves the list", append(base[:2:2],
			"1m B 1.2.0.0/16 - => withdrawn prev[174 15169] exp[13335] left",
			"6h10s A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => !newcomer as 174 first 10",
			"1.2.0.0/16 => !newcomer origin 15169 first 10",
			"1.2.0.0/16 => current [701] origins [13335]",
		)},
		{"a hop in use is not an origin in use, nor the other way", append(base[:2:2],
			"1m B 1.2.0.0/16 = 200 15169 174 => "+
				"changed prev[174 15169] rep[15169] new[15169] origin-new u3 exp[13335]",
			"6h10s A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => newcomer as 15169 first 60",
			"1.2.0.0/16 => newcomer origin 174 first 60",
		)},
		{"the first sight stays", append(base[:2:2],
			"1h C 1.2.0.0/16 = 300 174 13335 => changed rep[174] new[174] u3 exp[13335]",
			"1.2.0.0/16 => newcomer as 174 first 10",
		)},
		{"entering ends inheritance", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s A 1.2.3.0/24 = 100 174 13335 => changed prev[701 13335] rep[174] con[174] new[174] ms u3 l3 exp[13335]",
			"6h B 1.2.3.0/24 = 200 701 13335 => changed u3 exp[13335]",
			"1.2.3.0/24 => own",
			"1.2.3.0/24 => current [174 701] origins [13335]",
		}},
		{"leaving unused does not", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s A 1.2.3.0/24 = 100 174 13335 => changed prev[701 13335] rep[174] con[174] new[174] ms u3 l3 exp[13335]",
			"1s A 1.2.3.0/24 - => withdrawn prev[174 13335] inherited exp[13335] left",
			"6h B 1.2.3.0/24 = 200 701 13335 => changed ms u3 exp[13335]",
		}},
		{"only judged hops are registered", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.0.0/16 = 100 174 64512 174 3356 13335 => " +
				"changed prev[701 13335] rep[174] con[174] new[174] inflated u6 l3 exp[13335] held",
			"1.2.0.0/16 => newcomer as 174 first 1",
			"1.2.0.0/16 => !newcomer as 3356 first 1",
		}},
	})
}

func TestASeventeenthNewcomerIsRefused(t *testing.T) {
	s := oracle.New(func(route.Prefix) uint64 { return 0 })
	p := route.MustPrefix("1.2.0.0/16")
	s.Announce(0, peers["A"], p, 0, false, parsePath("100 701 13335"), oracle.Table)
	f := s.Announce(0, peers["B"], p, 0, false,
		parsePath("200 1001 1002 1003 1004 1005 1006 1007 1008 1009 1010 1011 1012 1013 1014 1015 1016 1017 15169"),
		oracle.Transfer)
	if len(f.Newcomers) != 17 || len(f.Reported) != 17 {
		t.Errorf("a refused newcomer is still a fact: %s", brief(f))
	}
	dump := s.Dump()
	if n := strings.Count(dump, "newcomer as"); n != 16 || strings.Contains(dump, "newcomer as 1017 ") {
		t.Errorf("%d newcomers in\n%s", n, dump)
	}
	if strings.Contains(dump, "newcomer origin") || s.RefusedNewcomers != 2 {
		t.Errorf("refused %d in\n%s", s.RefusedNewcomers, dump)
	}
}

// TestAgeing holds "Ageing" of §3.
func TestAgeing(t *testing.T) {
	runScripts(t, []script{
		{"old is what was current, current what is up and held", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"1s B 1.2.0.0/16 - => withdrawn prev[174 13335] exp[13335] loss held",
			"719h59m C 1.2.0.0/16 = 300 174 13335 => changed u3 exp[13335]",
			"719h59m59.999999s A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => old [] origins []",
			"720h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => old [174 701] origins [13335]",
			"721h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => old [174 701] origins [13335]",
			"1440h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => current [174 701] origins [13335]",
			"1.2.0.0/16 => old [701] origins [13335]",
		}},
		{"both generations are the baseline", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"1s B 1.2.0.0/16 - => withdrawn prev[174 13335] exp[13335] loss held",
			"720h B 1.2.0.0/16 = 200 174 13335 => changed prev[174 13335] u3 l3 exp[13335]",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1440h A 1.2.0.0/16 = 100 701 13335 => unchanged", // B's 174 is in old until now
			"1.2.0.0/16 => current [174 701] origins [13335]",
		}},
		{"without a held route current stays", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1s A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] loss held",
			"800h A 1.2.0.0/16 = 100 701 13335 => changed prev[701 13335] u3 l3 exp[13335]",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => old [701] origins [13335]",
		}},
		{"an unknown baseline stays unknown", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"800h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => unknown",
			"1500h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1500h A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] left loss held",
			"1.2.0.0/16 => old [] origins []",
		}},
		{"inheritance is not ended by age", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s A 1.2.3.0/24 = 100 701 13335 => changed prev[701 13335] ms u3 l3 exp[13335]",
			"800h A 1.2.3.0/24 = 100 701 13335 => unchanged",
			"1.2.3.0/24 => inherited",
		}},
		{"a prefix starts in the period of its creation", []string{
			"730h table A 1.2.0.0/16 = 100 701 13335 => filled",
			"1439h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => old [] origins []",
		}},
	})
}

// TestAgeingLeavesNewcomersOut holds the order of "Touch", and that only what the
// baseline held goes on to the next generation.
func TestAgeingLeavesNewcomersOut(t *testing.T) {
	const start = "0s table A 1.2.0.0/16 = 100 701 13335 => filled"
	runScripts(t, []script{
		{"a held route with a newcomer is left out, and the newcomer stays listed", []string{
			start, "0s table B 1.2.0.0/16 = 200 701 13335 => filled",
			"719h A 1.2.0.0/16 = 100 174 13335 => " +
				"changed prev[701 13335] rep[174] con[174] new[174] u3 l3 exp[13335] held",
			"720h A 1.2.0.0/16 = 100 174 13335 => unchanged",
			"1.2.0.0/16 => slot A up stated=true held=true longest=3 path [174 13335]",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => old [701] origins [13335]",
			"1.2.0.0/16 => newcomer as 174 first 2588400",
			"721h B 1.2.0.0/16 = 200 174 13335 => " +
				"changed prev[701 13335] rep[174] con[174] new[174] u3 l3 exp[13335] held",
			"725h A 1.2.0.0/16 = 100 174 13335 => unchanged",
			"1.2.0.0/16 => current [174 701] origins [13335]",
			"1.2.0.0/16 => !newcomer as 174 first 2588400",
		}},
		{"so is all of its path", []string{
			start, "0s table B 1.2.0.0/16 = 200 3356 13335 => filled",
			"719h B 1.2.0.0/16 = 200 3356 174 13335 => " +
				"changed prev[3356 13335] rep[174] con[174] new[174] u4 l3 exp[13335] held",
			"720h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => old [701 3356] origins [13335]",
		}},
		{"an origin can be the newcomer", []string{
			start, "719h B 1.2.0.0/16 = 200 701 15169 => changed rep[701] origin-new u3 exp[13335]",
			"720h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => slot B up stated=true held=true longest=0 path [701 15169]",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => newcomer origin 15169 first 2588400",
		}},
		{"an unknown origin is none", []string{
			start, "0s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"719h B 1.2.0.0/16 = 200 174 64512 => changed prev[174 13335] u3 l3 exp[13335] held",
			"719h A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335] loss held",
			"720h C 1.2.0.0/16 = 300 13335 => changed u2 exp[13335]",
			"1.2.0.0/16 => current [174] origins []",
			"1.2.0.0/16 => old [174 701] origins [13335]",
		}},
		{"without another slot current stays", []string{
			start, "719h A 1.2.0.0/16 = 100 174 13335 => " +
				"changed prev[701 13335] rep[174] con[174] new[174] u3 l3 exp[13335] held",
			"720h A 1.2.0.0/16 = 100 174 13335 => unchanged",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => old [701] origins [13335]",
		}},
		{"what ends its HOLD by the same touch is no newcomer any more", []string{
			start, "1s B 1.2.0.0/16 = 200 174 13335 => changed rep[174] new[174] u3 exp[13335]",
			"720h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => current [174 701] origins [13335]",
			"1.2.0.0/16 => old [174 701] origins [13335]",
		}},
		{"what only old holds is none", []string{
			start, "0s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"1s B 1.2.0.0/16 - => withdrawn prev[174 13335] exp[13335] loss held",
			"720h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => current [701] origins [13335]",
			"721h B 1.2.0.0/16 = 200 174 13335 => changed prev[174 13335] u3 l3 exp[13335]",
			"1440h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => current [174 701] origins [13335]",
		}},
	})
}

func TestAgeingPhaseIsTheHashModuloAge(t *testing.T) {
	const age = 30 * 24 * route.Hour
	s := oracle.New(func(route.Prefix) uint64 { return 5*uint64(age) + uint64(age-route.Hour) })
	p := route.MustPrefix("1.2.0.0/16")
	u := parsePath("100 701 13335")
	s.Announce(0, peers["A"], p, 0, false, u, oracle.Table)
	s.Announce(route.Hour-1, peers["A"], p, 0, false, u, oracle.Transfer)
	if d := dumpOf(s, "1.2.0.0/16"); !strings.Contains(d, "  old [] origins []\n") {
		t.Errorf("aged too early:\n%s", d)
	}
	s.Announce(route.Hour, peers["A"], p, 0, false, u, oracle.Transfer)
	if d := dumpOf(s, "1.2.0.0/16"); !strings.Contains(d, "  old [701] origins [13335]\n") {
		t.Errorf("not aged:\n%s", d)
	}
}

// TestTouch holds which updates touch a prefix.
func TestTouch(t *testing.T) {
	base := []string{
		"0s table A#1 1.2.0.0/16 = 100 701 13335 => filled",
		"0s table A#2 1.2.0.0/16 = 100 174 13335 => filled",
		"0s table B 1.2.0.0/16 = 200 701 13335 => filled",
	}
	const before, after = "1.2.0.0/16 => old [] origins []", "1.2.0.0/16 => old [174 701] origins [13335]"
	runScripts(t, []script{
		{"an unchanged announcement does", append(base[:3:3], "720h B 1.2.0.0/16 = 200 701 13335 => unchanged", after)},
		{"an extra that is unchanged does", append(base[:3:3], "720h A#2 1.2.0.0/16 = 100 174 13335 => unchanged", after)},
		{"the withdrawal of an extra does", append(base[:3:3], "720h A#2 1.2.0.0/16 - => forgotten", after)},
		{"a withdrawal of nothing does not", append(base[:3:3], "720h C 1.2.0.0/16 - => nothing", before,
			"720h A#3 1.2.0.0/16 - => nothing", before)},
		{"a table dump does if it fills", append(base[:3:3], "720h table C 1.2.0.0/16 = 300 13335 => filled", after)},
		{"and not if it meets a slot in use", append(base[:3:3], "720h table B 1.2.0.0/16 = 200 13335 => nothing", before)},
		{"a cover is not touched by its more-specific", append(base[:3:3],
			"720h B 1.2.3.0/24 = 200 701 13335 => changed prev[701 13335] ms u3 l3 exp[13335]", before)},
	})
}
