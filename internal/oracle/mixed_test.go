package oracle_test

import "testing"

// TestAMixedBaselineHidesNoPair holds "Mixed" of §3: a hop that the baseline
// learned on the way to another origin, or to none, is reported all the same.
func TestAMixedBaselineHidesNoPair(t *testing.T) {
	two := []string{
		"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
		"0s table B 1.2.0.0/16 = 200 174 15169 => filled",
	}
	runScripts(t, []script{
		{"one origin does not mix", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"1s C 1.2.0.0/16 = 300 701 174 13335 => changed u4 exp[13335]",
		}},
		{"two origins do", append(two[:2:2],
			"1s C 1.2.0.0/16 = 300 701 15169 => changed rep[701] u3 exp[13335 15169]")},
		{"then even what was seen together is reported", append(two[:2:2],
			"1s C 1.2.0.0/16 = 300 701 13335 => changed rep[701] u3 exp[13335 15169]")},
		{"and hops on the way to an unknown origin", append(two[:2:2],
			"1s C 1.2.0.0/16 = 300 701 64512 => changed rep[701] u3 exp[13335 15169]")},
		{"beside newcomers, in contrast to prev", append(two[:2:2],
			"1s A 1.2.0.0/16 = 100 701 174 3356 13335 => "+
				"changed prev[701 13335] rep[701 174 3356] con[174 3356] new[3356] inflated u5 l3 exp[13335 15169] held",
			"2s B 1.2.0.0/16 = 200 15169 => changed prev[174 15169] u2 l3 exp[13335 15169] held")},
		{"an extra of a table dump makes the second", []string{
			"0s table A#1 1.2.0.0/16 = 100 701 13335 => filled",
			"0s table A#2 1.2.0.0/16 = 100 701 15169 => filled",
			"1s C 1.2.0.0/16 = 300 701 13335 => changed rep[701] u3 exp[13335 15169]",
		}},
		{"so does a teaching update", []string{
			"0s A 1.2.0.0/16 = 100 701 13335 => changed rep[701] nobase u3",
			"0s B 1.2.0.0/16 = 200 174 15169 => changed rep[174] nobase u3",
			"5m A 1.2.0.0/16 = 100 174 13335 => " +
				"changed prev[701 13335] rep[174] con[174] u3 l3 exp[13335 15169] held",
		}},
		{"a newcomer origin mixes when its HOLD ends", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s B 1.2.0.0/16 = 200 701 15169 => changed rep[701] origin-new u3 exp[13335]",
			"5h C 1.2.0.0/16 = 300 701 13335 => changed u3 exp[13335]",
			"6h C 1.2.0.0/16 = 300 701 15169 => changed prev[701 13335] rep[701] u3 l3 exp[13335 15169] held",
		}},
		{"a more-specific inherits it", append(two[:2:2],
			"1s C 1.2.3.0/24 = 300 701 13335 => changed rep[701] ms u3 exp[13335 15169]")},
	})
}

// TestALooseBaselineHidesNoPair holds what makes a generation loose.
func TestALooseBaselineHidesNoPair(t *testing.T) {
	const (
		start = "0s table A 1.2.0.0/16 = 100 701 13335 => filled"
		known = "6h C 1.2.0.0/16 = 300 701 13335 => changed u3 exp[13335]"
		loose = "6h C 1.2.0.0/16 = 300 701 13335 => changed rep[701] u3 exp[13335]"
		asB   = "0s B 1.2.0.0/16 = 200 174 13335 => changed rep[174] new[174] u3 exp[13335]"
	)
	runScripts(t, []script{
		{"a path with a break that taught", []string{
			"0s table A 1.2.0.0/16 = 100 701 64512 13335 => filled", loose,
		}},
		{"a break in front of all", []string{"0s table A 1.2.0.0/16 = 100 64512 701 13335 => filled", loose}},
		{"a path with an unknown origin that taught", []string{
			"0s table A 1.2.0.0/16 = 100 701 {1 2} => filled",
			"0s table B 1.2.0.0/16 = 200 174 13335 => filled", loose,
		}},
		{"an empty tail of an unknown origin", []string{start, "0s table P 1.2.0.0/16 = 64512 => filled", loose}},
		{"such a path that has not taught does not", []string{
			start, "0s B 1.2.0.0/16 = 200 701 64512 13335 => changed u4 exp[13335]", known,
		}},
		{"a newcomer that enters with the baseline's origin does not", []string{start, asB, known}},
		{"a newcomer that enters with another origin, still a newcomer", []string{
			start, asB, "1h B 1.2.0.0/16 = 200 174 15169 => " +
				"changed prev[174 13335] rep[174] new[174] origin-new u3 exp[13335] held", loose,
			"1.2.0.0/16 => current [174 701] origins [13335]",
			"1.2.0.0/16 => newcomer origin 15169 first 3600",
		}},
		{"one of several routes through it is enough", []string{
			start, asB, "1h P 1.2.0.0/16 = 64512 174 15169 => changed rep[174] new[174] origin-new u3 exp[13335]", loose,
		}},
		{"and may be an extra ADD-PATH id", []string{
			start, asB, "1h P#1 1.2.0.0/16 = 64512 701 13335 => changed u3 exp[13335]",
			"1h P#2 1.2.0.0/16 = 64512 174 15169 => extra rep[174] new[174] origin-new u3 exp[13335]", loose,
		}},
		{"but not one that is down", []string{
			start, asB, "1h P 1.2.0.0/16 = 64512 174 15169 => changed rep[174] new[174] origin-new u3 exp[13335]",
			"2h P 1.2.0.0/16 - => withdrawn prev[174 15169] exp[13335] left loss held", known,
		}},
		{"nor one with another origin that runs past it", []string{
			start, asB, "1h P 1.2.0.0/16 = 64512 701 15169 => changed rep[701] origin-new u3 exp[13335]", known,
		}},
		{"a newcomer that enters with an unknown origin", []string{
			start, "0s B 1.2.0.0/16 = 200 174 64512 => changed rep[174] new[174] u3 exp[13335]", loose,
		}},
		{"a newcomer that enters with a break", []string{
			start, "0s B 1.2.0.0/16 = 200 174 64512 13335 => changed rep[174] new[174] u4 exp[13335]", loose,
		}},
	})
}

// TestMixedAcrossGenerations holds that both generations count, and that what
// mixes leaves with its generation.
func TestMixedAcrossGenerations(t *testing.T) {
	runScripts(t, []script{
		{"one origin in each", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 174 15169 => filled",
			"1s A 1.2.0.0/16 - => withdrawn prev[701 13335] exp[13335 15169] loss held",
			"719h59m A 1.2.0.0/16 = 100 701 13335 => changed prev[701 13335] rep[701] u3 l3 exp[13335 15169]",
			"720h B 1.2.0.0/16 = 200 174 15169 => unchanged",
			"1.2.0.0/16 => current [174] origins [15169]",
			"721h B 1.2.0.0/16 - => withdrawn prev[174 15169] exp[13335 15169] loss held",
			"1440h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1.2.0.0/16 => old [174] origins [15169]",
			"1440h C 1.2.0.0/16 = 300 701 15169 => changed rep[701] u3 exp[13335 15169]",
			"1441h C 1.2.0.0/16 = 300 701 13335 => changed prev[701 15169] rep[701] u3 l3 exp[13335 15169] held",
			"2160h A 1.2.0.0/16 = 100 701 13335 => unchanged",
			"1.2.0.0/16 => old [701] origins [13335]",
			"2160h B 1.2.0.0/16 = 200 701 13335 => changed prev[174 15169] u3 l3 exp[13335]",
		}},
		{"two in old", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"0s table B 1.2.0.0/16 = 200 174 15169 => filled",
			"1s B 1.2.0.0/16 - => withdrawn prev[174 15169] exp[13335 15169] loss held",
			"720h C 1.2.0.0/16 = 300 701 13335 => changed rep[701] u3 exp[13335 15169]",
			"1.2.0.0/16 => current [701] origins [13335]",
			"1440h B 1.2.0.0/16 = 200 701 13335 => changed prev[174 15169] u3 l3 exp[13335]",
		}},
		{"a loose old one, until it goes", []string{
			"0s table A 1.2.0.0/16 = 100 701 {1 2} => filled",
			"0s table B 1.2.0.0/16 = 200 174 13335 => filled",
			"1s A 1.2.0.0/16 - => withdrawn prev[701 0] exp[13335] loss held",
			"720h C 1.2.0.0/16 = 300 174 13335 => changed rep[174] u3 exp[13335]",
			"1.2.0.0/16 => current [174] origins [13335]",
			"1.2.0.0/16 => old [174 701] origins [13335]",
			"1440h A 1.2.0.0/16 = 100 174 13335 => changed prev[701 0] u3 l3 exp[13335]",
		}},
		{"a current one that is loose by its held routes", []string{
			"0s table A 1.2.0.0/16 = 100 701 13335 => filled",
			"719h A 1.2.0.0/16 = 100 701 64512 13335 => changed prev[701 13335] u4 l3 exp[13335] held",
			"719h B 1.2.0.0/16 = 200 701 13335 => changed u3 exp[13335]",
			"720h C 1.2.0.0/16 = 300 701 13335 => changed rep[701] u3 exp[13335]",
		}},
	})
}
